"""A verification that says `started` for hours."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.subjects.findings import Level
from bot.workflows.checks.check_run import run_checks
from bot.workflows.observing.happenings import Happening
from bot.workflows.observing.observe import first_sight
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.observing.verifying import stands_since
from tests.workflows.checking import facts
from tests.workflows.observed_states import in_state, minutes, news

STANDS = Happening.VERIFICATION_STANDS


def running(percent: float | None, **differs: Any) -> Workflow:
    vdiff = {"id": "v1", "state": "started", "started_at": minutes(0), "progress_percentage": percent}
    known = {"data_copy_completed_at": minutes(-60), "verify_data_at": minutes(0), "vdiff": vdiff | differs}
    return in_state("verifying_data", **known)


def read(
    sight: ObservedState, percent: float | None, until: int, since: int, **differs: Any
) -> tuple[ObservedState, list[Any]]:
    """A read in full every five minutes, and all that was news."""
    told: list[Any] = []
    for minute in range(since, until + 1, 5):
        sight, found = news(sight, running(percent, **differs), minutes(minute))
        told += found
    return sight, told


def test_it_is_told_once_and_that_it_goes_on() -> None:
    """After two hours without progress it is told, once; when it gets on again, that is told."""
    sight, told = read(first_sight(running(12.0), minutes(1)), 12.0, 115, 5)
    assert told == []
    sight, told = read(sight, 12.0, 300, 120)
    assert told == [STANDS]
    assert stands_since(sight) == minutes(1)
    sight, told = read(sight, 13.0, 310, 305)
    assert told == [Happening.GOING_ON]
    assert stands_since(sight) is None


def test_an_estimate_that_changes_is_no_progress() -> None:
    """PlanetScale's own estimate may go on counting: only what was compared counts."""
    sight, told = first_sight(running(12.0), minutes(1)), []
    for minute in range(5, 300, 5):
        sight, found = news(sight, running(12.0, eta_seconds=minute), minutes(minute))
        told += found
    assert told == [STANDS]


def test_where_no_percentage_is_reported_there_is_more_patience() -> None:
    """Without a percentage nobody sees progress: it is told after six hours."""
    sight, told = read(first_sight(running(None), minutes(1)), None, 355, 5)
    assert told == []
    _, told = read(sight, None, 420, 360)
    assert told == [STANDS]


def test_a_read_that_shows_more_is_believed() -> None:
    """The moment a later read shows progress, it does not stand still any more."""
    sight, _ = read(first_sight(running(12.0), minutes(1)), 12.0, 200, 5)
    assert stands_since(sight, running(12.0)) == minutes(1)
    assert stands_since(sight, running(12.5)) is None
    assert stands_since(replace(sight, compared_at=None)) is None


VERIFYING = {"state": "verifying_data", "vdiff": {"id": "v1", "state": "started"}}
MOVED = {"replicas_switched": True, "switch_replicas_at": "2026-11-22T23:40:00Z"}


@pytest.mark.parametrize(
    ("call", "differs", "level"),
    [
        (WorkflowCall.SWITCH_REPLICAS, {}, Level.WARN_FORCE),
        (WorkflowCall.SWITCH_PRIMARIES, MOVED, Level.WARN_FORCE),
        (WorkflowCall.VERIFY_DATA, {}, Level.WARN),
        (WorkflowCall.CANCEL, {}, Level.WARN),
        (WorkflowCall.REVERSE_TRAFFIC, MOVED, None),
    ],
)
def test_what_remains_possible(call: WorkflowCall, differs: dict[str, Any], level: Level | None) -> None:
    """One that stands still is a warning, and a switch needs --force; for one that gets on all wait
    but a cancel."""
    standing = facts(call, VERIFYING | differs)
    standing = replace(standing, verification_stands_since=standing.now - timedelta(hours=3))
    report = run_checks(standing)
    assert report.blocks == ()
    assert max((one.level for one in report.warnings), default=None) == level
    going = run_checks(replace(standing, verification_stands_since=None))
    assert bool(going.blocks) is (call is not WorkflowCall.CANCEL)
