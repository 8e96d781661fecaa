"""`workflow-bot audit` and `migrate`, as somebody types them."""

import asyncio
import csv
import io
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.cli import main
from bot.operations.request_record import COLUMNS
from bot.slack.directory import Home
from bot.store import audit
from bot.store.engine.database import Database
from tests.log_setup import log_setup_kept
from tests.store.databases import new_file

NOBODY_ANSWERS = {
    "SLACK_BOT_TOKEN": "xoxb-1-secret",
    "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "SLACK_API_URL": "http://127.0.0.1:1/",
    "PLANETSCALE_SERVICE_TOKEN_ID": "tokenid",
    "PLANETSCALE_SERVICE_TOKEN": "pscale_tkn_secret",
    "PLANETSCALE_ORG": "acme",
    "PLANETSCALE_API_URL": "http://127.0.0.1:1/",
}


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with log_setup_kept():
        yield


def test_an_audit_where_there_is_no_database(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the wrong folder the export says which file is not there, and makes none."""
    assert main(["audit", "--format", "csv"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        f"There is no database at {tmp_path}/workflow-bot.sqlite3. "
        "Set DATABASE_URL, or change to the working directory of the bot.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "something else" * 100])
def test_an_audit_of_something_else(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong is said beside the export, never in it, and without a traceback."""
    (tmp_path / "workflow-bot.sqlite3").write_text(content)
    assert main(["audit"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1


def test_migrate_then_audit(capsys: pytest.CaptureFixture[str]) -> None:
    """A new database is made by `migrate`, and its audit log is empty but for the heading."""
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "The database is at the current schema now.",
        "The database is at the current schema already.",
    ]
    assert main(["audit", "--format", "csv"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert list(csv.DictReader(printed.out.splitlines())) == []
    assert printed.out


def test_an_audit_of_no_requests(capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing was asked for, the rows of requests are an empty list, or a heading alone."""
    assert main(["migrate"]) == 0
    capsys.readouterr()
    assert main(["audit", "--requests", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["audit", "--requests", "--format", "csv", "--since", "2026-11-01"]) == 0
    assert capsys.readouterr().out == f"{','.join(COLUMNS)}\n"


def test_a_migration_that_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A database that cannot be reached is told as an error, without its password."""
    monkeypatch.setenv("DATABASE_URL", "postgres://ana:secret@127.0.0.1:1/x")
    for command in ("migrate", "audit"):
        assert main([command]) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert "Connection refused" in printed.err
        assert "secret" not in printed.err


def told() -> None:
    """Three lines in the database of this folder."""

    def write(connection: Connection) -> None:
        for what in ("asked", "approved", "ended"):
            audit.record(connection, datetime(2026, 1, 1, tzinfo=UTC), "U1", what)

    async def give() -> None:
        async with Database("sqlite:///workflow-bot.sqlite3", begin_within=30) as database:
            await database.write(write)

    asyncio.run(give())


def forge(*statements: str) -> None:
    with closing(sqlite3.connect("workflow-bot.sqlite3")) as file, file:
        for change in ("update", "delete"):
            file.execute(f"DROP TRIGGER IF EXISTS audit_no_{change}")
        for statement in statements:
            file.execute(statement)


def test_a_whole_audit_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`audit --verify` says that the log is whole and prints its head, by which it can be verified later."""
    new_file(tmp_path, "workflow-bot.sqlite3")
    assert main(["audit", "--verify"]) == 0
    assert capsys.readouterr().out == "The audit log is whole: 0 lines.\n"
    told()
    capsys.readouterr()
    assert main(["audit", "--verify"]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "The audit log is whole: 3 lines."
    head = second.removeprefix("Head: ")
    told()
    assert main(["audit", "--verify", "--kept", head]) == 0
    capsys.readouterr()
    forge("DELETE FROM audit", "UPDATE audit_head SET lines = 0, last_id = 0, hash = ''")
    assert main(["audit", "--verify"]) == 0
    assert main(["audit", "--verify", "--kept", head]) == 3
    assert "cut off, or written anew" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["audit", "--verify", "--kept", "last tuesday"])
    assert ended.value.code == 2


def test_an_audit_log_that_is_not_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 3, and beside it stands where the log stops to be what was written."""
    new_file(tmp_path, "workflow-bot.sqlite3")
    told()
    for statement, said in (
        (
            "UPDATE audit SET who = 'UEVE' WHERE id = 2",
            "Line 2 (2026-01-01T00:00:00.000Z) does not fit the lines before it: it or one of them was "
            "changed, or lines between them are missing. Up to line 1 all fit.",
        ),
        ("DELETE FROM audit WHERE id > 1", "Missing at its end: 2 lines, of 3."),
        ("DELETE FROM audit_head", "Where it ends was written down with each line, and is gone."),
    ):
        forge(statement)
        capsys.readouterr()
        assert main(["audit", "--verify"]) == 3
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.splitlines() == ["The audit log is not whole.", said]


def test_an_export_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--output` writes a new file that only its owner can open, and replaces none."""
    before = os.umask(0)
    try:
        assert main(["migrate"]) == 0
        told()
        file = tmp_path / "audit.csv"
        assert main(["audit", "--format", "csv", "--output", str(file)]) == 0
        assert len(file.read_text(encoding="utf-8").splitlines()) == 4
        assert {one.stat().st_mode & 0o077 for one in tmp_path.iterdir()} == {0}
        capsys.readouterr()
        assert main(["audit", "--output", str(file)]) == 1
        assert capsys.readouterr().err == f"{file} cannot be written: File exists.\n"
        assert os.umask(0) == 0
    finally:
        os.umask(before)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii", "utf-16"])
@pytest.mark.parametrize("form", ["csv", "jsonl", "json"])
def test_an_export_is_utf_8(
    monkeypatch: pytest.MonkeyPatch, encoding: str, form: str, tmp_path: Path
) -> None:
    """Reasons in any language are exported whole, whatever the locale: the file is UTF-8."""
    new_file(tmp_path, "workflow-bot.sqlite3")
    reason = "Nicht jetzt – 明日 🙏"

    def given(connection: Connection) -> None:
        audit.record(connection, datetime(2026, 1, 1, tzinfo=UTC), "U1", "gave a reason", None, reason=reason)

    async def give() -> None:
        async with Database("sqlite:///workflow-bot.sqlite3", begin_within=30) as database:
            await database.write(given)

    asyncio.run(give())
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding, write_through=True))
    assert main(["audit", "--format", form]) == 0
    assert reason in written.getvalue().decode("utf-8").replace("\\\\", "\\")


@pytest.mark.parametrize("command", ["migrate", "audit", "run", "check"])
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("newer", "has the schema of a newer version of the bot: run that version"),
        ("other", "the file is no SQLite database; move it away"),
        ("damaged", "the database file is damaged; stop the bot and restore a copy of it"),
        ("linked", "has 2 names (hard links)"),
        ("folder", "is no file"),
        ("pooled", "DATABASE_URL is not usable: PostgreSQL knows no option pgbouncer"),
        ("password", "DATABASE_URL is not usable: the database's address has an @ too many"),
        ("away", "Connection refused"),
    ],
)
def test_a_database_that_cannot_be_used(
    command: str,
    state: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Whichever command meets it: one line says what is wrong and what to do, without a traceback."""
    new_file(tmp_path, "workflow-bot.sqlite3")
    _spoil(state, monkeypatch)
    capfd.readouterr()
    for name, value in NOBODY_ANSWERS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("bot.app.find_home", _find_home)
    assert main([command]) in {1, 2}
    printed = capfd.readouterr()
    told = [line for line in (printed.out + printed.err).splitlines() if said in line]
    assert len(told) == 1
    assert "Traceback" not in printed.out + printed.err
    assert "hunter" not in printed.out + printed.err


async def _find_home(*_: object) -> Home:
    return Home("T0ACME", None, "U0BOT", None, "")


def _spoil(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path("workflow-bot.sqlite3")
    if state == "newer":
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = 'v9999'")
    elif state == "other":
        file.write_text("something else" * 1000)
    elif state == "damaged":
        whole = file.read_bytes()
        file.write_bytes(whole[:4096] + b"\x5a" * (len(whole) - 4096))
    elif state == "linked":
        os.link(file, "second.sqlite3")
    elif state == "folder":
        file.unlink()
        file.mkdir()
    else:
        rest = {
            "pooled": "hunter22@h/b?pgbouncer=true",
            "password": "hunter@22@h/b",
            "away": "hunter22@127.0.0.1:1/b",
        }
        monkeypatch.setenv("DATABASE_URL", f"postgres://u:{rest[state]}")
