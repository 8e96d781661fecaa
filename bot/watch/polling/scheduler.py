"""The scheduler: what the watcher does by itself, and how often."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.clock import Clock
from bot.runtime.tasks import until_stopped
from bot.watch.polling.pace import Pace
from bot.watch.polling.poller import Poller
from bot.watch.polling.pollers import Pollers
from bot.watch.polling.timekeeping import Timekeeper

log = structlog.stdlib.get_logger(__name__)

_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Any moment would do: the scheduler only compares its times with each other."""
STILL_SECONDS: Final = 60.0
"""A scheduler that has begun no job for so long is dead: it begins some every second."""
LONGEST_JOB: Final = 300.0
"""Seconds that a job may take; then it is cancelled, and begun anew at its time."""


class Scheduler:
    """Runs the watcher's jobs on APScheduler. Nothing is kept in it: what is due stands in rows.

    It goes by the monotonic clock. By the wall clock it would stand still for as long as that is set back,
    and count up every run that was missed when it jumps ahead.
    """

    def __init__(self, watcher: Poller | Pollers, pace: Pace, clock: Clock, timekeeper: Timekeeper) -> None:
        self._watcher = watcher
        self._pace = pace
        self._clock = clock
        self._timekeeper = timekeeper
        self._scheduler = AsyncIOScheduler()
        self._began_at: float | None = None
        """When the last job was begun, by the monotonic clock."""

    async def run(self, stop: asyncio.Event) -> None:
        """Run the jobs until `stop` is set. Raises `TimeoutError` once none is begun any more."""
        self.start()
        try:
            while not stop.is_set():
                await until_stopped(self._clock.sleep(STILL_SECONDS / 4), stop)
                if self._began_at is not None and self._clock.monotonic() - self._began_at > STILL_SECONDS:
                    raise TimeoutError("the scheduler begins no job any more")
        finally:
            self.stop()

    def start(self) -> None:
        """Begin; needs a running loop."""
        self._scheduler = AsyncIOScheduler(
            timezone=_Steady(self._clock),
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        often = min(1.0, self._pace.of(1).total_seconds())
        self._add("clock", self._timekeeper.compare, often)
        self._add("tick", self._watcher.tick, often)
        self._add("discover", self._watcher.discover, self._pace.of(5).total_seconds())
        self._add("clean-up", self._watcher.clean_up, 3600)
        self._began_at = self._clock.monotonic()
        self._scheduler.start()

    def wake(self) -> None:
        """Something is due at once. From any thread; before `start` it can wait for the first tick."""
        if self._scheduler.running:
            self._watcher.wake()

    def stop(self) -> None:
        """Start no job any more, and cut short what is under way: reads that a job started go on. Stop the
        watcher next.
        """
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _add(self, name: str, job: Callable[[], Awaitable[object]], seconds: float) -> None:
        async def at_the_edge() -> None:
            self._began_at = self._clock.monotonic()
            try:
                async with asyncio.timeout(LONGEST_JOB):
                    await job()
            except asyncio.CancelledError:
                log.debug("job_cut_short", job=name)  # by `stop`: APScheduler would call it an error
            except Exception:
                log.exception("job_failed", job=name)

        self._scheduler.add_job(at_the_edge, _Every(seconds), id=name, name=name)


class _Steady(tzinfo):
    """A "time zone" whose time is the monotonic clock: APScheduler asks `datetime.now` of its time zone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def fromutc(self, _moment: datetime) -> datetime:
        return (_BEGINNING + timedelta(seconds=self._clock.monotonic())).replace(tzinfo=self)

    def utcoffset(self, _moment: datetime | None) -> timedelta:
        return timedelta(0)

    def dst(self, _moment: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, _moment: datetime | None) -> str:
        return "monotonic"


class _Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """So many seconds from each run to the next; what was missed is not made up for."""

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now + self._interval
