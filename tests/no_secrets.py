"""Everything that a test leaves behind is searched for secrets: its log, its files, its rows, its messages.

Imported into the conftest of all tests: a test that leaves one behind fails, whatever it is about.
"""

import json
import re
from collections.abc import Generator, Iterator
from functools import wraps
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest
from psycopg import sql

from bot.demo.house import TOKEN, TOKEN_ID
from bot.demo.slack.small_slack import SmallSlack
from bot.store.engine.files import files_of_database
from bot.store.engine.guard import FileGuard
from tests.store.postgres import PostgresServer

_SECRETS: Final = re.compile(
    rb"xox[a-z]-[\w-]{3,}|xapp-[\w-]{3,}|pscale_tkn_[\w-]{3,}|hunter2|not-asked-for|small-slack-signing-secret"
    rb"|8f742231b10e8888abcd99yyyzzz85a5|\b%b\b|%b"
    % (re.escape(TOKEN_ID).encode(), re.escape(TOKEN).encode())
)
"""The credentials of the stand-ins and of the tests, and what looks like one of theirs."""
_GIVEN: Final = re.compile(r"\.env.*|.*settings.*\.json")
"""Files from which a bot reads its secrets."""
_found: Final[list[str]] = []
"""Where secrets stand that the test which runs now left behind."""


def secrets_in(content: bytes) -> list[str]:
    """The beginnings of those that stand there."""
    return sorted({f"{found.group().decode()[:12]}…" for found in _SECRETS.finditer(content)})


def secrets_in_files(files: Iterator[Path]) -> Iterator[str]:
    """In which of these files secrets stand. A file that is not there, or was given them, has none."""
    for file in files:
        if file.is_file() and not _GIVEN.fullmatch(file.name) and (found := secrets_in(file.read_bytes())):
            yield f"{file.name}: {', '.join(found)}"


@pytest.fixture(scope="session", autouse=True)
def everything_is_searched() -> Iterator[None]:
    """Rows when their database is closed, messages when the Slack that got them is."""
    release, aclose, drop = FileGuard.release, SmallSlack.aclose, PostgresServer.drop

    @wraps(release)
    def released(guard: FileGuard) -> None:
        release(guard)
        _found.extend(secrets_in_files(iter(files_of_database(guard._file))))

    @wraps(aclose)
    async def closed(slack: SmallSlack) -> None:
        await aclose(slack)
        said = json.dumps([[call.arguments, call.answer] for call in slack.calls], default=str)
        _found.extend(f"what Slack was told: {one}" for one in secrets_in(said.encode()))

    @wraps(drop)
    def dropped(server: PostgresServer, name: str) -> None:
        _found.extend(f"rows of PostgreSQL: {one}" for one in secrets_in(_rows(server, name).encode()))
        drop(server, name)

    with (
        patch.object(FileGuard, "release", released),
        patch.object(SmallSlack, "aclose", closed),
        patch.object(PostgresServer, "drop", dropped),
    ):
        yield


def _rows(server: PostgresServer, name: str) -> str:
    """All rows of all tables, as text."""
    with server.client(name) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        every = [sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(one)) for (one,) in tables]
        rows = connection.execute(sql.SQL(" UNION ALL ").join(every)).fetchall() if every else []
    return "\n".join(text for (text,) in rows)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Files, before they are removed."""
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if isinstance(folder, Path):
        _found.extend(secrets_in_files(folder.rglob("*")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Whoever left a secret behind has failed. `item`, `call`: as pytest names them."""
    report = yield
    if report.when == "teardown":
        written = [text for name, text in report.sections if "stdout" in name or "stderr" in name]
        logged = secrets_in("".join(written).encode("utf-8", "replace"))
        found = [*_found, *(f"the log: {one}" for one in logged)]
        _found.clear()
        if found and report.passed:
            report.outcome = "failed"
            report.longrepr = "\n".join(("A secret was left behind in", *found))
    return report
