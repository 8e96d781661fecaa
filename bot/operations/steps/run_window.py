"""The run window: for how long after the last approval a request may still leave. The one rule about it.

It is measured on both clocks, and both have to say that it is open. The wall clock stands in the row, and is
all that a process has that was started since; it can be set. The monotonic one cannot, but begins anew with
each process: so each remembers when it first saw an approval.
"""

from datetime import datetime, timedelta
from typing import Protocol

from bot.clock import Clock

RUN_WINDOW = timedelta(minutes=5)
"""An approval is for now: what has not been sent by then is not sent any more."""
STEP = timedelta(seconds=5)
"""A wall clock that is corrected by no more than this was not set back."""
CLOCK_SET_BACK = "The bot's clock was set back, so it cannot tell how long ago that was."
_REMEMBERED = timedelta(days=1).total_seconds()


def closes_at(began: datetime) -> datetime:
    """The end of the window that began with what was received then."""
    return began + RUN_WINDOW


def began_at(end: datetime) -> datetime:
    """When what began the window that ends then was received."""
    return end - RUN_WINDOW


def is_before(end: datetime, now: datetime) -> bool:
    """Whether the window that ends then has not even begun: the wall clock was set back since it did."""
    return now < began_at(end) - STEP


def is_open(end: datetime, now: datetime) -> bool:
    """Whether the wall clock is within the window that ends then."""
    return now < end and not is_before(end, now)


class Approved(Protocol):
    """What has a window: an operation, or its row."""

    @property
    def id(self) -> str:
        """The operation's."""
        ...

    @property
    def execute_by(self) -> datetime | None:
        """When the window ends, by the wall clock."""
        ...


class RunWindows:
    """The windows of what this process is about to send."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: dict[tuple[str, datetime], float] = {}
        """By operation and end on the wall clock: the end on the monotonic one."""

    def is_open(self, operation: Approved) -> bool:
        """Whether it may leave now. An operation without an approval may not."""
        end = operation.execute_by
        if end is None:
            return False
        return self._clock.monotonic() < self._end(operation.id, end) and is_open(end, self._clock.now())

    def trouble(self, operation: Approved) -> str | None:
        """A sentence, where it is closed because the clock cannot be trusted."""
        end = operation.execute_by
        return CLOCK_SET_BACK if end and is_before(end, self._clock.now()) else None

    def _end(self, operation_id: str, end: datetime) -> float:
        """As it was worked out when the approval was first seen: setting the clock does not move it."""
        known = self._ends.get((operation_id, end))
        if known is not None:
            return known
        now = self._clock.monotonic()
        left = min(end - self._clock.now(), RUN_WINDOW).total_seconds()
        self._ends = {key: at for key, at in self._ends.items() if at > now - _REMEMBERED}
        return self._ends.setdefault((operation_id, end), now + left)
