"""The states of a workflow, as PlanetScale names them, and what kind of moment each one is.

Source: PlanetScale's workflow state reference. A state that is not listed here is not guessed at: it is shown
as it is and nothing is offered for it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a workflow stands."""

    PENDING = "pending"
    COPYING = "copying"
    RUNNING = "running"
    STOPPED = "stopped"
    VERIFYING_DATA = "verifying_data"
    VERIFIED_DATA = "verified_data"
    SWITCHING_REPLICAS = "switching_replicas"
    SWITCHED_REPLICAS = "switched_replicas"
    SWITCHING_PRIMARIES = "switching_primaries"
    SWITCHED_PRIMARIES = "switched_primaries"
    REVERSING_TRAFFIC = "reversing_traffic"
    REVERSING_TRAFFIC_FOR_CANCEL = "reversing_traffic_for_cancel"
    CUTTING_OVER = "cutting_over"
    CUTOVER = "cutover"
    REVERSED_CUTOVER = "reversed_cutover"
    COMPLETED = "completed"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    ERROR = "error"


ENDED = frozenset({State.COMPLETED, State.CANCELLED})
"""Nothing more happens to these; the branch is free for the next workflow."""

COPIED = frozenset({State.RUNNING, State.VERIFYING_DATA, State.VERIFIED_DATA})
"""All rows are on the target, the source serves everything."""

TRANSITIONAL = frozenset(
    {
        State.SWITCHING_REPLICAS,
        State.SWITCHING_PRIMARIES,
        State.REVERSING_TRAFFIC,
        State.REVERSING_TRAFFIC_FOR_CANCEL,
        State.CUTTING_OVER,
        State.CANCELLING,
    }
)
"""PlanetScale is changing something at this moment."""

BROKEN = frozenset({State.ERROR})
"""It does not go on by itself."""

AFTER_CUTOVER = frozenset({State.CUTOVER, State.REVERSED_CUTOVER, State.COMPLETED})
"""The moved tables are gone from the source keyspace."""


_IN_WORDS: Final[Mapping[State, str]] = {
    State.PENDING: "waiting to start",
    State.VERIFYING_DATA: "being verified",
    State.VERIFIED_DATA: "verified",
    State.SWITCHING_REPLICAS: "switching replica reads",
    State.SWITCHED_REPLICAS: "switched (replica reads)",
    State.SWITCHING_PRIMARIES: "switching primaries",
    State.SWITCHED_PRIMARIES: "switched (writes)",
    State.REVERSING_TRAFFIC: "moving traffic back",
    State.REVERSING_TRAFFIC_FOR_CANCEL: "moving traffic back, to be cancelled",
    State.CUTTING_OVER: "cutting over",
    State.CUTOVER: "cut over",
    State.REVERSED_CUTOVER: "cut over, routing rules restored",
    State.CANCELLING: "being cancelled",
    State.ERROR: "in error",
}


def in_words(text: str) -> str:
    """A state as people say it, after "it is": nobody has to read PlanetScale's own names.

    One that this bot does not know stays as PlanetScale names it.
    """
    state = state_of(text)
    return _IN_WORDS.get(state, state.value) if state else f"in the state {text}"


def state_of(text: str) -> State | None:
    """The state, or `None` for one that this bot does not know."""
    try:
        return State(text)
    except ValueError:
        return None


def is_active(text: str) -> bool:
    """Whether the workflow still occupies its branch. An unknown state counts as active: look at it."""
    return state_of(text) not in ENDED
