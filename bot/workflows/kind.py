"""A database import is a workflow too, and other sentences are true of it."""

from enum import Enum

from bot.planetscale.models import Keyspace, Workflow


class Kind(Enum):
    """What a workflow is for. `UNKNOWN` gets the stricter text."""

    MOVE = "move"
    IMPORT = "import"
    UNKNOWN = "unknown"


def kind_of(workflow: Workflow, source: Keyspace | None = None) -> Kind:
    """The kind, from the subtype or, where that is missing, from the source keyspace if it was read."""
    subtype = (workflow.workflow_subtype or "").lower()
    if "import" in subtype or (source is not None and source.imported):
        return Kind.IMPORT
    if subtype or (source is not None and source.imported is False):
        return Kind.MOVE
    return Kind.UNKNOWN
