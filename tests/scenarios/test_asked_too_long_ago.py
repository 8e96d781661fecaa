"""A request that the bot could not look at in time: nothing is sent hours after it was typed."""

import pytest

from bot.demo.slack.people import ANA
from tests.scenarios.conftest import MOVES, Stage, text
from tests.scenarios.restarting import restarted

DIRECT = "D0ANA"
HOURS = 6 * 3600.0
CREATE = "create shop main --name move --source-keyspace commerce --target-keyspace customer --tables orders"


async def taken_down(stage: Stage, typed: str) -> None:
    """Ana types it, and the bot dies before its worker looks at it."""
    delivery = await stage.slack.command(ANA, MOVES, "/workflow", typed)
    assert delivery.problem is None


@pytest.mark.parametrize(
    ("typed", "about"),
    [
        ("verify-data shop 3", "verify data, shop #3"),
        ("reverse-traffic shop 3", "reverse traffic, shop #3"),
        ("switch-traffic shop 3", "switch primaries, shop #3"),
        (CREATE, "create move in shop"),
    ],
)
async def test_after_a_long_outage_nothing_is_sent(http_stage: Stage, typed: str, about: str) -> None:
    """What was typed before an outage ends after it, whatever it needs; its requester is told, and why."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "cancelled" if typed == CREATE else "running")
    await taken_down(stage, typed)
    async with restarted(stage, after=HOURS):
        await stage.pass_time(10)
        assert stage.cards() == []
        assert stage.slack.ephemeral_for(ANA) == []
        assert stage.cards(DIRECT) == [
            text(
                f"""
                Your request ({about}), asked at 02:14:
                I could not look at this within five minutes of your asking, and it may not be what you \
                    want by now. If it is, ask again.
                Nothing was sent.
                """
            )
        ]
        assert stage.changes == []


async def test_a_number_that_was_left_out_is_not_found_hours_later(http_stage: Stage) -> None:
    """What is the only active workflow after an outage is not what was meant before it."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "running")
    await taken_down(stage, "verify-data shop")
    stage.planetscale.add_workflow("shop", 3, "cancelled")
    stage.planetscale.add_workflow("shop", 4, "running", name="another")
    async with restarted(stage, after=HOURS):
        await stage.pass_time(10)
        assert stage.changes == []
        assert stage.asked == []
        assert len(stage.cards(DIRECT)) == 1
        assert "#4" not in stage.cards(DIRECT)[0]


async def test_a_short_outage_loses_nothing(http_stage: Stage) -> None:
    """What was typed just before the bot was started anew is done by the new one."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "running")
    await taken_down(stage, "verify-data shop 3")
    async with restarted(stage, after=60):
        await stage.pass_time(10)
        assert stage.changes == ["PATCH shop/workflows/3/verify-data"]


async def test_planetscale_takes_it_too_late(http_stage: Stage) -> None:
    """What nobody has to approve is sent within five minutes of being asked for, or not at all."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "running")
    await taken_down(stage, "verify-data shop 3")
    stage.planetscale.trouble("rate-limited", on="mutation", times=None)
    async with restarted(stage, after=240):
        await stage.pass_time(100)
        assert stage.cards()[0].splitlines()[1] == (
            "Asked at 02:14, but it could not be sent by 02:19 · nothing was sent"
        )
        tried = len(stage.changes)
        await stage.pass_time(60)
        assert len(stage.changes) == tried
