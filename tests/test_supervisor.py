"""What becomes of a part of the process that dies."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from structlog.testing import capture_logs

from bot.operations.worker import Worker
from bot.runtime.figures import Figures
from bot.runtime.supervisor import Supervisor
from bot.runtime.tasks import Grace
from bot.watch.polling.pace import Pace
from bot.watch.polling.scheduler import Scheduler
from tests.simulated import run_simulated


class LoopClock:
    """The time of the running loop, which is simulated."""

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))


class Counted(Figures):
    """The parts that were started again."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def restarted(self, part: str) -> None:
        self.parts.append(part)


class Part:
    """Notes when it is started, and dies as it is told."""

    def __init__(self, *deaths: BaseException | None) -> None:
        self._deaths = list(deaths)
        self.begun: list[float] = []

    async def run(self, stop: asyncio.Event) -> None:
        self.begun.append(asyncio.get_running_loop().time())
        if not self._deaths:
            await stop.wait()
        elif error := self._deaths.pop(0):
            raise error


@pytest.mark.parametrize("death", [ValueError("broken"), asyncio.CancelledError(), None])
def test_a_part_that_dies(death: BaseException | None) -> None:
    """However it ends, it is told, counted and started again, later each time; readiness fails meanwhile."""
    part, figures = Part(*[death] * 9), Counted()

    async def kept() -> None:
        supervisor = Supervisor(LoopClock(), figures)
        supervisor.start("homes", part.run)
        supervisor.start("worker", Part().run)
        await asyncio.sleep(0.5)
        assert not supervisor.all_run
        await asyncio.sleep(3600)
        assert supervisor.all_run
        await supervisor.stop(Grace())

    with capture_logs() as lines:
        assert run_simulated(kept())[1] == pytest.approx(3600.5)
    pauses = [later - sooner for sooner, later in pairwise(part.begun)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert figures.parts == ["homes"] * 9
    assert [(line["event"], line["part"]) for line in lines] == [("part_died", "homes")] * 9


def test_a_part_that_died_long_ago() -> None:
    """What has run for long since is started again as soon as at the first time."""
    begun: list[float] = []

    async def dies_now_and_then(_stop: asyncio.Event) -> None:
        begun.append(asyncio.get_running_loop().time())
        await asyncio.sleep(100 if len(begun) > 3 else 0)

    async def kept() -> None:
        supervisor = Supervisor(LoopClock(), Figures())
        supervisor.start("homes", dies_now_and_then)
        await asyncio.sleep(300)
        await supervisor.stop(Grace())

    with capture_logs():
        run_simulated(kept())
    assert begun == [0, 1, 3, 7, 108, 209]


def test_a_scheduler_that_begins_nothing_any_more() -> None:
    """A scheduler whose timer is lost does not leave the watch standing still: it is started anew."""
    watcher, ticked = Mock(), list[float]()

    async def tick() -> None:
        ticked.append(asyncio.get_running_loop().time())

    watcher.configure_mock(tick=tick, discover=AsyncMock(), clean_up=AsyncMock())

    async def kept() -> None:
        schedule: Any = Scheduler(watcher, Pace(15), LoopClock(), Mock(compare=AsyncMock()))
        supervisor = Supervisor(LoopClock(), Figures())
        supervisor.start("scheduler", schedule.run)
        await asyncio.sleep(10.5)
        schedule._scheduler._stop_timer()
        await asyncio.sleep(120)
        await supervisor.stop(Grace())

    with capture_logs() as lines:
        run_simulated(kept())
    assert [line["event"] for line in lines] == ["part_died"]
    gaps = [later - sooner for sooner, later in pairwise(ticked)]
    assert 60 < max(gaps) < 90
    assert ticked[-1] > 125


def test_a_worker_whose_leases_are_renewed_no_more() -> None:
    """It does not go on with what others may take over: it ends, and is started again as a whole."""

    async def broken() -> None:
        raise ValueError("a fault of the bot")

    async def worked() -> None:
        worker: Any = Worker(Mock(clock=LoopClock()), alone=False)
        worker._leases = Mock(keep=broken)
        await worker.run(asyncio.Event())

    with capture_logs(), pytest.raises(ValueError, match="a fault of the bot"):
        run_simulated(worked())
