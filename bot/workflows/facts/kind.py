"""A database import is a workflow too, and other sentences are true of it."""

from enum import StrEnum

from bot.planetscale.models import Keyspace, Workflow
from bot.workflows.facts.states import COPIED, State, state_of


class WorkflowKind(StrEnum):
    """What a workflow is for. `UNKNOWN` gets the stricter text."""

    MOVE = "move"
    IMPORT = "import"
    UNKNOWN = "unknown"


_MATTERS = COPIED | {
    State.SWITCHING_REPLICAS,
    State.SWITCHED_REPLICAS,
    State.SWITCHING_PRIMARIES,
    State.SWITCHED_PRIMARIES,
    State.REVERSING_TRAFFIC,
}
"""From the complete copy until the cutover, what comes next depends on the kind."""


_MOVES = frozenset(("move", "move_tables", "movetables"))
"""Subtypes that say that it is a move."""


def source_would_tell(workflow: Workflow) -> bool:
    """Whether it is worth reading the source keyspace to know the kind of `workflow`."""
    named = workflow.branch is not None and workflow.source_keyspace is not None
    return named and state_of(workflow.state) in _MATTERS and kind_of(workflow) is WorkflowKind.UNKNOWN


def kind_of(workflow: Workflow, source: Keyspace | None = None) -> WorkflowKind:
    """The kind, from a subtype that names one or else from the source keyspace, if it was read.

    Other subtypes say how something is copied, not what for: Vitess' `atomic_copy` can be an import's.
    """
    subtype = (workflow.workflow_subtype or "").lower()
    if "import" in subtype or (source is not None and source.imported):
        return WorkflowKind.IMPORT
    if subtype in _MOVES or (source is not None and source.imported is False):
        return WorkflowKind.MOVE
    return WorkflowKind.UNKNOWN
