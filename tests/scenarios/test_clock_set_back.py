"""The machine's clock is set back: what is under way goes on, and nobody waits for the clock."""

from datetime import datetime, timedelta

import pytest

from bot.demo.clock import ManualClock
from tests.scenarios.conftest import Stage
from tests.scenarios.restarting import restarted
from tests.scenarios.watched import live, reads, watching

PRIMARIES = "switch-traffic shop 3"
BACK = pytest.mark.parametrize("seconds", [30, 600, 3600, 86_400])


class OwnClock:
    """The clock of the bot's machine: PlanetScale's and Slack's stay right when it is set back."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.behind = timedelta(0)

    def now(self) -> datetime:
        return self._clock.now() - self.behind

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


@BACK
@pytest.mark.parametrize(("trouble", "end"), [("lost-answer", "Done in "), ("cut-off", "Not seen to happen")])
async def test_a_request_that_is_read_back(http_stage: Stage, seconds: int, trouble: str, end: str) -> None:
    """Set back while the outcome is not known: the card says it as soon as reads prove it."""
    own = OwnClock(http_stage.clock)
    async with restarted(http_stage, clock=own) as stage:
        await stage.approved(PRIMARIES, "switched_replicas", trouble)
        own.behind = timedelta(seconds=seconds)
        await stage.pass_time(150, 10)
        assert stage.read().splitlines()[1].startswith(end)


@BACK
async def test_a_live_message(seconds: int) -> None:
    """Set back while rows are copied: the live message is drawn anew within two minutes."""
    async with watching("copying", percent=10.0) as stage:
        await stage.pass_time(300, 15)
        stage.clock.set_back(seconds)
        before = reads(stage, live(stage))
        await stage.pass_time(120, 15)
        assert reads(stage, live(stage)) != before


@BACK
async def test_a_message_that_was_put_off(http_stage: Stage, seconds: int) -> None:
    """Set back while Slack asks for patience: the card is posted when that is over."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    stage.slack.slow_down("chat.postMessage", retry_after=20)
    await stage.type(PRIMARIES)
    stage.clock.set_back(seconds)
    await stage.pass_time(60)
    assert len(stage.cards()) == 1


@BACK
async def test_while_the_bot_is_down(seconds: int) -> None:
    """Set back between two processes: the second one goes on where the first one stopped."""
    async with watching("copying", percent=10.0) as stage:
        await stage.pass_time(60, 15)
        stage.clock.set_back(seconds)
        async with restarted(stage) as second:
            before = len(second.asked)
            await second.pass_time(90, 15)
            assert len(second.asked) - before >= 4


@pytest.mark.parametrize("seconds", [3600, 86_400])
async def test_a_message_that_was_put_off_while_the_bot_is_down(http_stage: Stage, seconds: int) -> None:
    """Set back between two processes by more than anything is put off: the second one posts what waits."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_replicas")
    stage.slack.slow_down("chat.postMessage", retry_after=20)
    await stage.type(PRIMARIES)
    assert stage.cards() == []
    stage.clock.set_back(seconds)
    async with restarted(stage) as second:
        await second.pass_time(60)
        assert len(second.cards()) == 1
