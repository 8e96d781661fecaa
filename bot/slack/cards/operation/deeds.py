"""What an operation does, told apart as finely as people must be told: other words are true of each."""

from enum import Enum

from bot.commands.model import ActionName
from bot.operations.model import Story
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.facts.kind import WorkflowKind, kind_of
from bot.workflows.facts.states import COPIED, State, state_of
from bot.workflows.facts.traffic import replicas_moved
from bot.workflows.own import workflow_of


class Deed(Enum):
    """One kind of card."""

    REPLICAS = "switch replica reads"
    PRIMARIES = "switch primaries"
    ALL_AT_ONCE = "switch everything"
    """Primaries while replica reads are not switched."""
    IMPORT = "switch an import's primaries"
    CUTOVER = "cut over"
    CUTOVER_AGAIN = "cut over again"
    """After the routing rules were restored: the tables are gone already."""
    COMPLETE = "complete"
    COMPLETE_IMPORT = "complete import"
    CANCEL = "cancel"
    REVERSE = "reverse traffic"
    REVERSE_REPLICAS = "reverse replica reads"
    """Writes were never moved."""
    RESTORE = "restore routing rules"
    RETRY = "retry"
    VERIFY = "verify data"
    CREATE = "create"


SWITCHES_WRITES = frozenset({Deed.PRIMARIES, Deed.ALL_AT_ONCE, Deed.IMPORT})
CUTOVERS = frozenset({Deed.CUTOVER, Deed.CUTOVER_AGAIN})
COMPLETES = frozenset({Deed.COMPLETE, Deed.COMPLETE_IMPORT})
REVERSES = frozenset({Deed.REVERSE, Deed.REVERSE_REPLICAS})
DELETES = frozenset({Deed.CUTOVER, Deed.CANCEL})
LEAVES_TRAFFIC_ALONE = COMPLETES | {Deed.RETRY, Deed.VERIFY, Deed.CREATE}
MAKES_WRITES_WAIT = SWITCHES_WRITES | {Deed.REVERSE}

_DONE_IN = {
    Deed.CUTOVER: (State.CUTOVER,),
    Deed.CUTOVER_AGAIN: (State.CUTOVER,),
    Deed.COMPLETE: (State.COMPLETED,),
    Deed.COMPLETE_IMPORT: (State.COMPLETED,),
    Deed.CANCEL: (State.CANCELLED,),
    Deed.RESTORE: (State.REVERSED_CUTOVER,),
    Deed.RETRY: (State.COPYING, State.RUNNING),
    Deed.VERIFY: (State.VERIFYING_DATA, State.VERIFIED_DATA),
}
VERBS = {
    Deed.REPLICAS: "Switch replica reads",
    Deed.PRIMARIES: "Switch primaries",
    Deed.ALL_AT_ONCE: "Switch primaries",
    Deed.IMPORT: "Switch primaries",
    Deed.CUTOVER: "Cut over",
    Deed.CUTOVER_AGAIN: "Cut over",
    Deed.COMPLETE: "Complete",
    Deed.COMPLETE_IMPORT: "Complete import",
    Deed.CANCEL: "Cancel",
    Deed.REVERSE: "Reverse traffic",
    Deed.REVERSE_REPLICAS: "Reverse traffic",
    Deed.RESTORE: "Restore routing rules",
    Deed.RETRY: "Retry",
    Deed.VERIFY: "Verify data",
    Deed.CREATE: "Create",
}
"""The first words of a card, for all of its life."""

_FIXED = {
    WorkflowCall.SWITCH_REPLICAS: Deed.REPLICAS,
    WorkflowCall.CANCEL: Deed.CANCEL,
    WorkflowCall.REVERSE_CUTOVER: Deed.RESTORE,
    WorkflowCall.RETRY: Deed.RETRY,
    WorkflowCall.VERIFY_DATA: Deed.VERIFY,
}
_BY_ACTION = {
    ActionName.SWITCH_TRAFFIC: WorkflowCall.SWITCH_PRIMARIES,
    ActionName.CUTOVER: WorkflowCall.CUTOVER,
    ActionName.COMPLETE: WorkflowCall.COMPLETE,
    ActionName.CANCEL: WorkflowCall.CANCEL,
    ActionName.REVERSE_TRAFFIC: WorkflowCall.REVERSE_TRAFFIC,
    ActionName.REVERSE_CUTOVER: WorkflowCall.REVERSE_CUTOVER,
    ActionName.RETRY: WorkflowCall.RETRY,
    ActionName.VERIFY_DATA: WorkflowCall.VERIFY_DATA,
}


def deed_of(story: Story) -> Deed:
    """The deed, from the call and from the workflow as it was when people were shown it."""
    operation = story.operation
    if operation.action is ActionName.CREATE:
        return Deed.CREATE
    call = operation.call or _BY_ACTION[operation.action]
    if call in _FIXED:
        return _FIXED[call]
    seen, kind = workflow_of(operation.seen), kind_in(story)
    match call:
        case WorkflowCall.SWITCH_PRIMARIES:
            if kind is WorkflowKind.IMPORT:
                return Deed.IMPORT
            return Deed.PRIMARIES if seen is None or replicas_moved(seen) else Deed.ALL_AT_ONCE
        case WorkflowCall.CUTOVER:
            again = seen is not None and state_of(seen.state) is State.REVERSED_CUTOVER
            return Deed.CUTOVER_AGAIN if again else Deed.CUTOVER
        case WorkflowCall.COMPLETE:
            return Deed.COMPLETE_IMPORT if kind is WorkflowKind.IMPORT else Deed.COMPLETE
        case _:
            only_replicas = seen is not None and seen.primaries_switched is False and seen.replicas_switched
            return Deed.REVERSE_REPLICAS if only_replicas else Deed.REVERSE


def kind_in(story: Story) -> WorkflowKind:
    """What the workflow is for, as far as it is known."""
    seen, told = workflow_of(story.operation.seen), WorkflowKind(story.kind)
    return kind_of(seen) if told is WorkflowKind.UNKNOWN and seen else told


def is_so(deed: Deed, workflow: Workflow) -> bool:
    """Whether what was read says that the deed is done: state and flags, never times."""
    state, replicas, primaries = (
        state_of(workflow.state),
        workflow.replicas_switched,
        workflow.primaries_switched,
    )
    match deed:
        case Deed.REPLICAS:
            return bool(replicas)
        case Deed.PRIMARIES | Deed.ALL_AT_ONCE | Deed.IMPORT:
            return bool(primaries) and state is State.SWITCHED_PRIMARIES
        case Deed.REVERSE | Deed.REVERSE_REPLICAS:
            return replicas is False and primaries is False and state in COPIED
        case Deed.CREATE:
            return True
        case _:
            return state in _DONE_IN.get(deed, ())
