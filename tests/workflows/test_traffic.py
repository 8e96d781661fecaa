from typing import Any

import pytest

from bot.workflows.traffic import traffic
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
        {"state": "switching_replicas"},
        {"state": "switching_primaries"},
        {"state": "reversing_traffic", "primaries_switched": True},
        {"state": "reversing_traffic_for_cancel"},
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
