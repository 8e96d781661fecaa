"""The scheduler runs the watcher by itself."""

import asyncio
import logging
from unittest.mock import AsyncMock, Mock

import pytest

from bot.clock import SystemClock
from bot.runtime.tasks import Grace
from bot.watch.polling.pace import Pace
from bot.watch.polling.poller import Poller
from bot.watch.polling.scheduler import Scheduler
from bot.watch.polling.timekeeping import Timekeeper
from tests.watch.conftest import WatchStage


async def _until_read(stage: WatchStage) -> None:
    while (await stage.get()).observed is None:  # noqa: ASYNC110 - a row tells no event
        await asyncio.sleep(0.01)


async def test_it_runs_by_itself(stage: WatchStage) -> None:
    """Once started, what is due is read without anybody asking; once stopped, nothing more is."""
    stage.simulator.add_workflow("shop", 3, "running")
    await stage.begin(3)
    schedule = Scheduler(stage.poller, Pace(1), SystemClock(), Timekeeper(stage.database, stage.clock))
    schedule.start()
    await asyncio.wait_for(_until_read(stage), 20)
    schedule.stop()
    await stage.poller.stop(Grace())
    stage.clock.advance(3600)
    assert await stage.poller.tick() == 0


async def test_a_stop_in_the_middle_of_a_job(caplog: pytest.LogCaptureFixture) -> None:
    """A process that is told to stop while a job is under way tells of no error."""
    begun = asyncio.Event()

    async def tick() -> None:
        begun.set()
        await asyncio.Event().wait()

    watcher = Mock(tick=tick, discover=AsyncMock(), clean_up=AsyncMock())
    schedule = Scheduler(watcher, Pace(0.1), SystemClock(), Mock(compare=AsyncMock()))
    schedule.start()
    await asyncio.wait_for(begun.wait(), 20)
    schedule.stop()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


async def test_waking_reads_at_once(stage: WatchStage) -> None:
    """Who begins a watch need not wait for the scheduler."""
    stage.simulator.add_workflow("shop", 3, "running")
    await stage.begin(3)
    stage.poller.wake()
    await asyncio.wait_for(_until_read(stage), 20)


async def test_without_rows_it_says_so(stage: WatchStage) -> None:
    """A database that cannot be reached is no end of watching: readiness tells, and it goes on later."""
    poller = Poller(stage.services)
    await stage.database.close()
    assert await poller.tick() == 0
    assert not poller.moving
