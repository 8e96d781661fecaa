from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.actions.registry import as_asked
from bot.workflows.facts.deletion import Deletion, What, deleted_at
from bot.workflows.facts.kind import WorkflowKind
from tests.builders import NOW, a_workflow, copying

CUTOVER, CANCEL = WorkflowCall.CUTOVER, WorkflowCall.CANCEL
CUT_AT, EARLIER = NOW, NOW - timedelta(hours=3)
BEN = {"display_name": "Ben"}


def deletion(call: WorkflowCall, workflow: Workflow, known: tuple[str, ...] = ()) -> Deletion | None:
    return as_asked(call, workflow, WorkflowKind.MOVE).deletion(workflow, known)


def test_a_cutover_deletes_the_originals() -> None:
    """A cutover names the moved tables, and the source keyspace that they are deleted from."""
    found = deletion(CUTOVER, a_workflow(state="switched_primaries"))
    assert found is not None
    assert (found.what, found.keyspace) == (What.SOURCE_TABLES, "commerce")
    assert found.tables == ("orders", "line_items")
    assert found.rows is None


def test_a_cancel_deletes_the_copies() -> None:
    """A cancel names the copies in the target keyspace and how many rows they have."""
    tables = ({"name": "orders", "rows_copied": 400}, {"name": "line_items", "rows_copied": 12})
    found = deletion(CANCEL, copying(*tables))
    assert found is not None
    assert (found.what, found.keyspace, found.rows) == (What.COPIES, "customer", 412)


@pytest.mark.parametrize("call", [call for call in WorkflowCall if call not in {CUTOVER, CANCEL}])
def test_nothing_else_deletes(call: WorkflowCall) -> None:
    """No other action deletes a table."""
    assert deletion(call, a_workflow(state="switched_primaries")) is None


def test_cutting_over_again_deletes_nothing_more() -> None:
    """After the routing rules were restored, the tables are gone already."""
    assert deletion(CUTOVER, a_workflow(state="reversed_cutover")) is None


@pytest.mark.parametrize(
    ("differs", "known", "tables"),
    [
        ({"tables": None}, ("orders",), ("orders",)),
        ({"tables": []}, (), ()),
        ({}, ("something_else",), ("orders", "line_items")),
        ({"tables": None, "source_keyspace": None}, (), ()),
    ],
)
def test_tables_that_are_not_listed(
    differs: dict[str, Any], known: tuple[str, ...], tables: tuple[str, ...]
) -> None:
    """What PlanetScale lists is named; else the tables of the bot's own create; else none."""
    found = deletion(CUTOVER, a_workflow(**differs), known)
    assert found is not None
    assert found.tables == tables


@pytest.mark.parametrize(
    ("differs", "seen_by_bot", "at"),
    [
        ({"state": "cutover"}, None, CUT_AT),
        ({"state": "reversed_cutover", "reversed_cutover_by": BEN}, None, CUT_AT),
        ({"state": "cutover", "reversed_cutover_by": BEN}, None, None),
        ({"state": "completed", "reversed_cutover_by": BEN}, None, None),
        ({"state": "cutover", "reversed_cutover_by": BEN}, EARLIER, EARLIER),
        ({"state": "switched_primaries", "cutover_at": None}, None, None),
    ],
)
def test_the_time_of_the_deletion(
    differs: dict[str, Any], seen_by_bot: datetime | None, at: datetime | None
) -> None:
    """The time of a later cutover, which deleted nothing, is never told as that of the deletion."""
    assert deleted_at(a_workflow(**{"cutover_at": CUT_AT} | differs), seen_by_bot) == at
