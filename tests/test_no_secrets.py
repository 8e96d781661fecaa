"""What is searched after every test is really searched: a test that leaves a secret behind fails."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bot.demo.clock import ManualClock
from bot.demo.slack.model import Call
from bot.demo.slack.small_slack import SmallSlack
from bot.store.engine.database import Database
from tests import no_secrets
from tests.store.databases import postgres, postgres_template
from tests.store.postgres import PostgresServer
from tests.store.rows import NOW

__all__ = ["postgres", "postgres_template"]

LEAK = "pscale_" + "tkn_leaked"


def leak(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE kept (what TEXT)"))
    connection.execute(text("INSERT INTO kept VALUES (:leak)"), {"leak": LEAK})


def left_behind() -> list[str]:
    """What was found so far, which is forgotten: it was this test's intention."""
    found = list(no_secrets._found)
    no_secrets._found.clear()
    return found


async def test_rows(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A secret in a row is found once the database is closed."""
    file = tmp_path_factory.mktemp("rows") / "bot.sqlite3"
    async with Database(f"sqlite:///{file}", begin_within=30) as database:
        await database.write(leak)
        assert left_behind() == []
    assert left_behind() == ["bot.sqlite3: pscale_tkn_l…"]


async def test_messages() -> None:
    """A secret in a message is found once the Slack that got it is closed."""
    slack = SmallSlack(ManualClock())
    said = {"text": LEAK}
    slack.calls.append(Call(at=NOW, method="chat.postMessage", arguments=said, status=200, answer={}))
    await slack.aclose()
    assert left_behind() == ["what Slack was told: pscale_tkn_l…"]


def test_files(tmp_path: Path) -> None:
    """A secret in a file is found, but for the one that gives the bot its secrets."""
    (tmp_path / ".env").write_text(LEAK)
    assert list(no_secrets.secrets_in_files(tmp_path.rglob("*"))) == []
    (tmp_path / "bot.log").write_text(f"asking with {LEAK}")
    assert list(no_secrets.secrets_in_files(tmp_path.rglob("*"))) == ["bot.log: pscale_tkn_l…"]
    (tmp_path / "bot.log").unlink()


@pytest.mark.parametrize(("log", "outcome"), [(LEAK, "failed"), ("a token is a secret", "passed")])
def test_the_log(log: str, outcome: str, request: pytest.FixtureRequest) -> None:
    """A secret in what a test has written to its log fails the test."""
    call = pytest.CallInfo.from_call(lambda: None, "teardown")
    report = pytest.TestReport.from_item_and_call(request.node, call)
    report.sections.append(("Captured stdout call", log))
    hook = no_secrets.pytest_runtest_makereport(request.node, call)
    next(hook)
    with pytest.raises(StopIteration) as ended:
        hook.send(report)
    assert ended.value.value.outcome == outcome


async def test_rows_of_a_server(postgres: PostgresServer, postgres_template: str) -> None:
    """Rows of PostgreSQL are all read before their database is dropped."""
    name = postgres.create(postgres_template)
    async with Database(postgres.url(name), begin_within=30) as database:
        await database.write(leak)
    postgres.drop(name)
    assert left_behind() == ["rows of PostgreSQL: pscale_tkn_l…"]
