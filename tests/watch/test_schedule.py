"""The scheduler runs the watcher by itself."""

import asyncio

from bot.clock import SystemClock
from bot.runtime.tasks import Grace
from bot.watch.polling.pace import Pace
from bot.watch.polling.poller import Poller
from bot.watch.polling.scheduler import Scheduler
from bot.watch.polling.timekeeping import Timekeeper
from tests.watch.conftest import Post


async def _until_read(post: Post) -> None:
    while (await post.get()).observed is None:  # noqa: ASYNC110 - a row tells no event
        await asyncio.sleep(0.01)


async def test_it_runs_by_itself(post: Post) -> None:
    """Once started, what is due is read without anybody asking; once stopped, nothing more is."""
    post.simulator.add_workflow("shop", 3, "running")
    await post.begin(3)
    schedule = Scheduler(post.watcher, Pace(1), SystemClock(), Timekeeper(post.database, post.clock))
    schedule.start()
    await asyncio.wait_for(_until_read(post), 20)
    schedule.stop()
    await post.watcher.stop(Grace())
    post.clock.advance(3600)
    assert await post.watcher.tick() == 0


async def test_waking_reads_at_once(post: Post) -> None:
    """Who begins a watch need not wait for the scheduler."""
    post.simulator.add_workflow("shop", 3, "running")
    await post.begin(3)
    post.watcher.wake()
    await asyncio.wait_for(_until_read(post), 20)


async def test_without_rows_it_says_so(post: Post) -> None:
    """A database that cannot be reached is no end of watching: readiness tells, and it goes on later."""
    watcher = Poller(post.services)
    await post.database.close()
    assert await watcher.tick() == 0
    assert not watcher.moving
