from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workflows.facts.progress import catching_up, copy_of, copy_time, percent_of, throttled
from tests.builders import NOW, a_workflow, copying

counts = st.integers(0, 10**15) | st.none()


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=8), st.booleans())
def test_a_copy_is_100_percent_only_when_planetscale_says_complete(
    rows: list[tuple[int | None, int | None]], finished: bool
) -> None:
    """Whatever the statistics say, no share is over 99 % before the copy is complete, and none negative."""
    tables = [{"name": "t", "rows_copied": copied, "rows_total": total} for copied, total in rows]
    done = "2026-11-22T22:04:00Z" if finished else None
    copy = copy_of(copying(*tables, data_copy_completed_at=done))
    assert copy is not None
    assert copy.percent == 100 if finished else copy.percent is None or 0 <= copy.percent <= 99
    assert all(table.percent is None or 0 <= table.percent <= 99 for table in copy.tables)


@pytest.mark.parametrize(
    ("copied", "total", "percent"),
    [
        (0, 100, 0),
        (994, 1000, 99),
        (999, 1000, 99),
        (1000, 1000, 99),
        (3000, 1000, 99),
        (199, 1000, 19),
        (5, 0, None),
        (None, 5, None),
        (5, None, None),
    ],
)
def test_percentages_are_cut(copied: int | None, total: int | None, percent: int | None) -> None:
    """A percentage is never rounded up, and is left out where a number is missing."""
    assert percent_of(copied, total) == percent


def test_a_total_with_an_unknown_part_is_unknown() -> None:
    """A table that was just listed can carry its name alone: then no overall percentage is invented."""
    copy = copy_of(copying({"name": "orders", "rows_copied": 5, "rows_total": 10}, {"name": "line_items"}))
    assert copy is not None
    assert (copy.copied, copy.total, copy.percent) == (5, None, None)


@pytest.mark.parametrize("tables", [None, []])
def test_missing_tables_are_not_reported(tables: list[Any] | None) -> None:
    """No tables in the answer means "not reported", not zero."""
    assert copy_of(copying(tables=tables)) is None


@pytest.mark.parametrize(
    ("age", "component", "expected"),
    [
        (timedelta(seconds=0), "vplayer", True),
        (timedelta(seconds=119), "vplayer", True),
        (timedelta(seconds=120), "vplayer", False),
        (timedelta(seconds=5), None, False),
        (None, "vplayer", False),
    ],
)
def test_throttled_means_within_two_minutes(
    age: timedelta | None, component: str | None, expected: bool
) -> None:
    """An old throttled time is history: it is the last time, refreshed while throttling goes on."""
    stream = {
        "component_throttled": component,
        "component_throttled_at": NOW - age if age is not None else None,
    }
    assert (throttled(copying(streams=[stream]), NOW) is not None) is expected


def test_catching_up() -> None:
    """All rows there while the state still says copying is catching up, not 100 %."""
    full = {"name": "orders", "rows_copied": 10, "rows_total": 10}
    assert catching_up(copying(full))
    assert not catching_up(copying(full, {"name": "line_items", "rows_copied": 9, "rows_total": 10}))
    assert not catching_up(a_workflow(tables=[full]))


def test_more_rows_than_estimated_is_not_catching_up() -> None:
    """Where the estimate was too low nobody knows how many rows are to come, so it is not called complete."""
    full = {"name": "orders", "rows_copied": 10, "rows_total": 10}
    assert not catching_up(copying(full, {"name": "line_items", "rows_copied": 11, "rows_total": 10}))


def test_copy_time_needs_both_ends() -> None:
    """How long the copy took is said only when it is known."""
    assert copy_time(a_workflow()) == timedelta(hours=6, minutes=2)
    assert copy_time(copying()) is None


@pytest.mark.parametrize(
    ("audit", "expected"),
    [((0, 0), True), ((5, 0), False), ((0, 5), False), ((None, 0), False), ((0, None), False)],
)
def test_an_empty_table_is_a_full_one(audit: tuple[int | None, int | None], expected: bool) -> None:
    """A table without rows keeps no copy from catching up; where all tables are empty nothing has begun."""
    empty = {"name": "audit", "rows_copied": audit[0], "rows_total": audit[1]}
    assert catching_up(copying({"name": "orders", "rows_copied": 9, "rows_total": 9}, empty)) is expected
    assert not catching_up(copying(empty))
