"""When a watched workflow is read again. Pure: the moment and the chance come in.

All lengths are those of a base of 15 s (`WORKFLOW_BOT_POLL_SECONDS`); another base stretches or shortens all
of them alike.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.workflows.facts.states import ENDED, TRANSITIONAL, State, state_of
from bot.workflows.observing.observed_state import ObservedState

BASE = 15.0
SHORTEST = timedelta(seconds=0.2)
MOVING, WORKING, WAITING = 2, 1, 0
"""How urgent a workflow is: traffic moves; rows are copied or compared; it waits for people."""

_WORKING = frozenset({State.PENDING, State.COPYING, State.VERIFYING_DATA})
_SLOWEST = 300.0
_GROWTH = 30.0
"""A workflow that waits is read each thirtieth of the time for which nothing has changed."""


def urgency_of(sight: ObservedState | None) -> int:
    """How urgent it is to read a workflow of which this is known."""
    if sight is None:
        return WORKING
    state = state_of(sight.workflow.state)
    if state in TRANSITIONAL:
        return MOVING
    return WORKING if state in _WORKING else WAITING


@dataclass(frozen=True, slots=True)
class Pace:
    """All lengths of time of watching, for a base of `poll` seconds."""

    poll: float

    def of(self, seconds: float) -> timedelta:
        """What `seconds` at the base of 15 s are."""
        return max(SHORTEST, timedelta(seconds=seconds * self.poll / BASE))

    def interval(self, sight: ObservedState, changed_at: datetime, now: datetime) -> timedelta:
        """Until its state is read again, if the last change of it was at `changed_at`."""
        urgency = urgency_of(sight)
        if urgency == MOVING:
            return self.of(2)
        if urgency == WORKING:
            return self.of(BASE)
        if state_of(sight.workflow.state) in ENDED:
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

    def is_over(self, sight: ObservedState, changed_at: datetime, now: datetime) -> bool:
        """Whether a workflow that has ended needs no more reading."""
        return state_of(sight.workflow.state) in ENDED and now - changed_at >= self.of(3600)
