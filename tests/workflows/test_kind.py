"""What a workflow is for."""

import pytest

from bot.planetscale.models import Keyspace
from bot.workflows.facts.kind import WorkflowKind, kind_of
from tests.builders import a_workflow

OWN, EXTERNAL, UNTOLD = (Keyspace(name="commerce", imported=imported) for imported in (False, True, None))


@pytest.mark.parametrize(
    ("subtype", "source", "kind"),
    [
        (None, None, WorkflowKind.UNKNOWN),
        (None, OWN, WorkflowKind.MOVE),
        (None, EXTERNAL, WorkflowKind.IMPORT),
        (None, UNTOLD, WorkflowKind.UNKNOWN),
        ("move_tables", None, WorkflowKind.MOVE),
        ("database_import", OWN, WorkflowKind.IMPORT),
        ("atomic_copy", None, WorkflowKind.UNKNOWN),
        ("atomic_copy", EXTERNAL, WorkflowKind.IMPORT),
        ("atomic_copy", OWN, WorkflowKind.MOVE),
        ("partial", None, WorkflowKind.UNKNOWN),
        ("None", EXTERNAL, WorkflowKind.IMPORT),
    ],
)
def test_only_a_subtype_that_names_a_kind_counts(
    subtype: str | None, source: Keyspace | None, kind: WorkflowKind
) -> None:
    """How an import is copied does not make it a move; what is not told gets the stricter text."""
    assert kind_of(a_workflow(workflow_subtype=subtype), source) is kind
