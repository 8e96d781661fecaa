"""Notices when the wall clock jumps: by hand, by NTP, or because the machine was suspended."""

from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.runtime.sampled import Sampled
from bot.store.engine.database import Database
from bot.store.engine.lane import WorkPriority
from bot.store.errors import StoreError
from bot.store.set_back import bring_back

log = structlog.stdlib.get_logger(__name__)

JUMP = timedelta(seconds=1)
"""A clock that is only steered stays far below this between two looks."""


class Timekeeper:
    """Compares the wall clock with the monotonic one. A jump ahead needs nothing: all is due at once."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._beginning = self._offset()
        self._sampled = Sampled(clock)
        self._back: timedelta | None = timedelta(0)
        """How far it was set back, and rows do not know it yet; `None`: that is not known."""

    async def begin(self) -> None:
        """At the start of the process: rows may be of a clock that was ahead. Raises `StoreError`."""
        self._back = None
        await self._bring_back()

    async def compare(self) -> None:
        """Bring rows back with the clock, if it was set back since the last look."""
        offset = self._offset()
        ahead = offset - self._beginning
        self._beginning = offset
        if abs(ahead) >= JUMP and (times := self._sampled.due()):
            log.warning("clock_jumped", seconds=round(ahead.total_seconds(), 1), times=times)
        if self._back is not None and ahead <= -JUMP:
            self._back -= ahead
        if self._back == timedelta(0):
            return
        try:
            await self._bring_back()
        except StoreError as error:
            log.warning("clock_not_followed", error=str(error))  # at the next comparison again

    async def _bring_back(self) -> None:
        now, back = self._clock.now(), self._back
        changed = await self._database.write(bring_back, now, back, priority=WorkPriority.TICK)
        self._back = timedelta(0)
        if changed:
            log.warning("rows_brought_back", moments=changed)

    def _offset(self) -> timedelta:
        """The beginning of the monotonic clock, on the wall clock."""
        return timedelta(seconds=self._clock.now().timestamp() - self._clock.monotonic())
