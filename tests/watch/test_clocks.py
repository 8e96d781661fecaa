"""The scheduler goes by the monotonic clock, whatever happens to the wall clock."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from apscheduler.schedulers import base

from bot.clock import SystemClock
from bot.watch.polling.pace import Pace
from bot.watch.polling.scheduler import Scheduler
from bot.watch.polling.timekeeping import Timekeeper
from tests.watch.conftest import WatchStage


class Wall(datetime):
    """The machine's wall clock, as APScheduler asks for it."""

    jumped = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return (datetime.now(UTC) + cls.jumped).astimezone(tz)


class Ticking(SystemClock):
    """The machine's monotonic clock, until somebody moves it."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - the scheduler tells no event
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("jump", [-3600, -60, 86_400 * 365 * 10], ids=str)
async def test_the_scheduler_ticks_on(stage: WatchStage, monkeypatch: pytest.MonkeyPatch, jump: int) -> None:
    """Set back an hour or ahead ten years: the watcher ticks as before, and is not told to catch up."""
    monkeypatch.setattr(base, "datetime", Wall)
    monkeypatch.setattr(Wall, "jumped", timedelta(0))
    ticks: list[float] = []
    monkeypatch.setattr(stage.poller, "tick", _counting(ticks))
    schedule = Scheduler(stage.poller, Pace(1), SystemClock(), Timekeeper(stage.database, stage.clock))
    schedule.start()
    await asyncio.wait_for(_until(lambda: bool(ticks)), 20)
    monkeypatch.setattr(Wall, "jumped", timedelta(seconds=jump))
    before = len(ticks)
    await asyncio.wait_for(_until(lambda: len(ticks) >= before + 3), 20)
    schedule.stop()


async def test_what_was_missed_is_not_made_up_for(stage: WatchStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that stood still for a month does each job once, and goes on."""
    ticks: list[float] = []
    monkeypatch.setattr(stage.poller, "tick", _counting(ticks))
    clock = Ticking()
    schedule = Scheduler(stage.poller, Pace(1), clock, Timekeeper(stage.database, stage.clock))
    schedule.start()
    await asyncio.wait_for(_until(lambda: bool(ticks)), 20)
    before, clock.ahead = len(ticks), 86_400.0 * 30
    await asyncio.wait_for(_until(lambda: len(ticks) > before), 20)
    assert len(ticks) - before <= 2
    schedule.stop()


def _counting(ticks: list[float]) -> Callable[[], Awaitable[int]]:
    async def tick() -> int:
        ticks.append(0.0)
        return 0

    return tick


async def test_a_watcher_that_does_not_tick_is_told(stage: WatchStage) -> None:
    """Readiness sees a scheduler that stands still, and sees it move again."""
    assert stage.poller.moving
    stage.clock.advance(61)
    assert not stage.poller.moving
    await stage.poller.tick()
    assert stage.poller.moving
    stage.clock.set_back(3600)
    assert stage.poller.moving
