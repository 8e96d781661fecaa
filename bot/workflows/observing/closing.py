"""Whether what an event spoke of is over, by what is known now, and how it ended: one rule for all events.

What is over is closed where it was told: its buttons would have no effect any more. Pure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.planetscale.models import Workflow
from bot.workflows.checks.facts import source, target
from bot.workflows.facts.states import TRANSITIONAL, State, state_of
from bot.workflows.facts.verification import DataVerdict, verification
from bot.workflows.observing.copy_progress import is_copying
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.observing.verifying import ENDS, end_of


@dataclass(frozen=True, slots=True)
class Closing:
    """How it ended: a sentence up to its moment ("since" or "at" is its last word), and the moment."""

    words: str
    """`{place}` in it is where it stands."""
    at: datetime
    place: str = ""


class _Position(StrEnum):
    """Where a workflow stands, as far as that is certain."""

    SOURCE = "{place} has served everything since"
    REPLICAS = "replica reads have been on {place} since"
    PRIMARIES = "writes have been on {place} since"
    CUT_OVER = "it has been cut over since"
    RESTORED = "its routing rules have been back since"
    COMPLETED = "it has been completed since"
    CANCELLED = "it has been cancelled since"


_BY_STATE: Final[Mapping[State, _Position]] = {
    State.SWITCHED_REPLICAS: _Position.REPLICAS,
    State.SWITCHED_PRIMARIES: _Position.PRIMARIES,
    State.CUTOVER: _Position.CUT_OVER,
    State.REVERSED_CUTOVER: _Position.RESTORED,
    State.COMPLETED: _Position.COMPLETED,
    State.CANCELLED: _Position.CANCELLED,
}
_TROUBLES: Final = frozenset({State.STOPPED, State.ERROR})
_BROKEN: Final[Mapping[Happening, State]] = {
    Happening.STOPPED: State.STOPPED,
    Happening.ERROR: State.ERROR,
}
_BROKEN_WORDS: Final[Mapping[State | None, str]] = {
    State.STOPPED: "it has been stopped since",
    State.ERROR: "it has been in error since",
}
_MOVING: Final = frozenset(
    {Happening.MOVING_LONG, Happening.CANCELLING_LONG, Happening.CANCELLING_WITH_TRAFFIC}
)
_THROTTLED: Final = frozenset({Happening.THROTTLED, Happening.THROTTLED_LONG})
_STANDS_STILL: Final = frozenset({Happening.STANDING, Happening.INDEXING_LONG})
_OF_A_VERIFICATION: Final = ENDS | {Happening.STALE_SOON, Happening.STALE}
_STAYS: Final = frozenset(
    {
        Happening.COMPLETED,
        Happening.CANCELLED,
        Happening.GOING_ON,
        Happening.GONE,
        Happening.RETRIED,
        Happening.SWITCH_BROKE_OFF,
    }
)
"""They tell what happened, and nothing of it can be over."""


def closing_of(happened: Happened, now: ObservedState) -> Closing | None:
    """How what was told is over by `now`; `None` while it is so, or where nobody can say."""
    if now.read_at <= happened.seen_at or happened.what in _STAYS:
        return None
    if _position(now) in {_Position.COMPLETED, _Position.CANCELLED}:
        return _now_it_is(now)
    return _rule_of(happened.what)(happened, now)


def verification_over(started_at: datetime, now: ObservedState) -> Closing | None:
    """How the verification that was started then is over; `None` while its result is waited for."""
    if now.read_at <= started_at:
        return None
    moved_on = _position(now) not in {None, _Position.SOURCE, _Position.REPLICAS}
    if not moved_on and (now.verifying_since or now.unclear_since):
        return None
    found = verification(now.workflow, now.read_at)
    known = found.verdict in _RESULTS and found.at is not None and found.at >= started_at
    vdiff = now.workflow.vdiff
    whole = not moved_on or (vdiff is not None and vdiff.completed_at is not None)
    if known and whole and found.at and end_of(now.workflow, now.read_at):
        return Closing(_RESULTS[found.verdict], found.at)
    return _now_it_is(now) if moved_on else None


_RESULTS: Final[Mapping[DataVerdict, str]] = {
    DataVerdict.CLEAN: "verified clean at",
    DataVerdict.STALE: "verified clean at",
    DataVerdict.OUTDATED: "verified clean at",
    DataVerdict.DIFFERS: "rows were found to differ at",
    DataVerdict.BROKE_OFF: "the verification broke off at",
    DataVerdict.NO_REPORT: "the verification ended without a report at",
}


def _rule_of(what: Happening) -> Callable[[Happened, ObservedState], Closing | None]:
    if what in _BROKEN:
        return _runs_again
    if what in _MOVING:
        return _arrived
    if what in _THROTTLED:
        return _not_throttled
    if what in _STANDS_STILL:
        return _moves_again
    if what is Happening.STREAM_ERROR:
        return _streams_are_well
    if what is Happening.VERIFICATION_STANDS:
        return _compares_again
    if what in _OF_A_VERIFICATION:
        return _verified_anew
    if what in {Happening.COPIED, Happening.REVERSED}:
        return _verified_or_moved
    return _moved_on


def _runs_again(happened: Happened, now: ObservedState) -> Closing | None:
    state = state_of(now.workflow.state)
    if state is _BROKEN[happened.what]:
        again = now.entered_at > max(happened.at, happened.seen_at)
        return Closing("it went on, and has been so anew since", now.entered_at) if again else None
    if state in _TROUBLES:
        return _now_it_is(now)
    before = _position_of(state_of(happened.was_state or ""))
    position = _position(now)
    if position is None or position in {before, _Position.SOURCE}:
        return Closing("it has been running again since", now.entered_at)
    return _now_it_is(now)


def _arrived(_: Happened, now: ObservedState) -> Closing | None:
    return None if state_of(now.workflow.state) in TRANSITIONAL else _now_it_is(now)


def _not_throttled(_: Happened, now: ObservedState) -> Closing | None:
    if now.throttled_since is None and state_of(now.workflow.state) not in _TROUBLES:
        return Closing("it has not been throttled since", now.detail_at)
    return None


def _moves_again(happened: Happened, now: ObservedState) -> Closing | None:
    if now.moved_at and now.moved_at > happened.seen_at:
        return Closing("rows have been copied again since", now.moved_at)
    if is_copying(now.workflow):
        return None
    copied = now.workflow.data_copy_completed_at
    return Closing("all rows have been copied since", copied) if copied else _now_it_is(now)


def _compares_again(happened: Happened, now: ObservedState) -> Closing | None:
    if now.compared_at and now.compared_at > happened.seen_at:
        return Closing("it has been getting on since", now.compared_at)
    moved = _moved_on(happened, now)
    return moved or (None if now.verifying_since else _result(happened, now))


def _streams_are_well(happened: Happened, now: ObservedState) -> Closing | None:
    if now.well_since and now.well_since > happened.seen_at:
        return Closing("no stream has reported an error since", now.well_since)
    position = _position(now)
    return _now_it_is(now) if position and position is not _position_then(happened) else None


def _verified_anew(happened: Happened, now: ObservedState) -> Closing | None:
    moved = _moved_on(happened, now)
    if moved:
        return moved
    if now.verifying_since and now.verifying_since > happened.at:
        return Closing("it has been verified again since", now.verifying_since)
    found = verification(now.workflow, now.read_at)
    if happened.what in {Happening.CLEAN, Happening.STALE_SOON} and found.verdict is DataVerdict.STALE:
        return Closing("it has been stale since", min(now.read_at, found.fresh_until or now.read_at))
    then = end_of(happened.workflow, happened.seen_at)
    anew = now.detail_at > happened.seen_at and end_of(now.workflow, now.read_at) != then
    return _result(happened, now) if anew else None


def _verified_or_moved(happened: Happened, now: ObservedState) -> Closing | None:
    moved = _moved_on(happened, now)
    if moved:
        return moved
    if now.verifying_since and now.verifying_since > happened.at:
        return Closing("it has been verified since", now.verifying_since)
    return _result(happened, now)


def _result(happened: Happened, now: ObservedState) -> Closing | None:
    found = verification(now.workflow, now.read_at)
    fits = found.verdict in _RESULTS and found.at is not None and found.at > happened.at
    return Closing(_RESULTS[found.verdict], found.at) if fits and found.at else None


def _moved_on(happened: Happened, now: ObservedState) -> Closing | None:
    """It stands elsewhere than it did. Nothing is said while it is on its way, or broken."""
    position, then = _position(now), _position_then(happened)
    return _now_it_is(now) if position and then and position is not then else None


def _now_it_is(now: ObservedState) -> Closing:
    position = _position(now)
    if position is None:
        broken = _BROKEN_WORDS.get(state_of(now.workflow.state), "its state has been another since")
        return Closing(broken, now.entered_at)
    place = source(now.workflow) if position is _Position.SOURCE else target(now.workflow)
    return Closing(str(position), now.entered_at, place)


def _position(sight: ObservedState) -> _Position | None:
    return _position_in(sight.workflow)


def _position_then(happened: Happened) -> _Position | None:
    return _position_in(happened.workflow)


def _position_in(workflow: Workflow) -> _Position | None:
    """Where it stands; `None` while it is on its way, is broken or cannot be known."""
    state = state_of(workflow.state)
    if state is None or state in TRANSITIONAL | _TROUBLES:
        return None
    if state not in _BY_STATE and workflow.primaries_switched:
        return _Position.PRIMARIES
    if state not in _BY_STATE and workflow.replicas_switched:
        return _Position.REPLICAS
    return _position_of(state)


def _position_of(state: State | None) -> _Position | None:
    if state is None or state in TRANSITIONAL | _TROUBLES:
        return None
    return _BY_STATE.get(state, _Position.SOURCE)
