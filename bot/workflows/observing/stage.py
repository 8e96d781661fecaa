"""Which drawing of the live message applies, and what of a sight the message must follow at once."""

from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from bot.workflows.facts.progress import catching_up
from bot.workflows.facts.states import TRANSITIONAL, State, state_of
from bot.workflows.facts.traffic import replicas_moved, switch_was_tried, traffic, writes_moved
from bot.workflows.facts.verification import DataVerdict, verification
from bot.workflows.observing.copy_progress import stands_still
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.observing.troubles import gist_of, said
from bot.workflows.observing.verifying import stands_since

STARTS_WITHIN = timedelta(minutes=10)
"""A workflow that is pending for longer has something to explain."""
MOVES_WITHIN = timedelta(seconds=60)
"""So does one that switches, reverses or cuts over for longer."""
CANCELS_WITHIN = timedelta(minutes=30)


class LiveStageName(StrEnum):
    """One drawing of the live message."""

    PENDING = "pending"
    COPYING = "copying"
    INDEXING = "indexing"
    CATCHING_UP = "catching up"
    THROTTLED = "throttled"
    STANDING = "standing"
    STOPPED = "stopped"
    COPIED = "copied"
    """And never verified."""
    VERIFYING = "verifying"
    """Or its end was not seen in full yet."""
    CLEAN = "clean"
    STALE = "stale"
    DIFFERS = "differs"
    BROKE_OFF = "broke off"
    """The verification did."""
    OUTDATED = "outdated"
    """A retry or a reverse has overtaken the verification."""
    NO_REPORT = "no report"
    MOVING = "moving"
    CANCEL_WITH_TRAFFIC = "cancel with traffic"
    REPLICAS = "replicas"
    PRIMARIES = "primaries"
    CUT_OVER = "cut over"
    RESTORED = "restored"
    """The routing rules are."""
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    ERROR = "error"
    ERROR_IN_SWITCH = "error in switch"
    """Or after one: who serves what is not certain."""
    UNKNOWN = "unknown"
    """A state that this bot does not know."""


_BY_STATE = {
    State.PENDING: LiveStageName.PENDING,
    State.STOPPED: LiveStageName.STOPPED,
    State.VERIFYING_DATA: LiveStageName.VERIFYING,
    State.SWITCHED_REPLICAS: LiveStageName.REPLICAS,
    State.SWITCHED_PRIMARIES: LiveStageName.PRIMARIES,
    State.REVERSING_TRAFFIC_FOR_CANCEL: LiveStageName.CANCEL_WITH_TRAFFIC,
    State.CUTOVER: LiveStageName.CUT_OVER,
    State.REVERSED_CUTOVER: LiveStageName.RESTORED,
    State.COMPLETED: LiveStageName.COMPLETED,
    State.CANCELLED: LiveStageName.CANCELLED,
}
_BY_VERDICT = {
    DataVerdict.NEVER: LiveStageName.COPIED,
    DataVerdict.RUNNING: LiveStageName.VERIFYING,
    DataVerdict.CLEAN: LiveStageName.CLEAN,
    DataVerdict.STALE: LiveStageName.STALE,
    DataVerdict.DIFFERS: LiveStageName.DIFFERS,
    DataVerdict.BROKE_OFF: LiveStageName.BROKE_OFF,
    DataVerdict.OUTDATED: LiveStageName.OUTDATED,
    DataVerdict.NO_REPORT: LiveStageName.NO_REPORT,
}


def stage_of(sight: ObservedState, now: datetime) -> LiveStageName:
    """The drawing for `sight` at the moment `now`."""
    state = state_of(sight.workflow.state)
    if state is None:
        return LiveStageName.UNKNOWN
    if state in _BY_STATE:
        return _BY_STATE[state]
    if state is State.ERROR:
        return LiveStageName.ERROR_IN_SWITCH if switch_was_tried(sight.workflow) else LiveStageName.ERROR
    if state in TRANSITIONAL:
        return LiveStageName.MOVING
    return _copying(sight) if state is State.COPYING else _copied(sight, now)


def essence(sight: ObservedState, now: datetime) -> str:
    """Names all that must be redrawn at once when it changes. Numbers that only move are not in it."""
    workflow = sight.workflow
    found = verification(workflow, now)
    parts = (
        workflow.state,
        workflow.name,
        sight.entered_at,
        sight.kind,
        sight.explicit_routing,
        traffic(workflow),
        gist_of(workflow),
        (workflow.may_retry, workflow.may_restart),
        (found.verdict.name, found.differences, found.ended_as, found.overtaken_by),
        found.at if found.verdict is not DataVerdict.RUNNING else None,
        (workflow.tables is None, workflow.streams is None),
        sight.throttled_since,
        sight.indexing,
        sight.indexing_since,
        workflow.data_copy_completed_at,
        _takes_long(sight, now),
    )
    text = "\n".join(str(part) for part in parts)
    digest = sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
    return f"{stage_of(sight, now)} {digest[:16]}"


def moved(before: ObservedState, after: ObservedState) -> bool:
    """Whether a number that a live message shows has changed: rows, totals, shares, streams, the estimate;
    or one in an error's text."""
    return _numbers(before) != _numbers(after)


def _numbers(sight: ObservedState) -> tuple[object, ...]:
    workflow, vdiff = sight.workflow, sight.workflow.vdiff
    return (
        workflow.tables,
        said(workflow),
        None if workflow.streams is None else len(workflow.streams),
        (vdiff.progress_percentage, vdiff.eta_seconds) if vdiff else None,
        sight.estimate,
    )


def _copying(sight: ObservedState) -> LiveStageName:
    if sight.throttled_since:
        return LiveStageName.THROTTLED
    if sight.indexing:
        return LiveStageName.INDEXING
    if catching_up(sight.workflow):
        return LiveStageName.CATCHING_UP
    return LiveStageName.STANDING if stands_still(sight) else LiveStageName.COPYING


def _copied(sight: ObservedState, now: datetime) -> LiveStageName:
    if writes_moved(sight.workflow):
        return LiveStageName.PRIMARIES
    if replicas_moved(sight.workflow):
        return LiveStageName.REPLICAS
    if sight.verifying_since:
        return LiveStageName.VERIFYING
    return _BY_VERDICT[verification(sight.workflow, now).verdict]


def _takes_long(sight: ObservedState, now: datetime) -> bool:
    state, age = state_of(sight.workflow.state), now - sight.entered_at
    if state is State.VERIFYING_DATA:
        return stands_since(sight) is not None
    if state is State.PENDING:
        return age >= STARTS_WITHIN
    if state is State.CANCELLING:
        return age > CANCELS_WITHIN
    return state in TRANSITIONAL and age > MOVES_WITHIN
