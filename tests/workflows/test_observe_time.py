"""What becomes news by time alone."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.planetscale.models import Workflow
from bot.workflows.observing.estimate import Sample
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.observing.observe import first_sight, observe
from bot.workflows.observing.observed_state import ObservedState
from tests.builders import CLEAN, STREAMS, copying
from tests.workflows.observed_states import T0, in_state, kinds, minutes, news


def rows(orders: int, line_items: int = 0, **differs: Any) -> Workflow:
    """Copying, with so many of 1,000 rows of each of two tables."""
    return copying(
        {"name": "orders", "rows_copied": orders, "rows_total": 1000},
        {"name": "line_items", "rows_copied": line_items, "rows_total": 1000},
        **differs,
    )


def held(at: datetime) -> list[dict[str, Any]]:
    return [STREAMS[0] | {"component_throttled": "vplayer", "component_throttled_at": at}]


def told_from(
    sight: ObservedState, reads: Iterable[tuple[float, Workflow]], *, in_detail: bool = True
) -> tuple[ObservedState, list[tuple[float, Happened]]]:
    """What was told at which minute."""
    found: list[tuple[float, Happened]] = []
    for minute, workflow in reads:
        sight, happened = observe(sight, workflow, minutes(minute), in_detail=in_detail)
        found += [(minute, one) for one in happened]
    return sight, found


def brief(found: list[tuple[float, Happened]]) -> list[tuple[float, Happening]]:
    return [(minute, one.what) for minute, one in found]


@pytest.mark.parametrize(
    ("state", "seconds", "what"),
    [
        ("switching_replicas", 60, Happening.MOVING_LONG),
        ("switching_primaries", 60, Happening.MOVING_LONG),
        ("reversing_traffic", 60, Happening.MOVING_LONG),
        ("reversing_traffic_for_cancel", 60, Happening.MOVING_LONG),
        ("cutting_over", 60, Happening.MOVING_LONG),
        ("cancelling", 30 * 60, Happening.CANCELLING_LONG),
    ],
)
def test_a_move_that_takes_long_is_told_once(state: str, seconds: int, what: Happening) -> None:
    """A move of more than 60 s, and a cancel of more than 30 min, is told once, from a list as well."""
    sight = first_sight(in_state(state), T0)
    for extra, expected in ((0, []), (1, [what]), (999, [])):
        at = T0 + timedelta(seconds=seconds + extra)
        sight, told = news(sight, in_state(state), at, in_detail=False)
        assert told == expected


def test_a_second_move_is_told_as_well() -> None:
    """A switch that hangs is told although an earlier one hung too."""
    sight = first_sight(in_state("switching_replicas"), T0)
    _, found = told_from(
        sight,
        [
            (2, in_state("switching_replicas")),
            (3, in_state("switched_replicas")),
            (9, in_state("switching_primaries")),
            (11, in_state("switching_primaries")),
        ],
    )
    assert [entry for entry in brief(found) if entry[1] is Happening.MOVING_LONG] == [
        (2, Happening.MOVING_LONG),
        (11, Happening.MOVING_LONG),
    ]


def test_throttling_is_told_after_a_while_and_its_end_once() -> None:
    """30 minutes, then 4 hours of throttling are told, and one end of both; a list says nothing of it."""
    sight = first_sight(rows(100), T0)
    reads = [(minute, rows(100, streams=held(minutes(minute)))) for minute in range(1, 260)]
    sight, found = told_from(sight, reads)
    assert brief(found) == [(31, Happening.THROTTLED), (241, Happening.THROTTLED_LONG)]
    assert (found[0][1].since, found[0][1].subject, found[0][1].said) == (minutes(1), "-80", "vplayer")
    sight, told = news(sight, rows(100), minutes(265), in_detail=False)
    assert told == []
    sight, last = told_from(sight, [(270, rows(110)), (271, rows(120))])
    assert brief(last) == [(270, Happening.GOING_ON)]
    assert (last[0][1].was, last[0][1].since) == (Happening.THROTTLED, minutes(1))


def test_short_throttling_is_not_told_nor_its_end() -> None:
    """Nobody hears of a throttler that held the copy back for ten minutes."""
    sight = first_sight(rows(100), T0)
    reads = [(minute, rows(100, streams=held(minutes(minute)))) for minute in range(1, 11)]
    _, found = told_from(sight, [*reads, (12, rows(120)), (13, rows(130))])
    assert found == []


def test_a_standstill_without_a_cause_is_told_and_so_is_that_it_goes_on() -> None:
    """45 minutes without a row, and none of the normal causes, is told; and when rows move again."""
    sight, found = told_from(
        first_sight(rows(100), T0), [(1, rows(200)), *((minute, rows(200)) for minute in range(2, 60))]
    )
    assert brief(found) == [(46, Happening.STANDING)]
    assert found[0][1].since == minutes(1)
    _, found = told_from(sight, [(60, rows(201)), (61, rows(202))])
    assert brief(found) == [(60, Happening.GOING_ON)]
    assert found[0][1].was is Happening.STANDING


@pytest.mark.parametrize(
    "differs",
    [
        {"workflow_errors": "trouble"},
        {"tables": None},
        {"tables": [{"name": "orders"}]},
        {"tables": [{"name": "orders", "rows_copied": 5, "rows_total": 5}]},
        {"tables": [{"name": "orders", "rows_copied": 985, "rows_total": 1000}]},
        {"data_copy_completed_at": T0},
    ],
    ids=["an error", "not reported", "no counts", "catching up", "index step", "complete"],
)
def test_a_standstill_with_a_cause_is_not_called_stuck(differs: dict[str, Any]) -> None:
    """What is normal, and what is not known, is never called stuck."""
    still = copying({"name": "orders", "rows_copied": 200, "rows_total": 1000}, **differs)
    sight, found = told_from(first_sight(still, T0), [(5 * n, still) for n in range(1, 30)])
    assert found == []
    assert sight.indexing == ("orders" if "985" in str(differs) else None)


def test_rows_that_are_not_reported_for_once_change_nothing() -> None:
    """A read without rows is neither a standstill nor progress."""
    bare = rows(200, tables=None)
    sight, found = told_from(first_sight(rows(200), T0), [(20, bare), (44, bare), (46, bare)])
    assert (found, sight.moved_at) == ([], T0)


def test_rows_that_are_not_read_do_not_stand_still() -> None:
    """While only lists come, nothing is said of rows: no standstill, no index step, no longer throttling."""
    for copied, streams in ((200, STREAMS), (985, STREAMS), (200, held(T0))):
        sight = first_sight(rows(copied, streams=streams), T0)
        reads = [(minute, rows(copied, tables=None, streams=None)) for minute in range(1, 400)]
        sight, found = told_from(sight, reads, in_detail=False)
        assert (found, sight.indexing) == ([], None)
    sight, found = told_from(first_sight(rows(200), T0), [(50, rows(200))])
    assert brief(found) == [(50, Happening.STANDING)]


def test_indexes_are_told_after_six_hours() -> None:
    """A table that stands still at its end is being indexed; that is told when it takes hours."""
    sight = first_sight(rows(900), T0)
    sight, _ = told_from(sight, [(1, rows(985)), (10, rows(985))])
    assert sight.indexing is None
    sight, found = told_from(sight, [(11, rows(985)), *((10.0 * n, rows(985)) for n in range(2, 60))])
    assert (sight.indexing, sight.indexing_since) == ("orders", minutes(1))
    assert brief(found) == [(370, Happening.INDEXING_LONG)]
    assert found[0][1].subject == "orders"
    sight, found = told_from(sight, [(600, rows(985, 1))])
    assert brief(found) == [(600, Happening.GOING_ON)]
    assert (sight.indexing, found[0][1].was) == (None, Happening.INDEXING_LONG)


@pytest.mark.parametrize("differs", [{"defer_secondary_keys": False}, {"streams": held(minutes(19))}])
def test_what_has_another_cause_is_not_indexing(differs: dict[str, Any]) -> None:
    """Without deferred keys, and while throttled, nothing is said of indexes."""
    sight, _ = told_from(first_sight(rows(985), T0), [(20, rows(985, **differs))])
    assert sight.indexing is None


def test_a_table_in_the_middle_is_not_indexing() -> None:
    """When a table stands still half-way, the finished one beside it is not the reason."""
    sight, found = told_from(first_sight(rows(1000, 400), T0), [(20, rows(1000, 400)), (46, rows(1000, 400))])
    assert sight.indexing is None
    assert brief(found) == [(46, Happening.STANDING)]


def samples(until: int, pace: int, start: int = 0) -> list[Sample]:
    return [Sample(minutes(minute), minute * pace + start, 1_000_000) for minute in range(0, until + 1, 5)]


def test_a_copy_that_takes_twice_as_long_is_told() -> None:
    """When the rest takes twice as long as first expected, that is told once; not in the first half hour."""
    sight = first_sight(rows(1, started_at=T0), T0)
    for minute in range(5, 100, 5):
        sight, told = observe(
            sight, rows(minute, started_at=T0), minutes(minute), in_detail=True, samples=samples(minute, 2500)
        )
        assert told == ()
        assert (sight.first_estimate_on is not None) == (minute >= 30)
    found: list[Happening] = []
    slow = samples(95, 2500)
    for minute in range(100, 400, 5):
        slow.append(Sample(minutes(minute), slow[-1].copied + 500, 1_000_000))
        sight, told = observe(
            sight, rows(minute, started_at=T0), minutes(minute), in_detail=True, samples=slow
        )
        found += kinds(told)
    assert found == [Happening.SLOWER]
    sight, told = observe(sight, in_state("running"), minutes(400), in_detail=True)
    assert (kinds(told), sight.estimate, sight.first_estimate_at) == ([Happening.COPIED], None, None)


def test_a_copy_that_was_throttled_from_the_start_is_not_called_slow() -> None:
    """What is expected first is only held against a copy once its rows were seen moving for half an hour."""
    sight = first_sight(rows(1, started_at=T0, streams=held(T0)), T0)
    seen = [Sample(T0, 0, 1_000_000, held=True)]
    for minute in range(5, 180, 5):
        seen.append(Sample(minutes(minute), 0, 1_000_000, held=True))
        stands = rows(1, started_at=T0, streams=held(minutes(minute)))
        sight, _ = observe(sight, stands, minutes(minute), in_detail=True, samples=seen)
    found: list[Happening] = []
    for minute in range(180, 480, 5):
        seen.append(Sample(minutes(minute), seen[-1].copied + 10_000, 1_000_000))
        moves = rows(minute, started_at=T0)
        sight, told = observe(sight, moves, minutes(minute), in_detail=True, samples=seen)
        found += kinds(told)
        assert (sight.first_estimate_on is not None) == (minute >= 210)
    assert found == [Happening.GOING_ON]


def test_a_verification_that_ages_is_told_while_nothing_is_switched() -> None:
    """Two hours before a clean verification counts as stale, and when it does, each once."""
    clean = in_state("running", vdiff=CLEAN | {"completed_at": T0}, verify_data_at=T0)
    _, found = told_from(first_sight(clean, T0), [(60 * hour, clean) for hour in range(1, 30)])
    assert brief(found) == [(22 * 60, Happening.STALE_SOON), (24 * 60, Happening.STALE)]
    assert [one.since for _, one in found] == [T0, T0]
    switched = in_state("switched_replicas", vdiff=CLEAN | {"completed_at": T0}, verify_data_at=T0)
    assert news(first_sight(switched, T0), switched, minutes(60 * 30))[1] == []
    assert news(first_sight(clean, minutes(60 * 30)), clean, minutes(60 * 31))[1] == []


def test_what_is_cut_over_and_not_completed_is_told_after_a_week() -> None:
    """The branch is not free before the workflow is completed: after seven days that is said, once."""
    cut = in_state("cutover", cutover_at=T0)
    days = [(24.0 * 60 * day, cut) for day in range(1, 20)]
    _, found = told_from(first_sight(cut, T0), days, in_detail=False)
    assert brief(found) == [(7 * 24 * 60, Happening.NOT_COMPLETED)]
