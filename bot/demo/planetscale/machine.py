"""How a workflow changes: what is allowed when, what it passes through, and where it ends.

A workflow changes when somebody does something to it (`take`, `fail`, `stop`, `hold`, `go_on`) and, by
itself, at its `due` moment (`arrive`). Between two changes nothing is written, so that it does not matter how
often or how seldom somebody looks. Source: the public workflow state reference, and Vitess' own rules for
MoveTables.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.demo.planetscale.copying import copy_seconds
from bot.demo.planetscale.rules import RULES, SWITCHED, Pace, Rule, check
from bot.demo.planetscale.world import (
    ACTORS,
    TIMES,
    Actor,
    Counts,
    Course,
    Fate,
    Mutation,
    State,
    VDiff,
    Workflow,
    ident,
)

REVERSE_FIRST_SECONDS = 8.0
"""How long traffic takes to go back when a switched workflow is cancelled."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How something accepted goes on: how long it takes, how it ends, when its evidence is set.

    `stamp_early`: `*_at` and `*_by` are set when it is taken, else when it is done. They are always set at
    the end where no state of its own shows that it is under way.
    """

    pace: Pace
    fate: Fate = Fate.DONE
    stamp_early: bool = True


def take(workflow: Workflow, mutation: Mutation, by: Actor, at: datetime, terms: Terms) -> None:
    """Accept `mutation`; `retry` is done at once.

    Raises `NotAllowedError`, and changes nothing, where the state does not allow it.
    """
    check(workflow, mutation)
    rule = RULES[mutation]
    if mutation is Mutation.RETRY:
        _stamp(workflow, rule, by, at)
        _retry(workflow, at)
        return
    stand_still(workflow, at)
    stamped = rule.via is not None and terms.stamp_early
    workflow.course = Course(mutation, by, workflow.state, terms.fate, stamped)
    if stamped:
        _stamp(workflow, rule, by, at)
    if mutation is Mutation.VERIFY_DATA:
        _start_verification(workflow, at, terms.fate)
    elif mutation is Mutation.CANCEL:
        _start_cancelling(workflow, at, terms.pace)
    else:
        _enter(workflow, rule.via or workflow.state, at, terms.pace[mutation])


def _start_verification(workflow: Workflow, at: datetime, fate: Fate) -> None:
    workflow.vdiff = VDiff(ident("vdiff", workflow.database, workflow.number, at), at)
    breaks_off = fate not in {Fate.DONE, Fate.MISMATCH}
    _enter(workflow, State.VERIFYING_DATA, at, workflow.verify_seconds / (2 if breaks_off else 1))


def _stop_verification(workflow: Workflow) -> None:
    if workflow.vdiff and workflow.vdiff.completed_at is None:
        workflow.vdiff.state = "stopped"


def _start_cancelling(workflow: Workflow, at: datetime, pace: Pace) -> None:
    _stop_verification(workflow)
    if workflow.replicas_switched:
        _enter(workflow, State.REVERSING_TRAFFIC_FOR_CANCEL, at, REVERSE_FIRST_SECONDS)
    else:
        _enter(workflow, State.CANCELLING, at, pace[Mutation.CANCEL])


def _stamp(workflow: Workflow, rule: Rule, by: Actor, at: datetime) -> None:
    if f"{rule.stamp}_at" in TIMES:
        workflow.times[f"{rule.stamp}_at"] = at
    if f"{rule.stamp}_by" in ACTORS:
        workflow.by[f"{rule.stamp}_by"] = by


def _enter(workflow: Workflow, state: State, at: datetime, seconds: float | None = None) -> None:
    workflow.state, workflow.since = state, at
    workflow.due = None if seconds is None else at + timedelta(seconds=seconds)


def arrive(workflow: Workflow, *, pace: Pace) -> tuple[Course, Fate] | None:
    """The change that is due. Answers with what ended by it, if anything did, and how."""
    at = workflow.due
    if at is None:
        return None
    course = workflow.course
    if workflow.state is State.PENDING:
        workflow.times["started_at"], workflow.has_copies = at, True
        start_copying(workflow, at, 0.0)
    elif workflow.state is State.COPYING:
        workflow.banked, workflow.copying_since = copy_seconds(workflow), None
        workflow.times["data_copy_completed_at"] = at
        _enter(workflow, State.RUNNING, at)
    elif workflow.state is State.REVERSING_TRAFFIC_FOR_CANCEL:
        workflow.replicas_switched = workflow.primaries_switched = False
        _enter(workflow, State.CANCELLING, at, pace[Mutation.CANCEL])
    elif course:
        workflow.course = None
        _end(workflow, course, at)
        return course, course.fate
    return None


def _end(workflow: Workflow, course: Course, at: datetime) -> None:
    rule = RULES[course.mutation]
    if not course.stamped and course.fate is not Fate.WENT_BACK:
        _stamp(workflow, rule, course.by, at)
    if course.mutation is Mutation.VERIFY_DATA:
        _end_verification(workflow, course, at)
    elif course.fate is Fate.WENT_BACK:
        _go_back(workflow, course.back_to, at)
    elif course.fate is Fate.FAILED:
        _break_off(workflow, course, at)
    else:
        take_effect(workflow, course.mutation, course.by, at)
        _enter(workflow, rule.to, at)


def _go_back(workflow: Workflow, state: State, at: datetime) -> None:
    if state is State.COPYING:
        start_copying(workflow, at, workflow.banked)
    elif state is State.PENDING:
        _enter(workflow, state, at, workflow.start_seconds)
    elif state is State.VERIFYING_DATA or (state in SWITCHED and not workflow.replicas_switched):
        _enter(workflow, State.RUNNING, at)
    else:
        _enter(workflow, state, at)


def _end_verification(workflow: Workflow, course: Course, at: datetime) -> None:
    if workflow.vdiff is None:
        return
    broke_off = course.fate not in {Fate.DONE, Fate.MISMATCH}
    workflow.vdiff.completed_at = at
    workflow.vdiff.state = "error" if broke_off else "completed"
    if course.fate is Fate.MISMATCH:
        workflow.vdiff.found = differences(workflow)
    _enter(workflow, State.RUNNING if broke_off else State.VERIFIED_DATA, at)


def differences(workflow: Workflow) -> dict[tuple[str, str], Counts]:
    """17 rows of the last table that differ, spread over its first two shards."""
    table = workflow.tables[-1].name
    if len(workflow.target_shards) == 1:
        return {(table, workflow.target_shards[0]): Counts(15, 2, 0)}
    first, second = workflow.target_shards[:2]
    return {(table, first): Counts(12, 0, 0), (table, second): Counts(3, 2, 0)}


def take_effect(workflow: Workflow, mutation: Mutation, by: Actor, at: datetime) -> None:
    match mutation:
        case Mutation.SWITCH_REPLICAS:
            workflow.replicas_switched = True
        case Mutation.SWITCH_PRIMARIES:
            if not workflow.replicas_switched:
                workflow.times["switch_replicas_at"], workflow.by["switch_replicas_by"] = at, by
            workflow.replicas_switched = workflow.primaries_switched = True
            workflow.sequence_tables_applied = workflow.global_keyspace is not None
        case Mutation.REVERSE_TRAFFIC:
            workflow.replicas_switched = workflow.primaries_switched = False
        case Mutation.CUTOVER:
            workflow.source_deleted = True
        case Mutation.CANCEL:
            workflow.has_copies = False


def _break_off(workflow: Workflow, course: Course, at: datetime) -> None:
    """Accepted, then an error, with part of it done."""
    if course.mutation is Mutation.SWITCH_PRIMARIES:
        workflow.replicas_switched = True
    if course.mutation is Mutation.CUTOVER:
        workflow.source_deleted = True
    fail(workflow, at, f"{course.mutation} did not finish: timed out waiting for the target's primaries")
    workflow.may_retry = False


def _retry(workflow: Workflow, at: datetime) -> None:
    if workflow.starts_over:
        workflow.banked = 0.0
        workflow.times.pop("data_copy_completed_at", None)
    workflow.workflow_errors, workflow.may_retry, workflow.may_restart = None, False, False
    workflow.starts_over = False
    if "data_copy_completed_at" not in workflow.times:
        start_copying(workflow, at, workflow.banked)
    elif workflow.source_deleted:
        _enter(workflow, State.CUTOVER, at)
    elif workflow.primaries_switched:
        _enter(workflow, State.SWITCHED_PRIMARIES, at)
    else:
        _enter(workflow, State.SWITCHED_REPLICAS if workflow.replicas_switched else State.RUNNING, at)


def start_copying(workflow: Workflow, at: datetime, banked: float) -> None:
    """Copy from `banked` seconds on; a workflow that is held back waits."""
    _enter(workflow, State.COPYING, at)
    workflow.banked, workflow.copying_since = banked, None
    _copy_on(workflow, at)


def stand_still(workflow: Workflow, at: datetime) -> None:
    """Write down how far the copy is, and copy no further."""
    workflow.banked, workflow.copying_since = workflow.copied_for(at), None


def _copy_on(workflow: Workflow, at: datetime) -> None:
    """From now on, copy as much as is let through."""
    workflow.due = None
    if workflow.let_through > 0:
        left = max(0.0, copy_seconds(workflow) - workflow.banked) / workflow.let_through
        workflow.copying_since, workflow.due = at, at + timedelta(seconds=left)


def hold(workflow: Workflow, at: datetime, component: str | None = None, *, let_through: float = 0.0) -> None:
    """Hold copying back: by the throttler where a component is named, without a word where none is."""
    if workflow.state is State.COPYING:
        stand_still(workflow, at)
    workflow.let_through = let_through
    if component:
        workflow.throttled_by, workflow.throttled_since = component, at
    if workflow.state is State.COPYING:
        _copy_on(workflow, at)


def go_on(workflow: Workflow, at: datetime) -> None:
    """The opposite of `hold`."""
    hold(workflow, at, let_through=1.0)
    workflow.throttled_by, workflow.throttled_since = None, None


def fail(workflow: Workflow, at: datetime, message: str) -> None:
    """Into `error`, with a retry on offer."""
    stand_still(workflow, at)
    _stop_verification(workflow)
    workflow.course = None
    workflow.workflow_errors, workflow.may_retry = message, True
    _enter(workflow, State.ERROR, at)


def stop(workflow: Workflow, at: datetime, message: str) -> None:
    """Into `stopped`, as a schema change does it with `on_ddl` STOP."""
    fail(workflow, at, message)
    workflow.state = State.STOPPED
