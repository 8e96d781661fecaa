"""The one step from what was known of a workflow to what is known after another read, with the news. Pure.

- All that differs is told, by PlanetScale's times and in their order, once; what a time alone says waits
  until a state, a flag or a later time proves it.
- A read from a list carries neither streams nor tables, and of a verification nothing that counts: these are
  kept from the last read in full.
- A read that is older than the sight changes nothing, nor does a list of the moment of a read in full, nor an
  answer that knows less than was known: it came from a replica that lags.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.planetscale.models import Workflow
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.progress import catching_up
from bot.workflows.facts.states import TRANSITIONAL, State, state_of
from bot.workflows.observing.copy_progress import is_copying, pace, stands_still
from bot.workflows.observing.duration_alerts import known_from_the_start, lasting
from bot.workflows.observing.estimate import Sample, estimate
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.observing.milestones import from_the_start, milestones
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.observing.replica_lag import A_MOMENT, weighed, with_clock, without_future
from bot.workflows.observing.troubles import troubles
from bot.workflows.observing.verifying import ENDS, end_of, getting_on, verifying

SETTLED_AFTER = timedelta(minutes=30)
"""Rows that were seen moving for less say too little: such an estimate is not held against later ones."""

SEEN_SOON = timedelta(minutes=10)
"""Where two reads lie closer together, what changed between them began about when it was first seen."""

_KEPT = ("streams", "tables", "vdiff", "verify_data_at", "verify_data_by", "verified_data_stale")
"""What only a read in full changes."""

_ENTERED = {
    State.PENDING: ("created_at",),
    State.COPYING: ("started_at", "retried_at"),
    State.RUNNING: ("data_copy_completed_at", "reversed_at", "retried_at"),
    State.VERIFYING_DATA: ("verify_data_at",),
    State.SWITCHING_REPLICAS: ("switch_replicas_at",),
    State.SWITCHED_REPLICAS: ("switch_replicas_at",),
    State.SWITCHING_PRIMARIES: ("switch_primaries_at",),
    State.SWITCHED_PRIMARIES: ("switch_primaries_at",),
    State.REVERSING_TRAFFIC: ("reversed_at",),
    State.REVERSING_TRAFFIC_FOR_CANCEL: ("cancelled_at",),
    State.CUTTING_OVER: ("cutover_at",),
    State.CUTOVER: ("cutover_at",),
    State.COMPLETED: ("completed_at",),
    State.CANCELLED: ("cancelled_at",),
}
"""The times at which a state can have begun."""

_ENDS_FIRST = ENDS | {Happening.COPIED}


def first_sight(workflow: Workflow, at: datetime, kind: WorkflowKind = WorkflowKind.UNKNOWN) -> ObservedState:
    """What is known after the first read, which is one in full. Nothing of it is news."""
    workflow = without_future(workflow, at)
    sight = ObservedState(
        workflow=workflow, read_at=at, detail_at=at, entered_at=at, only_seen=True, kind=kind
    )
    beginnings = _beginnings(workflow, at)
    if beginnings and state_of(workflow.state) not in TRANSITIONAL:
        sight = replace(sight, entered_at=max(beginnings), only_seen=False)
    sight = replace(sight, verified=end_of(workflow, at))
    if state_of(workflow.state) is State.VERIFYING_DATA:
        sight = getting_on(replace(sight, verifying_since=workflow.verify_data_at or at))
    sight, _ = troubles(sight, pace(sight, from_the_start(sight)))
    return known_from_the_start(sight)


def observe(
    before: ObservedState,
    workflow: Workflow,
    at: datetime,
    *,
    in_detail: bool,
    samples: Sequence[Sample] = (),
) -> tuple[ObservedState, tuple[Happened, ...]]:
    """What is known after one more read, and the news, the oldest first.

    `read_at` stays what it was where the answer changes nothing.
    """
    before = with_clock(before, at)
    if at < before.read_at or (at == before.detail_at and not in_detail):
        return before, ()
    before, counts = weighed(before, workflow, at, in_detail=in_detail)
    if counts is None:
        return before, ()
    now = _taken_over(before, counts, at, in_detail=in_detail)
    news: list[Happened] = []
    for step in (milestones, verifying, troubles):
        now, found = step(before, now)
        news += found
    now = _estimated(pace(before, now), samples)
    now, found = lasting(now)
    return now, tuple(sorted([*news, *found], key=_in_order))


def _taken_over(before: ObservedState, workflow: Workflow, at: datetime, *, in_detail: bool) -> ObservedState:
    if not in_detail:
        kept = {name: getattr(before.workflow, name) for name in _KEPT}
        kept["updated_at"] = workflow.updated_at or before.workflow.updated_at
        workflow = workflow.model_copy(update=kept)
    entered_at, only_seen = _entered(before, workflow, at)
    same = workflow.state == before.workflow.state
    return replace(
        before,
        workflow=workflow,
        read_at=at,
        detail_at=at if in_detail else before.detail_at,
        entered_at=entered_at,
        only_seen=only_seen,
        previous=before.previous if same else before.workflow.state,
    )


def _entered(before: ObservedState, workflow: Workflow, at: datetime) -> tuple[datetime, bool]:
    """Since when it is in its state, and whether that may be long after it began.

    A state that is new began after the read before, whatever PlanetScale's clock says.
    """
    known = set(_beginnings(before.workflow, at, workflow.state))
    began = max((one for one in _beginnings(workflow, at) if one not in known), default=None)
    if workflow.state == before.workflow.state and not _failed_again(before, workflow, at):
        if not began:
            return before.entered_at, before.only_seen
        return began if before.only_seen else max(began, before.entered_at), False
    if began:
        return max(began, before.read_at), False
    return at, at - before.read_at > SEEN_SOON


def _failed_again(before: ObservedState, workflow: Workflow, at: datetime) -> bool:
    """Whether it was retried since, and is in error all the same.

    At the read that shows the retry first, the state may not have followed yet.
    """
    retried, known = workflow.retried_at, before.workflow.retried_at
    if state_of(workflow.state) is not State.ERROR or not retried or not known or at <= before.read_at:
        return False
    return abs(retried - known) < A_MOMENT and before.entered_at < retried <= at


def _beginnings(workflow: Workflow, at: datetime, state: str | None = None) -> list[datetime]:
    """PlanetScale's times at which the state can have begun. One that lies ahead is none."""
    names = _ENTERED.get(state_of(state or workflow.state) or State.ERROR, ())
    moments = (getattr(workflow, name) for name in names)
    return [moment for moment in moments if moment and moment <= at]


def _in_order(happened: Happened) -> tuple[datetime, bool]:
    """By time; of what is seen at one moment, a copy or a verification ends before anything else begins."""
    return happened.at, happened.what not in _ENDS_FIRST


def _estimated(now: ObservedState, samples: Sequence[Sample]) -> ObservedState:
    """Rows that stand still for a reason say nothing about when the copy will end."""
    if not is_copying(now.workflow):
        return replace(now, estimate=None, first_estimate_at=None, first_estimate_on=None)
    if now.first_estimate_on and now.first_estimate_on < now.entered_at:
        now = replace(now, first_estimate_at=None, first_estimate_on=None)
    if now.throttled_since or now.indexing or catching_up(now.workflow) or stands_still(now):
        return replace(now, estimate=None)
    if now.detail_at == now.read_at:
        now = replace(now, estimate=estimate(samples, now.read_at, now.workflow.started_at))
    said = now.estimate
    if said is None or said.left is None or now.first_estimate_on or said.grounds < SETTLED_AFTER:
        return now
    return replace(now, first_estimate_at=now.read_at + said.left, first_estimate_on=now.read_at)
