"""The stages of a move, from the copy to its end: what is done, where it stands now, and what is ahead."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.planetscale.models import Workflow
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.progress import finished_at
from bot.workflows.facts.states import AFTER_CUTOVER, TRANSITIONAL, State, state_of
from bot.workflows.facts.traffic import replicas_moved, traffic, writes_moved
from bot.workflows.facts.verification import DataVerdict, verification


class StageName(StrEnum):
    """What a move goes through, in this order."""

    COPIED = "copied"
    VERIFIED = "verified"
    REPLICA_READS = "replica_reads"
    WRITES = "writes"
    CUT_OVER = "cut_over"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    """The other end."""


class Standing(StrEnum):
    """How far a stage is."""

    DONE = "done"
    NOW = "now"
    """The move stands here: it is the last that was reached."""
    UNDER_WAY = "under_way"
    """PlanetScale works on it at this moment."""
    BROKEN_OFF = "broken_off"
    """PlanetScale worked on it, and stands still: stopped, or in error."""
    AHEAD = "ahead"
    PASSED = "passed"
    """Left out: a later stage is reached without it."""
    DOUBTFUL = "doubtful"
    """Not certain."""


@dataclass(frozen=True, slots=True)
class MoveStage:
    """One stage. Times are PlanetScale's own, as they were read."""

    name: StageName
    standing: Standing
    reached_at: datetime | None = None
    """`None`: not reached, or PlanetScale gave no time."""
    began_at: datetime | None = None
    """Where PlanetScale says when that began."""
    verdict: DataVerdict | None = None
    """Of the verification: what it proves."""
    is_taken_back: bool = False
    """The tables are deleted, and the routing rules restored."""

    @property
    def is_reached(self) -> bool:
        return self.standing in {Standing.DONE, Standing.NOW}


_GOES_TO = {
    State.COPYING: StageName.COPIED,
    State.VERIFYING_DATA: StageName.VERIFIED,
    State.SWITCHING_REPLICAS: StageName.REPLICA_READS,
    State.SWITCHING_PRIMARIES: StageName.WRITES,
    State.CUTTING_OVER: StageName.CUT_OVER,
    State.CANCELLING: StageName.CANCELLED,
    State.REVERSING_TRAFFIC_FOR_CANCEL: StageName.CANCELLED,
}
_CANCELS = frozenset({State.CANCELLING, State.REVERSING_TRAFFIC_FOR_CANCEL, State.CANCELLED})
_CLEAN = frozenset({DataVerdict.CLEAN, DataVerdict.STALE})
_UNSEEN = frozenset({State.PENDING, State.COPYING, State.STOPPED, State.ERROR})
"""In these only PlanetScale's time says that the copy was complete."""


def move_stages(
    workflow: Workflow, kind: WorkflowKind, now: datetime, *, verifies: bool = False
) -> tuple[MoveStage, ...]:
    """The stages of `workflow` as it was read. An import has no cutover; a cancelled one ends with that.

    `verifies`: a verification was seen running, and its end was not seen in full yet.
    """
    stages = [_verifying(one) if verifies else one for one in _stages(workflow, kind, now)]
    reached = [place for place, stage in enumerate(stages) if stage.is_reached]
    last = reached[-1] if reached else -1
    stages = [
        replace(one, standing=Standing.PASSED) if place < last and one.standing is Standing.AHEAD else one
        for place, one in enumerate(stages)
    ]
    is_moving = any(one.standing is Standing.UNDER_WAY for one in stages)
    if last >= 0 and not is_moving and stages[last].name not in {StageName.COMPLETED, StageName.CANCELLED}:
        stages[last] = replace(stages[last], standing=Standing.NOW)
    return tuple(stages)


def _verifying(stage: MoveStage) -> MoveStage:
    if stage.name is not StageName.VERIFIED:
        return stage
    return MoveStage(stage.name, Standing.UNDER_WAY, began_at=stage.began_at, verdict=DataVerdict.RUNNING)


def _stages(workflow: Workflow, kind: WorkflowKind, now: datetime) -> Iterator[MoveStage]:
    state = state_of(workflow.state)
    found = [_copied(workflow), _verified(workflow, now), _replica_reads(workflow), _writes(workflow)]
    if kind is not WorkflowKind.IMPORT:
        found.append(_cut_over(workflow))
    for stage in found:
        if stage.standing is Standing.AHEAD and state in _CANCELS:
            continue
        yield stage
    yield _end(workflow)


def _copied(workflow: Workflow) -> MoveStage:
    at = workflow.data_copy_completed_at
    state = state_of(workflow.state)
    copied = at is not None or (state not in _UNSEEN | _CANCELS and state is not None)
    stands_still = not copied and state in {State.STOPPED, State.ERROR}
    standing = _standing(workflow, StageName.COPIED, is_reached=copied)
    return MoveStage(
        StageName.COPIED,
        Standing.BROKEN_OFF if stands_still else standing,
        at,
        workflow.started_at or workflow.created_at,
    )


def _verified(workflow: Workflow, now: datetime) -> MoveStage:
    found = verification(workflow, now)
    is_reached = found.verdict in _CLEAN
    began = workflow.vdiff.started_at if workflow.vdiff else None
    return MoveStage(
        StageName.VERIFIED,
        _standing(workflow, StageName.VERIFIED, is_reached=is_reached),
        found.at if found.verdict is not DataVerdict.RUNNING else None,
        began,
        found.verdict,
    )


def _replica_reads(workflow: Workflow) -> MoveStage:
    moved = _is_on_target(workflow) or replicas_moved(workflow) or writes_moved(workflow)
    standing = _switched(workflow, StageName.REPLICA_READS, moved=moved)
    return MoveStage(StageName.REPLICA_READS, standing, workflow.switch_replicas_at if moved else None)


def _writes(workflow: Workflow) -> MoveStage:
    moved = _is_on_target(workflow) or writes_moved(workflow)
    standing = _switched(workflow, StageName.WRITES, moved=moved)
    return MoveStage(StageName.WRITES, standing, workflow.switch_primaries_at if moved else None)


def _is_on_target(workflow: Workflow) -> bool:
    return state_of(workflow.state) in AFTER_CUTOVER | {State.CUTTING_OVER}


def _switched(workflow: Workflow, name: StageName, *, moved: bool) -> Standing:
    state = state_of(workflow.state)
    if state not in TRANSITIONAL and traffic(workflow).doubt:
        return Standing.DOUBTFUL
    if state in {State.REVERSING_TRAFFIC, State.REVERSING_TRAFFIC_FOR_CANCEL} and moved:
        return Standing.DOUBTFUL
    return _standing(workflow, name, is_reached=moved)


def _cut_over(workflow: Workflow) -> MoveStage:
    state = state_of(workflow.state)
    standing = _standing(workflow, StageName.CUT_OVER, is_reached=state in AFTER_CUTOVER)
    at = workflow.cutover_at if state in AFTER_CUTOVER else None
    return MoveStage(StageName.CUT_OVER, standing, at, is_taken_back=state is State.REVERSED_CUTOVER)


def _end(workflow: Workflow) -> MoveStage:
    state = state_of(workflow.state)
    name = StageName.CANCELLED if state in _CANCELS else StageName.COMPLETED
    is_reached = state in {State.COMPLETED, State.CANCELLED}
    at = finished_at(workflow) if is_reached else None
    return MoveStage(name, _standing(workflow, name, is_reached=is_reached), at)


def _standing(workflow: Workflow, name: StageName, *, is_reached: bool) -> Standing:
    state = state_of(workflow.state)
    if state and _GOES_TO.get(state) is name:
        return Standing.UNDER_WAY
    return Standing.DONE if is_reached else Standing.AHEAD
