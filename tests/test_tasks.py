"""How what is under way ends when the process is told to stop."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any
from unittest.mock import Mock

import pytest

from bot.clock import SystemClock
from bot.operations.worker import Worker
from bot.runtime.tasks import Grace, Tasks
from bot.watch.polling.poller import Poller
from tests.simulated import run_simulated

GRACE = Grace()


async def _for(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def _deaf(asked: int = 2) -> None:
    """Goes on although it is cancelled so often, like a transaction that has begun."""
    for _ in range(asked):
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
    await asyncio.sleep(3600)


async def _slow_to_let_go() -> None:
    try:
        await asyncio.sleep(3600)
    finally:
        await asyncio.sleep(1)


def _nothing() -> Coroutine[Any, Any, None]:
    return _for(0)


ENDS = [
    pytest.param(_nothing, 0.0, id="nothing to wait for"),
    pytest.param(lambda: _for(14), 14.0, id="it ends by itself"),
    pytest.param(lambda: _for(3600), GRACE.work, id="it ends when it is cancelled"),
    pytest.param(_slow_to_let_go, GRACE.work + 1, id="it takes a second to let go"),
    pytest.param(_deaf, GRACE.work + GRACE.cancelled, id="it does not end"),
]


@pytest.mark.parametrize(("work", "seconds"), ENDS)
def test_what_is_under_way(work: Callable[[], Coroutine[Any, Any, None]], seconds: float) -> None:
    """What runs has fifteen seconds, then it is cancelled, and what does not let go is not waited for."""

    async def drained() -> None:
        tasks = Tasks()
        tasks.spawn(work(), "work")
        await tasks.drain(GRACE)

    assert run_simulated(drained())[1] == pytest.approx(seconds)


def test_work_that_makes_more_work() -> None:
    """What is started while others end has to end in the same time, not in as much again."""

    async def drained() -> None:
        tasks = Tasks()

        async def again() -> None:
            await asyncio.sleep(10)
            tasks.spawn(again(), "again")

        tasks.spawn(again(), "again")
        await tasks.drain(GRACE)

    assert run_simulated(drained())[1] == pytest.approx(GRACE.work)


def test_the_whole_of_it() -> None:
    """Requests, work and leases, one after the other, leave a second until the process ends in any case."""
    requests = 5.1
    assert requests + GRACE.work + GRACE.cancelled * 2 < GRACE.last < 25


class _HangingDatabase:
    """Begins whatever it is asked for, and never comes to an end of it."""

    async def write(self, *_: Any, **__: Any) -> None:
        await _deaf()

    read = write


def test_the_worker() -> None:
    """A worker whose database does not answer any more holds nobody up for longer than everything else."""

    async def stopped() -> None:
        parts: Any = Mock(database=_HangingDatabase(), clock=SystemClock())
        worker, loops, stop = Worker(parts, alone=True), Tasks(), asyncio.Event()
        loops.spawn(worker.run(stop), "worker")
        await asyncio.sleep(0)
        stop.set()
        await asyncio.gather(worker.stop(GRACE), loops.drain(GRACE))

    assert run_simulated(stopped())[1] == pytest.approx(GRACE.work + GRACE.cancelled)


def test_the_watcher() -> None:
    """Leases that cannot be given back are left to their time."""

    async def stopped() -> None:
        parts: Any = Mock(database=_HangingDatabase(), clock=SystemClock(), databases=())
        await Poller(parts).stop(GRACE)

    assert run_simulated(stopped())[1] == pytest.approx(GRACE.cancelled)
