from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workflows.facts.verification import DataVerdict, verification
from tests.builders import CLEAN, NOW, a_workflow


def report(**counts: Any) -> dict[str, Any]:
    none = {"mismatched_rows_count": 0, "extra_source_rows_count": 0, "extra_target_rows_count": 0}
    return {"table_name": "line_items", "shard": "-80"} | none | counts


@pytest.mark.parametrize(
    ("differs", "verdict"),
    [
        ({}, DataVerdict.CLEAN),
        ({"state": "verified_data"}, DataVerdict.CLEAN),
        ({"verify_data_at": None, "vdiff": None}, DataVerdict.NEVER),
        ({"vdiff": None}, DataVerdict.NO_REPORT),
        ({"state": "verified_data", "verify_data_at": None, "vdiff": None}, DataVerdict.NO_REPORT),
        ({"vdiff": CLEAN | {"has_mismatch": None, "table_reports": None}}, DataVerdict.NO_REPORT),
        ({"vdiff": CLEAN | {"table_reports": [report()]}}, DataVerdict.CLEAN),
        ({"vdiff": CLEAN | {"table_reports": [report(mismatched_rows_count=-1)]}}, DataVerdict.NO_REPORT),
        ({"vdiff": CLEAN | {"table_reports": [report(extra_source_rows_count=None)]}}, DataVerdict.NO_REPORT),
        ({"vdiff": CLEAN | {"table_reports": [report(), 7]}}, DataVerdict.NO_REPORT),
        ({"vdiff": CLEAN | {"table_reports": "none"}}, DataVerdict.NO_REPORT),
        ({"vdiff": CLEAN | {"has_mismatch": "perhaps"}}, DataVerdict.NO_REPORT),
        ({"vdiff": 7}, DataVerdict.NO_REPORT),
        ({"state": "verifying_data"}, DataVerdict.RUNNING),
        ({"verified_data_stale": True}, DataVerdict.STALE),
        ({"vdiff": CLEAN | {"completed_at": "2026-11-22T02:14:00Z"}}, DataVerdict.STALE),
        ({"vdiff": CLEAN | {"completed_at": "2026-11-22T02:14:01Z"}}, DataVerdict.CLEAN),
        ({"vdiff": CLEAN | {"has_mismatch": True}}, DataVerdict.DIFFERS),
        (
            {"vdiff": CLEAN | {"table_reports": [report(mismatched_rows_count=1)], "has_mismatch": False}},
            DataVerdict.DIFFERS,
        ),
        ({"vdiff": CLEAN | {"table_reports": [report(extra_source_rows_count=1)]}}, DataVerdict.DIFFERS),
        ({"vdiff": CLEAN | {"table_reports": [report(extra_target_rows_count=1)]}}, DataVerdict.DIFFERS),
        ({"vdiff": CLEAN | {"state": "error"}}, DataVerdict.BROKE_OFF),
        ({"vdiff": CLEAN | {"state": "stopped", "completed_at": None}}, DataVerdict.BROKE_OFF),
        ({"retried_at": "2026-11-23T01:10:00Z"}, DataVerdict.OUTDATED),
        ({"reversed_at": "2026-11-23T01:10:00Z"}, DataVerdict.OUTDATED),
        ({"retried_at": "2026-11-22T20:00:00Z"}, DataVerdict.CLEAN),
    ],
)
def test_the_verdict(differs: dict[str, Any], verdict: DataVerdict) -> None:
    """Clean means: it ended, it found nothing, it is fresh, and nothing came after it."""
    assert verification(a_workflow(**differs), NOW).verdict is verdict


def test_rows_that_differ_are_counted_by_table_and_shard() -> None:
    """Every kind of difference counts: changed rows, rows only in the source, rows only in the target."""
    reports = [
        report(mismatched_rows_count=12),
        report(mismatched_rows_count=3, extra_source_rows_count=2) | {"shard": "80-"},
        {"table_name": "orders", "shard": "-80"},
    ]
    found = verification(a_workflow(vdiff=CLEAN | {"has_mismatch": True, "table_reports": reports}), NOW)
    assert found.rows == 17
    assert [(one.table, one.shard, one.rows) for one in found.differences] == [
        ("line_items", "-80", 12),
        ("line_items", "80-", 5),
    ]


@given(percent=st.floats(-10, 1000) | st.none(), eta=st.floats(-100, 1e12) | st.none())
def test_progress_of_a_verification_stays_below_100(percent: float | None, eta: float | None) -> None:
    """A running verification never shows 100 %, a negative share or a negative time."""
    vdiff = {"progress_percentage": percent, "eta_seconds": eta, "started_at": "2026-11-23T02:00:00Z"}
    found = verification(a_workflow(state="verifying_data", vdiff=vdiff), NOW)
    assert found.percent is None or 0 <= found.percent <= 99
    assert found.seconds_left is None or found.seconds_left > 0
