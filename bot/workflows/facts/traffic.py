"""Which keyspace serves what: the one fact that everybody needs at 2 a.m."""

from dataclasses import dataclass
from typing import Final

from bot.planetscale.models import Workflow
from bot.workflows.facts.states import AFTER_CUTOVER, COPIED, State, state_of

BEING_MOVED: Final = "being moved"
"""Stands for a keyspace while traffic is on its way."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Who serves writes and replica reads; `None` where PlanetScale does not say or it is not certain.

    `replica_reads` is `BEING_MOVED` while they move and writes certainly do not.
    """

    writes: str | None
    replica_reads: str | None
    doubt: str | None = None
    """A sentence, where what PlanetScale reports must not be taken for the truth."""


_SOURCE_SERVES = frozenset({State.PENDING, State.COPYING, State.CANCELLED, *COPIED})
_MOVING = {
    State.SWITCHING_REPLICAS: "Replica reads are being moved",
    State.SWITCHING_PRIMARIES: "Writes are being moved",
    State.REVERSING_TRAFFIC: "Traffic is being moved back",
    State.REVERSING_TRAFFIC_FOR_CANCEL: "Traffic is being moved back, then the copies are deleted",
}


def traffic(workflow: Workflow) -> Traffic:
    """What PlanetScale's flags and state say about the traffic of `workflow`."""
    source = workflow.source_keyspace.name if workflow.source_keyspace else None
    target = workflow.target_keyspace.name if workflow.target_keyspace else None
    state = state_of(workflow.state)
    if state in AFTER_CUTOVER:
        return Traffic(target, target)
    if state in _SOURCE_SERVES and not (workflow.replicas_switched or workflow.primaries_switched):
        return Traffic(source, source)
    if _only_replicas_move(workflow):
        return Traffic(_served_by(workflow.primaries_switched, source, target), BEING_MOVED)
    if state in _MOVING:
        return Traffic(None, None, f"{_MOVING[state]}. PlanetScale reports {flags(workflow)}.")
    if state is State.ERROR and switch_was_tried(workflow):
        return Traffic(None, None, f"PlanetScale reports {flags(workflow)}.")
    return Traffic(
        _served_by(workflow.primaries_switched, source, target),
        _served_by(workflow.replicas_switched, source, target),
    )


def flags(workflow: Workflow) -> str:
    """PlanetScale's two flags in words: `replicas switched yes, primaries switched no`."""
    words = {True: "yes", False: "no", None: "not reported"}
    return (
        f"replicas switched {words[workflow.replicas_switched]}, "
        f"primaries switched {words[workflow.primaries_switched]}"
    )


def anything_switched(workflow: Workflow) -> bool:
    """Whether PlanetScale reports any traffic on the target."""
    return bool(workflow.replicas_switched or workflow.primaries_switched)


def replicas_moved(workflow: Workflow) -> bool:
    """Whether replica reads are on the target, by the state or the flag."""
    if state_of(workflow.state) in {State.SWITCHED_REPLICAS, State.SWITCHED_PRIMARIES}:
        return True
    return bool(workflow.replicas_switched)


def writes_moved(workflow: Workflow) -> bool:
    """Whether writes are on the target: by the state or the flag, else by what the streams say."""
    if state_of(workflow.state) is State.SWITCHED_PRIMARIES or workflow.primaries_switched:
        return True
    unreported = workflow.primaries_switched is None and workflow.replicas_switched is None
    return unreported and any(stream.primary_serving for stream in workflow.streams or ())


def switch_was_tried(workflow: Workflow) -> bool:
    """Whether a switch was ever sent. In an error it may have broken off half-way, whatever the flags say."""
    traces = (
        workflow.switch_replicas_at,
        workflow.switch_primaries_at,
        workflow.cutover_at,
        workflow.switch_replicas_by,
        workflow.switch_primaries_by,
        workflow.cutover_by,
    )
    return replicas_moved(workflow) or writes_moved(workflow) or any(traces)


_RUNS = (_SOURCE_SERVES | {State.SWITCHED_REPLICAS, State.SWITCHED_PRIMARIES}) - {State.CANCELLED}
"""Between these only the flags tell where traffic is: a verification passes through them either way."""


def is_as_then(then: Workflow, now: Workflow) -> bool:
    """Whether who serves what, and the way back, are as they were. Copying and verifying change neither."""
    states = [state_of(one.state) for one in (then, now)]
    same = states[0] is states[1] or all(state in _RUNS for state in states)
    return same and all(
        before is None or after is None or before is after
        for before, after in (
            (then.replicas_switched, now.replicas_switched),
            (then.primaries_switched, now.primaries_switched),
        )
    )


def _only_replicas_move(workflow: Workflow) -> bool:
    """Whether writes certainly stay where they are.

    While traffic is reversed the flag alone does not prove it: it may have been taken back already. That
    primaries were never switched does.
    """
    if workflow.primaries_switched is None:
        return False
    match state_of(workflow.state):
        case State.SWITCHING_REPLICAS:
            return True
        case State.REVERSING_TRAFFIC | State.REVERSING_TRAFFIC_FOR_CANCEL:
            return not workflow.primaries_switched and workflow.switch_primaries_at is None
        case _:
            return False


def _served_by(switched: bool | None, source: str | None, target: str | None) -> str | None:
    if switched is None:
        return None
    return target if switched else source
