"""The scheduler: what the watcher does by itself, and how often."""

from collections.abc import Awaitable, Callable

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.watch.pace import Pace
from bot.watch.watcher import Watcher
from bot.watch.watchers import Watchers

log = structlog.stdlib.get_logger(__name__)

MISFIRE_SECONDS = 3600
"""A job that is late by less is done once, as soon as there is time."""


class Schedule:
    """Runs the watcher's jobs on APScheduler. Nothing is kept in it: what is due stands in rows."""

    def __init__(self, watcher: Watcher | Watchers, pace: Pace) -> None:
        self._watcher = watcher
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_SECONDS},
        )
        often = min(1.0, pace.of(1).total_seconds())
        self._add("tick", watcher.tick, often)
        self._add("discover", watcher.discover, pace.of(5).total_seconds())
        self._add("clean-up", watcher.clean_up, 3600)

    def start(self) -> None:
        """Begin; needs a running loop."""
        self._scheduler.start()

    def wake(self) -> None:
        """Something is due at once. From any thread; before `start` it can wait for the first tick."""
        if self._scheduler.running:
            self._watcher.wake()

    def stop(self) -> None:
        """Start no job any more. What is under way goes on: stop the watcher next."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _add(self, name: str, job: Callable[[], Awaitable[object]], seconds: float) -> None:
        async def at_the_edge() -> None:
            try:
                await job()
            except Exception:
                log.exception("job_failed", job=name)

        self._scheduler.add_job(at_the_edge, "interval", seconds=seconds, id=name, name=name)
