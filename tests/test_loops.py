"""The edges of the process's loops."""

import pytest
from structlog.testing import capture_logs

from bot.demo.clock import ManualClock
from bot.runtime.loops import LONGEST_PAUSE, Loops, SetAside


class AwayError(Exception):
    """Something that is known to happen."""


def _rounds(clock: ManualClock) -> Loops:
    return Loops("worker", clock, within=60, foreseen=AwayError)


def _fail(rounds: Loops, error: Exception) -> None:
    with rounds.one():
        raise error


def test_a_round_that_fails_is_not_the_end() -> None:
    """Whatever goes wrong in a round is logged and counted, and the next one may go well."""
    rounds = _rounds(ManualClock())
    with capture_logs() as lines:
        for error in (AwayError("away"), ValueError("odd"), KeyError("odder")):
            _fail(rounds, error)
    assert (rounds.failures, rounds.moving) == (3, False)
    assert [(line["event"], line.get("exc_info")) for line in lines] == [
        ("round_failed", None),
        ("round_failed", True),
        ("round_failed", True),
    ]
    with rounds.one():
        pass
    assert (rounds.failures, rounds.moving) == (3, True)


@pytest.mark.parametrize("set_back", [0, 3600])
def test_a_loop_that_stands_still(set_back: float) -> None:
    """A loop of which no round has ended for a minute is not moving, wherever the calendar stands."""
    clock = ManualClock()
    rounds = _rounds(clock)
    assert rounds.moving
    clock.set_back(set_back)
    clock.advance(59)
    assert rounds.moving
    with rounds.one():
        clock.advance(2)
        assert not rounds.moving
    assert rounds.moving


def test_what_cannot_be_dealt_with_is_tried_less_and_less() -> None:
    """It is told once, tried again after a second, two, four, … a minute, and forgotten once it went well."""
    clock = ManualClock()
    aside = SetAside("operation", clock)
    waited = []
    with capture_logs() as lines:
        for _ in range(9):
            aside.put("op", AwayError("odd"))
            started = clock.monotonic()
            while aside.holds("op"):
                clock.advance(1)
            waited.append(clock.monotonic() - started)
    assert waited == [1, 2, 4, 8, 16, 32, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    assert [(line["event"], line["item"], line["reason"]) for line in lines] == [("set_aside", "op", "odd")]
    assert (aside.count, aside.holds("another")) == (1, False)
    aside.release("op")
    assert (aside.count, aside.holds("op")) == (0, False)


def test_what_is_over_is_forgotten() -> None:
    """Nothing is kept of items about which nothing is to be done any more."""
    aside = SetAside("operation", ManualClock())
    for item in ("a", "b"):
        aside.put(item, AwayError("odd"))
    aside.keep({"b"}.__contains__)
    assert (aside.holds("a"), aside.holds("b")) == (False, True)
