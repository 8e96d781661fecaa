"""What a workflow is for."""

import pytest

from bot.planetscale.models import Keyspace
from bot.workflows.facts.kind import Kind, kind_of
from tests.builders import a_workflow

OWN, EXTERNAL, UNTOLD = (Keyspace(name="commerce", imported=imported) for imported in (False, True, None))


@pytest.mark.parametrize(
    ("subtype", "source", "kind"),
    [
        (None, None, Kind.UNKNOWN),
        (None, OWN, Kind.MOVE),
        (None, EXTERNAL, Kind.IMPORT),
        (None, UNTOLD, Kind.UNKNOWN),
        ("move_tables", None, Kind.MOVE),
        ("database_import", OWN, Kind.IMPORT),
        ("atomic_copy", None, Kind.UNKNOWN),
        ("atomic_copy", EXTERNAL, Kind.IMPORT),
        ("atomic_copy", OWN, Kind.MOVE),
        ("partial", None, Kind.UNKNOWN),
        ("None", EXTERNAL, Kind.IMPORT),
    ],
)
def test_only_a_subtype_that_names_a_kind_counts(
    subtype: str | None, source: Keyspace | None, kind: Kind
) -> None:
    """How an import is copied does not make it a move; what is not told gets the stricter text."""
    assert kind_of(a_workflow(workflow_subtype=subtype), source) is kind
