"""Which reads go out first."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.subjects.model import MOVING, WAITING, WORKING
from bot.watch.polling.pace import Pace
from bot.watch.polling.plan import DetailRead, Due, ListRead, choose
from tests.builders import NOW

PACE = Pace(15)
LATER = NOW + timedelta(hours=1)


def a_due(
    name: str,
    database: str = "shop",
    urgency: int = WAITING,
    *,
    interval: float = 30,
    late: float = 0,
    detail: bool = False,
) -> Due:
    due_at = NOW - timedelta(seconds=late)
    looked_at = due_at - timedelta(seconds=interval)
    return Due(name, database, urgency, looked_at, due_at, due_at if detail else LATER)


@st.composite
def dues(draw: st.DrawFn) -> list[Due]:
    count = draw(st.integers(0, 30))
    return [
        a_due(
            f"w{number}",
            draw(st.sampled_from(["a", "b", "c", "d"])),
            draw(st.sampled_from([MOVING, WORKING, WAITING])),
            interval=draw(st.floats(0.2, 300)),
            late=draw(st.floats(0, 3600)),
            detail=draw(st.booleans()),
        )
        for number in range(count)
    ]


def covered(reads: list[ListRead | DetailRead]) -> list[str]:
    return [one for read in reads for one in (read.due if isinstance(read, ListRead) else (read.id,))]


@given(dues(), st.integers(0, 40))
def test_never_more_than_can_be_spared(due: list[Due], spare: int) -> None:
    """However much is due, no more reads start than the budget can spare, and no workflow is read twice."""
    reads = choose(due, spare, NOW, PACE)
    assert len(reads) <= spare
    assert len(covered(reads)) == len(set(covered(reads)))


@given(dues())
def test_with_room_for_all_all_are_read(due: list[Due]) -> None:
    """With enough budget everything that is due is read, and in full where that is due."""
    reads = choose(due, 1000, NOW, PACE)
    assert sorted(covered(reads)) == sorted(one.id for one in due)
    in_full = {read.id for read in reads if isinstance(read, DetailRead)}
    assert in_full >= {one.id for one in due if one.detail_due_at <= NOW}


@given(dues(), st.integers(1, 5))
def test_nobody_starves(due: list[Due], spare: int) -> None:
    """Whatever else is due, what has waited a thousand times its interval longer is read now."""
    starved = a_due("starved", "z", WAITING, interval=0.2, late=200_000_000)
    assert "starved" in covered(choose([*due, starved], spare, NOW, PACE))


def test_one_workflow_is_read_in_full() -> None:
    """A database with one due workflow costs one request, and that says everything."""
    assert choose([a_due("w1")], 5, NOW, PACE) == [DetailRead("shop", "w1")]


def test_several_workflows_are_listed() -> None:
    """A database with several due workflows costs one request."""
    assert choose([a_due("w1"), a_due("w2")], 5, NOW, PACE) == [ListRead("shop", ("w1", "w2"))]


def test_a_list_is_for_those_not_read_in_full() -> None:
    """What is read in full is not listed as well; a single one that is left is read in full too."""
    copying = a_due("w1", urgency=WORKING, detail=True)
    assert choose([copying, a_due("w2"), a_due("w3")], 5, NOW, PACE) == [
        ListRead("shop", ("w2", "w3")),
        DetailRead("shop", "w1"),
    ]
    assert choose([copying, a_due("w2")], 5, NOW, PACE) == [
        DetailRead("shop", "w2"),
        DetailRead("shop", "w1"),
    ]


def test_what_moves_traffic_goes_ahead() -> None:
    """A workflow that moves traffic and is just due is read before one that is not a whole interval late."""
    late = a_due("late", "a", interval=30, late=28)
    moving = a_due("moving", "b", MOVING, interval=2)
    assert choose([late, moving], 1, NOW, PACE) == [DetailRead("b", "moving")]


def test_what_a_list_has_told_is_not_asked_again_at_once() -> None:
    """What a list has just told of a workflow that moves traffic is not read in full ahead of one that nobody
    has looked at for long.
    """
    just_listed = Due(
        "moving",
        "a",
        MOVING,
        looked_at=NOW - timedelta(seconds=1),
        due_at=NOW + timedelta(seconds=1),
        detail_due_at=NOW - timedelta(seconds=20),
    )
    late = a_due("late", "b", interval=30, late=180)
    assert choose([just_listed, late], 1, NOW, PACE) == [DetailRead("b", "late")]
    assert choose([just_listed, late], 2, NOW, PACE) == [DetailRead("b", "late"), DetailRead("a", "moving")]


def test_what_moves_traffic_starves_nobody() -> None:
    """One that is six intervals late has its turn, however many others move traffic."""
    late = a_due("late", "a", interval=30, late=180)
    moving = [a_due(f"moving {n}", f"b{n}", MOVING, interval=2) for n in range(20)]
    assert choose([*moving, late], 1, NOW, PACE) == [DetailRead("a", "late")]


def test_the_latest_beside_its_interval_goes_first() -> None:
    """A minute is late for what is read each 15 s, and early for what is read each 5 minutes."""
    quick = a_due("quick", "a", WORKING, interval=15, late=60)
    slow = a_due("slow", "b", interval=300, late=100)
    assert choose([slow, quick], 1, NOW, PACE) == [DetailRead("a", "quick")]


def lateness_of_a_round(spare: int) -> dict[str, float]:
    """Each tick reads `spare` of a hundred databases, half of them due each 15 s, half each 60 s: the mean
    time between reads, by half.
    """
    intervals = {f"w{number}": 15.0 if number % 2 else 60.0 for number in range(100)}
    looked = dict.fromkeys(intervals, NOW)
    gaps: dict[float, list[float]] = {15.0: [], 60.0: []}
    for second in range(2000):
        now: datetime = NOW + timedelta(seconds=second)
        due = [
            Due(name, name, WAITING, looked[name], looked[name] + timedelta(seconds=interval), LATER)
            for name, interval in intervals.items()
            if looked[name] + timedelta(seconds=interval) <= now
        ]
        for read in choose(due, spare, now, PACE):
            (name,) = covered([read])
            gaps[intervals[name]].append((now - looked[name]).total_seconds())
            looked[name] = now
    return {f"{interval:g}": sum(found) / len(found) for interval, found in gaps.items()}


def test_a_short_budget_stretches_all_alike() -> None:
    """With half of the requests that would be needed, all are read half as often, whatever they are."""
    found = lateness_of_a_round(2)  # 50 / 15 + 50 / 60 = 4.2 a second would be needed
    assert 1.6 <= found["15"] / 15 <= 2.6
    assert 1.6 <= found["60"] / 60 <= 2.6
