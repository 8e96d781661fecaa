from typing import Any

import pytest

from bot.workflows.facts.traffic import BEING_MOVED, switch_was_tried, traffic
from tests.builders import a_workflow

SOURCE, TARGET = "commerce", "customer"


@pytest.mark.parametrize(
    ("state", "replicas", "primaries", "writes", "reads"),
    [
        ("pending", False, False, SOURCE, SOURCE),
        ("copying", None, None, SOURCE, SOURCE),
        ("running", False, False, SOURCE, SOURCE),
        ("verified_data", False, False, SOURCE, SOURCE),
        ("stopped", False, False, SOURCE, SOURCE),
        ("switched_replicas", True, False, SOURCE, TARGET),
        ("switched_primaries", True, True, TARGET, TARGET),
        ("switched_primaries", False, True, TARGET, SOURCE),
        ("cutting_over", True, True, TARGET, TARGET),
        ("cutover", None, None, TARGET, TARGET),
        ("reversed_cutover", False, False, TARGET, TARGET),
        ("completed", False, False, TARGET, TARGET),
        ("cancelled", False, False, SOURCE, SOURCE),
        ("error", False, False, SOURCE, SOURCE),
        ("a_new_state", True, False, SOURCE, TARGET),
        ("a_new_state", None, None, None, None),
    ],
)
def test_who_serves_what(
    state: str, replicas: bool | None, primaries: bool | None, writes: str | None, reads: str | None
) -> None:
    """The keyspace that is named is the one that the state and the flags prove."""
    found = traffic(a_workflow(state=state, replicas_switched=replicas, primaries_switched=primaries))
    assert (found.writes, found.replica_reads, found.doubt) == (writes, reads, None)


@pytest.mark.parametrize(
    "differs",
    [
        {"state": "switching_replicas", "primaries_switched": None},
        {"state": "switching_primaries"},
        {"state": "reversing_traffic", "primaries_switched": True},
        {"state": "reversing_traffic", "switch_primaries_at": "2026-11-23T02:00:00Z"},
        {"state": "reversing_traffic_for_cancel", "primaries_switched": None},
        {"state": "error", "replicas_switched": True},
        {"state": "error", "switch_primaries_at": "2026-11-23T02:00:00Z"},
        {"state": "error", "cutover_at": "2026-11-23T02:00:00Z"},
    ],
)
def test_no_certainty_while_traffic_moves_or_after_a_broken_switch(differs: dict[str, Any]) -> None:
    """While something moves, and in an error after a switch, nobody is told that a keyspace serves writes."""
    found = traffic(a_workflow(**differs))
    assert found.writes is None
    assert found.doubt is not None
    assert "PlanetScale reports replicas switched" in found.doubt


@pytest.mark.parametrize(
    ("differs", "writes"),
    [
        ({"state": "switching_replicas"}, SOURCE),
        ({"state": "switching_replicas", "replicas_switched": None}, SOURCE),
        ({"state": "switching_replicas", "primaries_switched": True}, TARGET),
        ({"state": "reversing_traffic", "replicas_switched": True}, SOURCE),
        ({"state": "reversing_traffic_for_cancel", "replicas_switched": True}, SOURCE),
    ],
)
def test_writes_are_certain_while_only_replica_reads_move(differs: dict[str, Any], writes: str) -> None:
    """While replica reads alone move, everybody is told where writes are, and what is moving."""
    found = traffic(a_workflow(**differs))
    assert (found.writes, found.replica_reads, found.doubt) == (writes, BEING_MOVED, None)


@pytest.mark.parametrize(
    ("differs", "tried"),
    [
        ({}, False),
        ({"replicas_switched": True}, True),
        ({"primaries_switched": True}, True),
        ({"switch_replicas_at": "2026-11-23T02:00:00Z"}, True),
        ({"switch_primaries_at": "2026-11-23T02:00:00Z"}, True),
        ({"cutover_at": "2026-11-23T02:00:00Z"}, True),
    ],
)
def test_a_switch_that_was_tried_leaves_a_trace(differs: dict[str, Any], tried: bool) -> None:
    """A switch counts as tried by its flag or by its time, also where both flags say no again."""
    assert switch_was_tried(a_workflow(**differs)) is tried
