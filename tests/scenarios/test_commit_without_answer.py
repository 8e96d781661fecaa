"""The connection to the database is cut off while it stores what somebody asked or pressed."""

import pytest
from sqlalchemy import Connection

from bot.demo.slack.people import ANA, BEN
from bot.operations import intake
from bot.slack.handlers import button_presses
from tests.scenarios.conftest import MOVES, Stage
from tests.store.cuts import Cuts

ASKED = "switch-traffic shop 3 --replicas-only"
NOT_KNOWN = "It is not known whether this was taken. Look at the card; do not use pscale."
NOTHING_DONE = """I cannot take this down right now, so nothing was done. Try again in a minute.
In an emergency, and if no card of shop #3 says that something is under way or not known:
pscale workflow switch-traffic shop 3 --replicas-only --org acme
[Open in PlanetScale]"""


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_approval_is_read_back(
    http_stage: Stage, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """An approval whose COMMIT had no answer counts once and is acknowledged as ever: no word of failure."""
    http_stage.planetscale.add_workflow("shop", 3, "verified_data")
    await http_stage.type(ASKED)
    Cuts(monkeypatch, button_presses._take, when)
    assert await http_stage.press(BEN, "op_approve") == ""
    await http_stage.pass_time(5)
    assert http_stage.changes == ["PATCH shop/workflows/3/switch-replicas"]
    assert await http_stage.bot.database.read(_count, "decisions") == 1


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_command_is_read_back(http_stage: Stage, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """A command whose COMMIT had no answer is one request with one card, as ever."""
    http_stage.planetscale.add_workflow("shop", 3, "verified_data")
    Cuts(monkeypatch, intake.take, when)
    assert await http_stage.type(ASKED) == ""
    assert len(http_stage.cards()) == 1
    assert await http_stage.bot.database.read(_count, "operations") == 1


@pytest.mark.parametrize("then", [["before", "before"], ["before", "at once"], ["at once"]])
async def test_what_cannot_be_read_back(
    http_stage: Stage, monkeypatch: pytest.MonkeyPatch, then: list[str]
) -> None:
    """As long as nobody knows, nobody reads that nothing was done, nor that pscale is the way."""
    http_stage.planetscale.add_workflow("shop", 3, "verified_data")
    Cuts(monkeypatch, intake.take, "after", *then)
    await http_stage.slack.command(ANA, MOVES, "/workflow", ASKED)
    assert http_stage.slack.visible_text(http_stage.private(ANA), ANA) == NOT_KNOWN
    await http_stage.settle()
    Cuts(monkeypatch, button_presses._take, "before", *then)
    assert await http_stage.press(BEN, "op_approve") == NOT_KNOWN
    assert http_stage.changes == []


async def test_what_certainly_came_to_nothing(http_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that was away from the start is no doubt: nothing was done, and that is said."""
    Cuts(monkeypatch, intake.take, "at once")
    await http_stage.slack.command(ANA, MOVES, "/workflow", ASKED)
    assert http_stage.slack.visible_text(http_stage.private(ANA), ANA) == NOTHING_DONE


def _count(connection: Connection, table: str) -> int:
    found: int = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()  # noqa: S608
    return found
