from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workflows.observing.picture import HELD, NAMED, Mark, Picture, TableSample, picture
from tests.builders import NOW, a_workflow, copying

MINUTE = timedelta(minutes=1)
PLAIN = copying()
"""A copy of which nothing happened yet but its rows."""

samples = st.lists(
    st.builds(
        TableSample,
        at=st.integers(0, 10_000).map(lambda minutes: NOW + MINUTE * minutes),
        tables=st.dictionaries(st.text(max_size=3), st.integers(-5, 10**18), max_size=12),
        held=st.booleans(),
        state=st.sampled_from(["copying", "error", "stopped", "", "something new"]),
    ),
    max_size=20,
)


def after(minutes: int) -> datetime:
    return NOW + MINUTE * minutes


def taken(*rows: dict[str, int]) -> list[TableSample]:
    """A sample each minute."""
    return [TableSample(after(minute), tables) for minute, tables in enumerate(rows)]


def drawn(taken: list[TableSample], **differs: str) -> Picture:
    found = picture("shop #3", taken, copying(**differs))
    assert found is not None
    return found


@given(samples)
def test_a_picture_holds_together(taken: list[TableSample]) -> None:
    """Whatever was kept, all tables of a picture have the same moments in order, and no negative rows."""
    found = picture("shop #3", taken, PLAIN)
    if found is None:
        return
    moments = [at for at, _ in found.totals]
    assert len(moments) >= 2
    assert moments == sorted(set(moments))
    assert 1 <= len(found.series) <= NAMED + 1
    for series in found.series:
        assert [at for at, _ in series.points] == moments
        assert all(rows >= 0 for _, rows in series.points)
    assert list(found.marks) == sorted(found.marks, key=lambda mark: mark.at)
    assert all(mark.until is None or mark.at <= mark.until <= moments[-1] for mark in found.marks)
    assert found.rate() is None or (found.rate() or 0) >= 0


@given(samples)
def test_no_rows_are_lost(taken: list[TableSample]) -> None:
    """The series of a picture sum up to all rows that are known, however many tables there are."""
    found = picture("shop #3", taken, PLAIN)
    if found is None:
        return
    last: dict[str, int] = {}
    newest = None
    for sample in taken:
        if sample.tables and (newest is None or sample.at > newest):
            newest = sample.at
            last |= {name: max(0, rows) for name, rows in sample.tables.items()}
    assert found.totals[-1][1] == sum(last.values())


def test_few_tables_are_all_named() -> None:
    """Up to seven tables are named, the largest first."""
    rows = {f"t{number}": number for number in range(1, 8)}
    found = drawn(taken(rows, rows))
    assert [series.name for series in found.series] == ["t7", "t6", "t5", "t4", "t3", "t2", "t1"]


def test_of_many_tables_the_largest_are_named() -> None:
    """Of forty tables the six largest are named, and the rest is one."""
    rows = {f"t{number}": number for number in range(1, 41)}
    found = drawn(taken(rows, rows))
    assert [series.name for series in found.series] == ["t40", "t39", "t38", "t37", "t36", "t35", "34 more"]
    assert found.series[-1].rows == sum(range(1, 35))


def test_a_table_that_is_not_named_keeps_its_rows() -> None:
    """A read that leaves a table out does not make its rows vanish."""
    found = drawn(taken({"a": 5, "b": 1}, {"b": 2}))
    assert [(series.name, series.rows) for series in found.series] == [("a", 5), ("b", 2)]


@pytest.mark.parametrize("rows", [[], [{"a": 1}], [{"a": 1}, {}]])
def test_less_than_two_samples_are_no_picture(rows: list[dict[str, int]]) -> None:
    """From nothing, or one moment alone, no picture is made."""
    assert picture("shop #3", taken(*rows), PLAIN) is None


def test_the_rate_is_that_of_the_rows() -> None:
    """The average is over all the time, the latest rate over the last half hour."""
    rows = [{"a": 6_000 * minute} for minute in range(60)]
    rows += [{"a": rows[-1]["a"] + 600 * minute} for minute in range(1, 41)]
    found = drawn(taken(*rows))
    assert found.rate() == pytest.approx(rows[-1]["a"] / (99 * 60))
    assert found.rate(30 * MINUTE) == pytest.approx(10)


def test_rows_that_are_copied_anew_have_no_rate() -> None:
    """Where there are fewer rows at the end than at the beginning, no rate is made up."""
    assert drawn(taken({"a": 100}, {"a": 7})).rate() is None


def test_standing_is_marked_from_first_to_last() -> None:
    """Each time for which the copy was held is marked with its beginning and its end."""
    held = [False, True, True, False, True]
    kept = [TableSample(after(minute), {"a": 1}, one) for minute, one in enumerate(held)]
    assert drawn(kept).marks == (Mark(after(1), HELD, after(3)), Mark(after(4), HELD, after(4)))


def test_errors_and_stops_are_marked_once() -> None:
    """An error is marked where it was first seen, each time anew."""
    states = ["copying", "error", "error", "copying", "stopped", "copying", "error"]
    kept = [TableSample(after(minute), {"a": 1}, state=one) for minute, one in enumerate(states)]
    assert [(mark.at, mark.what) for mark in drawn(kept).marks] == [
        (after(1), "error"),
        (after(4), "stopped"),
        (after(6), "error"),
    ]


def test_what_planetscale_gives_times_for_is_marked() -> None:
    """The end of the copy, a verification, switches, the cutover and the rest are marked in their order."""
    moments = {
        "retried_at": "2026-11-23T03:00:00Z",
        "data_copy_completed_at": "2026-11-23T04:00:00Z",
        "verify_data_at": "2026-11-23T05:00:00Z",
        "switch_replicas_at": "2026-11-23T06:00:00Z",
        "switch_primaries_at": "2026-11-23T07:00:00Z",
        "reversed_at": "2026-11-23T08:00:00Z",
        "cutover_at": "2026-11-23T09:00:00Z",
    }
    clean = {"id": "v", "state": "completed", "completed_at": "2026-11-23T05:00:00Z", "has_mismatch": False}
    found = picture("shop #3", taken({"a": 1}, {"a": 2}), a_workflow(vdiff=clean, **moments))
    assert found is not None
    assert [mark.what for mark in found.marks] == [
        "retried",
        "copied",
        "verified clean",
        "replica reads switched",
        "writes switched",
        "traffic reversed",
        "cut over",
    ]
    assert [mark.at.hour for mark in found.marks] == [3, 4, 5, 6, 7, 8, 9]


def test_a_verification_that_found_differences_is_not_clean() -> None:
    """A verification that found rows to differ is marked as that."""
    vdiff = {"id": "v", "state": "completed", "completed_at": "2026-11-23T05:00:00Z", "has_mismatch": True}
    found = picture("shop #3", taken({"a": 1}, {"a": 2}), a_workflow(vdiff=vdiff))
    assert found is not None
    assert "verified: rows differ" in [mark.what for mark in found.marks]
