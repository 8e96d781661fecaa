"""One operation is one grep."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.demo.slack.people import ANA, BEN
from bot.logs import configure_logs
from bot.store.engine.database import Database
from bot.store.errors import DatabaseUnavailableError
from tests.log_setup import log_setup_kept
from tests.scenarios.conftest import Stage


class Log:
    """What the bot writes meanwhile."""

    def __init__(self) -> None:
        self.written = io.StringIO()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    with log_setup_kept():
        kept = Log()
        configure_logs("debug", "json", stream=kept.written)
        yield kept


async def test_one_operation_is_one_grep(http_stage: Stage, log: Log) -> None:
    """Every line that names an operation, or tells of what was done for it, has its id under `operation`."""
    stage = http_stage
    for number in (3, 4):
        stage.planetscale.add_workflow("shop", number, "switched_primaries", ago=26 * 3600)
    stage.slack.fail("chat.postMessage", status=503)
    await stage.type("cutover shop 3")
    await stage.type("cutover shop 4")
    await stage.press(BEN, "op_deny", stage.shown()[0])
    await stage.press(ANA, "op_ask_again", stage.shown()[0])
    stage.planetscale.trouble("rate-limited", on="mutation")
    await stage.press(BEN, "op_approve", stage.shown()[1])
    await stage.pass_time(120)

    asked = [one["operation"] for one in log.lines if one.get("what") == "asked"]
    assert len(asked) == 3
    for line in log.lines:
        named = {one for one in asked if one in json.dumps(line)}
        assert not named or line.get("operation") in named, line
    told = {one["event"] for one in log.lines if one.get("operation") == asked[0]}
    assert {"audit", "request to PlanetScale", "message_put_off"} <= told
    sent = [one for one in log.lines if one.get("method") == "PATCH"]
    assert [one["operation"] for one in sent] == [asked[1]] * 2
    assert "not_carried_out" in {one["event"] for one in log.lines if one.get("operation") == asked[1]}


async def test_what_cannot_be_taken_down(stage: Stage, log: Log) -> None:
    """A press that the database does not take is told under the operation's id; the next payload is not."""
    stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=26 * 3600)
    await stage.type("cutover shop 3")

    async def away(*_: object, **__: object) -> None:
        raise DatabaseUnavailableError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "write", away)
        await stage.slack.press(BEN, stage.card(), "op_approve")
    await stage.type("show shop 3", user=BEN)
    [asked] = [one["operation"] for one in log.lines if one.get("what") == "asked"]
    [untaken] = [at for at, one in enumerate(log.lines) if one["event"] == "not_taken_down"]
    assert log.lines[untaken]["operation"] == asked
    assert not any("operation" in one for one in log.lines[untaken + 1 :])
