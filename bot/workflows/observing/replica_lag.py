"""Whether an answer may change what is known: PlanetScale's replicas can lag, and its clock is not the bot's.

An answer that knows less than an earlier one is an older one. It changes nothing, unless each further read in
full knows less as well: then the last of these is so, whatever was known.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.planetscale.models import Workflow
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.outcome.evidence_times import TRACES

AHEAD_AT_MOST = timedelta(minutes=2)
"""So far may PlanetScale's clock be ahead of the bot's: nothing has happened at a later time."""
SET_BACK = timedelta(minutes=1)
"""An answer that is older by more was not overtaken: the bot's clock was set back."""
A_MOMENT = timedelta(seconds=1)
FURTHER_READS, SURE_AFTER = 2, timedelta(seconds=60)
"""So many more reads in full, over so long, have to know less than was known before one is believed."""

_VERIFIED = "verify_data_at"
_TIMES = (*(trace.at for trace in TRACES.values() if trace.at), _VERIFIED)
_OWN = (
    *("read_at", "detail_at", "entered_at", "moved_at", "throttled_since", "held_at", "indexing_since"),
    *("verifying_since", "unclear_since", "well_since", "first_estimate_on"),
)
"""The times of a sight that may be the bot's own."""


def weighed(
    before: ObservedState, workflow: Workflow, at: datetime, *, in_detail: bool
) -> tuple[ObservedState, Workflow | None]:
    """`before` with the doubt about this answer, and the answer as far as it counts; `None`: not at all."""
    workflow = _without_future(before.workflow, workflow, at)
    sure = in_detail and _goes_on(before.doubts, at)
    if sure or not _is_older(before.workflow, workflow, in_detail=in_detail):
        return replace(before, doubts=()), workflow
    if in_detail or not before.doubts:
        before = replace(before, doubts=(*before.doubts, at))
    return before, None


def _goes_on(doubts: tuple[datetime, ...], at: datetime) -> bool:
    """Whether reads have known less often, and for long."""
    return len(doubts) >= FURTHER_READS and doubts[-1] < at and at - doubts[0] >= SURE_AFTER


def without_future(workflow: Workflow, at: datetime) -> Workflow:
    """The first answer, without times that lie ahead."""
    return _without_future(None, workflow, at)


def with_clock(before: ObservedState, at: datetime) -> ObservedState:
    """`before`; where the bot's clock was set back, as if it had all been seen a moment ago at the latest."""
    if at >= before.read_at - SET_BACK:
        return before
    latest = at - A_MOMENT
    own = {name: getattr(before, name) for name in _OWN}
    back = {name: min(moment, latest) for name, moment in own.items() if moment}
    told = {what: seen if what in TRACES else min(seen, latest) for what, seen in before.told.items()}
    return replace(before, told=told, doubts=(), **back)


def _without_future(known: Workflow | None, workflow: Workflow, at: datetime) -> Workflow:
    ahead = [name for name in _TIMES if _time(workflow, name, at) > at + AHEAD_AT_MOST]
    if not ahead:
        return workflow
    return workflow.model_copy(update={name: getattr(known, name, None) for name in ahead})


def _time(workflow: Workflow, name: str, otherwise: datetime) -> datetime:
    moment: datetime | None = getattr(workflow, name)
    return moment or otherwise


def _is_older(known: Workflow, workflow: Workflow, *, in_detail: bool) -> bool:
    """Whether something known is missing or was earlier, and no time is newer than all that are known.

    One answer may have a time more precise than another. `updated_at` can only be a reason for doubt.
    """
    pairs = list(_pairs(known, workflow, in_detail=in_detail))
    latest = max((was for was, _ in pairs if was), default=None)
    if any(now and (latest is None or now > latest) for _, now in pairs):
        return False
    updated = known.updated_at, workflow.updated_at or known.updated_at
    return any(was and (now is None or was - now >= A_MOMENT) for was, now in (*pairs, updated))


def _pairs(
    known: Workflow, workflow: Workflow, *, in_detail: bool
) -> Iterator[tuple[datetime | None, datetime | None]]:
    for name in _TIMES:
        was, now = getattr(known, name), getattr(workflow, name)
        if in_detail or name != _VERIFIED or now is not None:  # a list need not say it
            yield was, now
