"""When a watched workflow is read again. Pure: the moment and the chance come in.

All lengths are those of a base of 15 s (`WORKFLOW_BOT_POLL_SECONDS`); another base stretches or shortens all
of them alike.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.subjects.model import MOVING, WAITING, WORKING

BASE = 15.0
SHORTEST = timedelta(seconds=0.2)
_SLOWEST = 300.0
_GROWTH = 30.0
"""A workflow that waits is read each thirtieth of the time for which nothing has changed."""


@dataclass(frozen=True, slots=True)
class Pace:
    """All lengths of time of watching, for a base of `poll` seconds."""

    poll: float

    def of(self, seconds: float) -> timedelta:
        """What `seconds` at the base of 15 s are."""
        return max(SHORTEST, timedelta(seconds=seconds * self.poll / BASE))

    def interval(self, urgency: int, changed_at: datetime, now: datetime, *, ended: bool) -> timedelta:
        """Until its state is read again, if the last change of it was at `changed_at`."""
        if urgency == MOVING:
            return self.of(2)
        if urgency == WORKING:
            return self.of(BASE)
        if ended:
            return self.of(_SLOWEST)
        quiet = now - changed_at
        if quiet < self.of(900):
            return self.of(BASE)
        return min(max(quiet / _GROWTH, self.of(30)), self.of(_SLOWEST))

    def in_full(self, urgency: int, interval: timedelta) -> timedelta:
        """Until it is read in full again."""
        return max(interval, self.of(_SLOWEST)) if urgency == WAITING else interval

    def after_miss(self, urgency: int, misses: int, chance: float) -> timedelta:
        """Until the next try after so many failed reads in a row; `chance` is between 0 and 1."""
        first = 2.0 if urgency == MOVING else BASE
        seconds = min(_SLOWEST, first * 2.0 ** min(misses - 1, 10))
        return self.of(seconds * (0.5 + chance / 2))

    def is_over(self, changed_at: datetime, now: datetime, *, ended: bool) -> bool:
        """Whether a subject that has ended needs no more reading."""
        return ended and now - changed_at >= self.of(3600)
