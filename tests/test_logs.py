"""What stands in the log, and how often."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.demo.clock import ManualClock
from bot.logs import configure_logs
from tests.log_setup import log_setup_kept

log = structlog.stdlib.get_logger("tests")


class Log:
    """What was logged."""

    def __init__(self) -> None:
        self.clock, self._stream = ManualClock(), io.StringIO()
        configure_logs("info", "json", ["hunter2-hunter2"], self._stream, self.clock)

    @property
    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]


@pytest.fixture
def logged() -> Iterator[Log]:
    with log_setup_kept():
        yield Log()


def test_a_lasting_failure_is_a_line_a_minute(logged: Log) -> None:
    """What goes wrong every second is told at once, then once a minute with how often it came."""
    for _ in range(130):
        log.error("round_failed", loop="worker", reason="the database cannot be used")
        logged.clock.advance(1)
    assert [line.get("times") for line in logged.lines] == [None, 60, 60]


def test_different_failures_are_all_told(logged: Log) -> None:
    """Another reason, another item or another fault is another line."""
    for reason in ("away", "busy", "away", "full"):
        log.error("round_failed", loop="worker", reason=reason)
    for item in ("a", "b"):
        log.warning("message_put_off", key=item)
    for error in (ValueError("x"), ValueError("y"), KeyError("x")):
        try:
            raise error
        except (ValueError, KeyError):
            log.exception("step_failed", operation="o")
    assert len(logged.lines) == 3 + 2 + 3


def test_what_is_no_failure_is_always_told(logged: Log) -> None:
    """An audit line is never left out, even if the same happens twice in a second."""
    for _ in range(3):
        log.info("audit", who="U1", what="asked")
    assert len(logged.lines) == 3


def test_libraries_are_told_once_a_minute_too(logged: Log) -> None:
    """A library that repeats its warning does not fill the log, and no secret is in it."""
    for _ in range(5):
        logging.getLogger("some.package").warning("retrying with %s", "hunter2-hunter2")
    assert [line["event"] for line in logged.lines] == ["retrying with [secret]"]


def test_the_log_s_memory_is_bounded(logged: Log) -> None:
    """Many different warnings are all told, and the first of them is told again after the thousandth."""
    for number in (*range(1001), 0, 1000):
        log.warning("odd", number=number)
    assert len(logged.lines) == 1002
