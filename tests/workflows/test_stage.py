from dataclasses import replace
from typing import Any

import pytest

from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.observing.observe import first_sight, observe
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.observing.stage import LiveStageName, essence, moved, stage_of
from tests.builders import CLEAN, STREAMS, a_workflow, copying
from tests.rows import each_row
from tests.workflows.observed_states import T0, in_state, minutes

VERIFIED = {"vdiff": CLEAN | {"completed_at": T0}, "verify_data_at": T0}


def seen(workflow: Any, **differs: Any) -> ObservedState:
    return replace(first_sight(workflow, T0), **differs)


@each_row(
    ("state", "differs", "stage"),
    [
        ("pending", {}, LiveStageName.PENDING),
        ("running", {}, LiveStageName.COPIED),
        ("running", VERIFIED, LiveStageName.CLEAN),
        ("verified_data", VERIFIED, LiveStageName.CLEAN),
        ("running", VERIFIED | {"verified_data_stale": True}, LiveStageName.STALE),
        ("running", VERIFIED | {"vdiff": CLEAN | {"has_mismatch": True}}, LiveStageName.DIFFERS),
        ("running", VERIFIED | {"vdiff": CLEAN | {"state": "error"}}, LiveStageName.BROKE_OFF),
        ("running", VERIFIED | {"reversed_at": minutes(1)}, LiveStageName.OUTDATED),
        ("running", VERIFIED | {"vdiff": None}, LiveStageName.NO_REPORT),
        ("verified_data", VERIFIED | {"replicas_switched": True}, LiveStageName.REPLICAS),
        ("running", VERIFIED | {"primaries_switched": True}, LiveStageName.PRIMARIES),
        ("verifying_data", {}, LiveStageName.VERIFYING),
        ("stopped", {}, LiveStageName.STOPPED),
        ("switching_replicas", {}, LiveStageName.MOVING),
        ("switching_primaries", {}, LiveStageName.MOVING),
        ("reversing_traffic", {}, LiveStageName.MOVING),
        ("cutting_over", {}, LiveStageName.MOVING),
        ("cancelling", {}, LiveStageName.MOVING),
        ("reversing_traffic_for_cancel", {}, LiveStageName.CANCEL_WITH_TRAFFIC),
        ("switched_replicas", {}, LiveStageName.REPLICAS),
        ("switched_primaries", {}, LiveStageName.PRIMARIES),
        ("cutover", {}, LiveStageName.CUT_OVER),
        ("reversed_cutover", {}, LiveStageName.RESTORED),
        ("completed", {}, LiveStageName.COMPLETED),
        ("cancelled", {}, LiveStageName.CANCELLED),
        ("error", {}, LiveStageName.ERROR),
        ("error", {"switch_primaries_at": T0}, LiveStageName.ERROR_IN_SWITCH),
        ("resharding", {}, LiveStageName.UNKNOWN),
    ],
)
def test_each_state_has_its_drawing(state: str, differs: dict[str, Any], stage: LiveStageName) -> None:
    """Every state that PlanetScale names has one drawing, and a name that is not known has its own."""
    assert stage_of(seen(in_state(state, **differs)), T0) is stage


@pytest.mark.parametrize(
    ("copied", "differs", "stage"),
    [
        (500, {}, LiveStageName.COPYING),
        (500, {"throttled_since": T0, "indexing": "orders"}, LiveStageName.THROTTLED),
        (985, {"indexing": "orders"}, LiveStageName.INDEXING),
        (1000, {}, LiveStageName.CATCHING_UP),
        (1001, {}, LiveStageName.COPYING),
        (500, {"moved_at": minutes(-45)}, LiveStageName.STANDING),
        (500, {"moved_at": minutes(-44)}, LiveStageName.COPYING),
    ],
)
def test_a_copy_is_drawn_as_what_holds_it(copied: int, differs: dict[str, Any], stage: LiveStageName) -> None:
    """Throttled, building indexes, catching up and stuck are told apart from plain copying."""
    workflow = copying({"name": "orders", "rows_copied": copied, "rows_total": 1000})
    assert stage_of(seen(workflow, **differs), T0) is stage


def test_an_end_that_only_a_list_showed_is_still_verifying() -> None:
    """Until the report was read, the verification is drawn as going on, not as broken off."""
    running = {"vdiff": CLEAN | {"completed_at": None, "state": "started"}, "verify_data_at": T0}
    sight = first_sight(in_state("verifying_data", **running), T0)
    sight, _ = observe(sight, in_state("running"), minutes(1), in_detail=False)
    assert stage_of(sight, minutes(1)) is LiveStageName.VERIFYING


def test_a_verification_grows_stale_without_another_read() -> None:
    """Time alone makes a clean verification a stale one, and the message follows."""
    sight = seen(in_state("running", **VERIFIED))
    assert stage_of(sight, minutes(24 * 60 - 1)) is LiveStageName.CLEAN
    assert stage_of(sight, minutes(24 * 60)) is LiveStageName.STALE
    assert essence(sight, minutes(24 * 60 - 1)) != essence(sight, minutes(24 * 60))


def test_numbers_that_move_are_not_the_essence() -> None:
    """Rows, totals, percentages, streams and estimates change a message in their own time."""
    before = copying({"name": "orders", "rows_copied": 1, "rows_total": 1000})
    after = copying({"name": "orders", "rows_copied": 2, "rows_total": 1100}, streams=STREAMS[:1])
    sight = seen(before)
    later, _ = observe(sight, after, minutes(1), in_detail=True)
    assert essence(later, minutes(1)) == essence(sight, T0)
    assert moved(sight, later)
    assert not moved(sight, replace(sight, read_at=minutes(1)))


@pytest.mark.parametrize(
    "differs",
    [
        {"state": "stopped"},
        {"name": "other"},
        {"workflow_errors": "lost"},
        {"source_keyspace": "legacy"},
        {"primaries_switched": True},
        {"vdiff": CLEAN | {"has_mismatch": True}},
        {"vdiff": CLEAN | {"id": "v2", "completed_at": T0}},
        {"may_retry": True},
    ],
    ids=str,
)
def test_what_matters_is_redrawn_at_once(differs: dict[str, Any]) -> None:
    """State, name, errors, who serves what and the verdict are the essence of a message."""
    assert essence(seen(a_workflow(**differs)), T0) != essence(seen(a_workflow()), T0)


@pytest.mark.parametrize(
    "differs",
    [
        {"kind": WorkflowKind.IMPORT},
        {"explicit_routing": True},
        {"throttled_since": T0},
        {"indexing": "orders"},
    ],
    ids=str,
)
def test_what_the_bot_found_out_is_redrawn_at_once(differs: dict[str, Any]) -> None:
    """So are the kind, the routing setting, the throttler and the table whose indexes are built."""
    assert essence(seen(a_workflow(), **differs), T0) != essence(seen(a_workflow()), T0)


@pytest.mark.parametrize(
    ("state", "soon", "late"),
    [("pending", 9, 10), ("switching_primaries", 1, 1.1), ("cancelling", 30, 30.1)],
)
def test_a_message_says_at_once_that_something_takes_long(state: str, soon: float, late: float) -> None:
    """What should have ended by now changes the message once, without any news from PlanetScale."""
    sight = seen(in_state(state), entered_at=T0)
    assert essence(sight, minutes(soon)) == essence(sight, T0)
    assert essence(sight, minutes(late)) != essence(sight, T0)
    assert essence(sight, minutes(late)) == essence(sight, minutes(late + 60))
