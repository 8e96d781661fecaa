"""A dialog that somebody agrees to after its card has ended: they are told what happened meanwhile."""

import pytest

from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA, BEN, CHIOMA
from tests.scenarios.conftest import MOVES, Stage, open_stage
from tests.scenarios.watched import outside

REPLICAS = "switch-traffic shop 3 --replicas-only"


async def _open(stage: Stage) -> Message:
    """The card as Ben has it before him while its dialog is open."""
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)
    assert stage.dialog("op_approve").splitlines()[0].startswith("Switch replica reads of shop #3")
    return stage.card()


async def _ends(stage: Stage, how: str) -> None:
    match how:
        case "withdrawn":
            await stage.press(ANA, "op_withdraw")
        case "denied":
            await stage.press(CHIOMA, "op_deny")
        case "expired":
            await stage.pass_time(31 * 60, 60)
        case _:
            await stage.press(CHIOMA, "op_approve")
            await stage.pass_time(60, 5)


TOLD = {
    "withdrawn": "Too late: Ana withdrew this at 03:14.",
    "denied": "Too late: Chioma denied this at 03:14.",
    "expired": "Too late: it expired at 03:44. Nothing was sent.",
    "approved by somebody else": "Too late: it was sent, and ended at 03:14.",
}
"""In Ben's own time, which is an hour later than that of the others."""


@pytest.mark.parametrize("button", ["op_approve", "op_deny"])
@pytest.mark.parametrize("how", TOLD)
async def test_a_card_that_ended_while_its_dialog_was_open(http_stage: Stage, how: str, button: str) -> None:
    """Whoever agrees in the dialog of a card that has ended is told so alone, and nothing is sent by it."""
    stage = http_stage
    before = await _open(stage)
    await _ends(stage, how)
    sent, shown = list(stage.changes), [stage.read(one) for one in stage.slack.messages(MOVES)]
    assert await stage.press(BEN, button, before) == TOLD[how]
    await stage.pass_time(60, 10)
    assert stage.changes == sent
    assert [stage.read(one) for one in stage.slack.messages(MOVES)] == shown


async def test_a_card_that_is_out_of_date(http_stage: Stage) -> None:
    """Where the workflow was changed by somebody else meanwhile, agreeing in the dialog sends nothing: the
    card ends by it and says what changed, and its thread calls whoever asked and whoever agreed."""
    before = await _open(http_stage)
    http_stage.planetscale.outside("shop", 3, "switch-replicas")
    await http_stage.pass_time(60, 15)
    await http_stage.press(BEN, "op_approve", before)
    assert http_stage.read().splitlines()[1] == "Out of date since 02:15 · nothing was sent"
    assert http_stage.replies()[-1].splitlines() == [
        "Out of date: Replica reads are on customer already, since 02:14.",
        "Nothing was sent. @Ana @Ben",
    ]
    assert http_stage.changes == []


async def test_a_card_that_watching_found_out_of_date() -> None:
    """Where that was seen before, the card has ended already, and whoever agrees is told so alone."""
    async with open_stage(watches=True) as stage:
        before = await _open(stage)
        await outside(stage, "switch-replicas")
        told = "Too late: it is out of date since 03:14. Nothing was sent."
        assert await stage.press(BEN, "op_approve", before) == told
        assert stage.changes == []
