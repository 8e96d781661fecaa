"""How often the bot calls Slack: not at all for what does not change, and within its rates otherwise."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.demo.slack.people import ANA
from tests.scenarios.conftest import MOVES, open_stage
from tests.scenarios.watched import watching

MINUTE, HOUR = 60.0, 3600.0
UPDATES = 45
"""In any minute."""


def most_in_a_minute(moments: Sequence[datetime]) -> int:
    """How many of these moments lie within one minute, at most."""
    minute = timedelta(minutes=1)
    return max((sum(1 for one in moments if start <= one < start + minute) for start in moments), default=0)


async def test_nothing_is_sent_while_nothing_changes() -> None:
    """A workflow that waits for people for an hour costs no call at all."""
    async with watching("verified_data") as stage:
        await stage.pass_time(MINUTE, 15)
        before = len(stage.slack.calls)
        await stage.pass_time(HOUR, 120)
        assert stage.slack.calls[before:] == []


async def test_a_copy_is_redrawn_once_a_minute() -> None:
    """A copy that runs for an hour is redrawn at most sixty times, and nothing is posted."""
    async with watching("copying", percent=20) as stage:
        before = len(stage.slack.calls)
        await stage.pass_time(HOUR, 30)
        calls = stage.slack.calls[before:]
        assert {call.method for call in calls} == {"chat.update"}
        assert 50 <= len(calls) <= 60


async def test_fifty_copies_at_once() -> None:
    """With fifty copies all updates together stay within 45 a minute, and a card for approval is there
    within seconds."""
    settings: dict[str, Any] = {"WORKFLOW_BOT_DATABASES": "shop", "WORKFLOW_BOT_CHANNEL": MOVES}
    async with open_stage(watches=True, **settings, WORKFLOW_BOT_API_BUDGET="600") as stage:
        for number in range(1, 51):
            name, branch = f"move-{number}", f"b{number}"
            stage.planetscale.add_workflow("shop", number, "copying", percent=20, name=name, branch=branch)
        stage.planetscale.add_workflow("shop", 60, "verified_data", ago=600.0)
        await stage.pass_time(MINUTE, 15)
        assert len(stage.cards()) == 51
        await stage.pass_time(30, 15)
        asked_at = stage.clock.now()
        await stage.type("switch-traffic shop 60 --replicas-only", ANA)
        await stage.pass_time(MINUTE, 10)
        posted = [
            call for call in stage.slack.calls_to("chat.postMessage") if "asks to" in call.arguments["text"]
        ]
        assert len(posted) == 1
        assert posted[0].at - asked_at <= timedelta(seconds=5)
        most = most_in_a_minute([call.at for call in stage.slack.calls_to("chat.update")])
        assert UPDATES - 10 <= most <= UPDATES
