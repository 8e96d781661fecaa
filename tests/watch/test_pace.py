"""When a workflow is read again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kinds.workflow.workflow_forms import urgency_of
from bot.subjects.model import MOVING, WAITING, WORKING
from bot.watch.polling.pace import Pace
from bot.workflows.facts.states import ENDED, State, state_of
from bot.workflows.observing.observed_state import ObservedState
from tests.builders import NOW, a_workflow

PACE = Pace(15)


def a_sight(state: str) -> ObservedState:
    return ObservedState(workflow=a_workflow(state=state), read_at=NOW, detail_at=NOW, entered_at=NOW)


def interval(state: str, quiet: timedelta, pace: Pace = PACE) -> float:
    ended = state_of(state) in ENDED
    return pace.interval(urgency_of(a_sight(state)), NOW - quiet, NOW, ended=ended).total_seconds()


@pytest.mark.parametrize(
    ("state", "seconds"),
    [("switching_primaries", 2), ("cancelling", 2), ("copying", 15), ("verifying_data", 15), ("pending", 15)],
)
def test_what_goes_on_is_read_often_however_long_it_takes(state: str, seconds: float) -> None:
    """Traffic on its way is read each 2 s, a copy and a verification each 15 s, also after a day."""
    assert interval(state, timedelta(0)) == seconds
    assert interval(state, timedelta(days=1)) == seconds


@pytest.mark.parametrize(
    "state", ["running", "verified_data", "switched_primaries", "cutover", "error", "new"]
)
def test_what_waits_is_read_less_and_less(state: str) -> None:
    """A quarter of an hour after a change still each 15 s, then each 30 s, after hours each 5 minutes."""
    assert interval(state, timedelta(minutes=14)) == 15
    assert interval(state, timedelta(minutes=16)) == pytest.approx(32)
    assert interval(state, timedelta(hours=1)) == 120
    assert interval(state, timedelta(days=3)) == 300


def test_what_has_ended_is_read_slowly_for_an_hour() -> None:
    """A completed workflow is read each 5 minutes, and an hour after its end no more."""
    assert interval("completed", timedelta(0)) == 300
    assert not PACE.is_over(NOW - timedelta(minutes=59), NOW, ended=True)
    assert PACE.is_over(NOW - timedelta(minutes=60), NOW, ended=True)
    assert not PACE.is_over(NOW - timedelta(days=60), NOW, ended=False)


@given(st.sampled_from([*State, "resharding"]), st.floats(0, 10**7), st.floats(0.001, 3600))
def test_every_length_is_sane(state: str, quiet: float, poll: float) -> None:
    """No workflow is read more than five times a second, nor less often than each 20 bases of 15 s."""
    found = interval(state, timedelta(seconds=quiet), Pace(poll))
    assert 0.2 <= found <= max(0.2, 20 * poll) * 1.001


@given(st.integers(1, 10_000), st.floats(0, 1), st.sampled_from([MOVING, WORKING, WAITING]))
def test_a_failing_read_is_tried_less_and_less(misses: int, chance: float, urgency: int) -> None:
    """After a failure the next try comes soon, after many within 5 minutes, never all at the same moment."""
    found = PACE.after_miss(urgency, misses, chance)
    assert timedelta(seconds=0.2) <= found <= timedelta(minutes=5)
    assert PACE.after_miss(urgency, 1, chance) <= timedelta(seconds=15)
    assert PACE.after_miss(urgency, 20, 1.0) == timedelta(minutes=5)


def test_reads_in_full() -> None:
    """What waits is read in full each 5 minutes; everything else each time."""
    assert PACE.in_full(WAITING, timedelta(seconds=30)) == timedelta(minutes=5)
    assert PACE.in_full(WORKING, timedelta(seconds=15)) == timedelta(seconds=15)
    assert PACE.in_full(MOVING, timedelta(seconds=2)) == timedelta(seconds=2)


def test_a_watch_that_was_never_read() -> None:
    """It is as urgent as a copy, whatever it turns out to be."""
    assert urgency_of(None) == WORKING
