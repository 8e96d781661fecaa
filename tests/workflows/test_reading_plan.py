from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Actor, Workflow
from bot.subjects.reading_plan import Acceptance, End, Reading, conclude
from bot.subjects.verdicts import Proof, Verdict
from bot.workflows.facts.states import BROKEN
from bot.workflows.outcome.outcomes import Sent, reading
from tests.builders import NOW, a_workflow
from tests.rows import each_row

SWITCH = Sent(WorkflowCall.SWITCH_PRIMARIES, a_workflow(), Actor(id="bot"))
TAKEN = {"switch_primaries_at": NOW + timedelta(seconds=1)}
BY_DEV = {"switch_primaries_by": {"id": "d", "display_name": "Dev"}}
LOST, REFUSED, ACCEPTED = Acceptance.NONE, Acceptance.REFUSED, Acceptance.ACCEPTED


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def seen(*looks: tuple[float, str | None] | tuple[float, str | None, dict[str, Any]]) -> list[Reading]:
    """Looks at seconds after the answer: what state there was, or `None` for a read that failed."""
    readings = []
    for seconds, state, *differs in looks:
        after: Workflow | None = None if state is None else a_workflow(state=state, **(differs or [{}])[0])
        readings.append(reading(SWITCH, after, at(seconds)))
    return readings


@each_row(
    ("answer", "looks", "end"),
    [
        # nothing read yet
        (ACCEPTED, [], None),
        (LOST, [], None),
        # the end state, at once
        (ACCEPTED, [(0, "switching_primaries"), (9, "switched_primaries")], End.SUCCEEDED),
        (LOST, [(1, "switched_primaries")], End.SUCCEEDED),
        (REFUSED, [(1, "switched_primaries")], End.SUCCEEDED),
        (ACCEPTED, [(9, "switched_primaries", TAKEN | BY_DEV)], End.IN_PLACE),
        (LOST, [(9, "stopped", TAKEN)], End.IN_PLACE),
        # unchanged: three reads over two minutes
        (LOST, [(0, "running"), (60, "running")], None),
        (LOST, [(0, "running"), (120, "running")], None),
        (LOST, [(0, "running"), (60, "running"), (119, "running")], None),
        (LOST, [(0, "running"), (60, "running"), (120, "running")], End.NOT_SEEN),
        (LOST, [(-60, "running"), (1, "running"), (60, "running"), (120, "running")], None),
        (LOST, [(0, "running"), (60, "verified_data"), (120, "running"), (150, "running")], None),
        (LOST, [(0, "running"), (60, None), (90, "running"), (120, "running")], End.NOT_SEEN),
        # accepted, and nothing came of it
        (ACCEPTED, [(0, "running"), (60, "running")], None),
        (ACCEPTED, [(0, "running"), (60, "running"), (120, "running")], End.BROKE_OFF),
        (ACCEPTED, [(0, "switching_primaries"), (38, "running")], End.BROKE_OFF),
        (LOST, [(5, "switching_primaries"), (38, "running")], End.BROKE_OFF),
        (LOST, [(5, "running", TAKEN)], None),
        (LOST, [(5, "running", TAKEN), (60, "running", TAKEN), (125, "running", TAKEN)], End.BROKE_OFF),
        (ACCEPTED, [(0, "switching_primaries"), (38, "error", TAKEN)], End.BROKE_OFF),
        # refused: one read is enough to see that nothing changed, unless it was taken all the same
        (REFUSED, [(1, "running")], End.REFUSED),
        (REFUSED, [(1, "running", TAKEN)], None),
        (REFUSED, [(1, "switching_primaries")], None),
        (REFUSED, [(1, "switching_primaries"), (9, "running")], End.BROKE_OFF),
        # under way for as long as it takes
        (ACCEPTED, [(second, "switching_primaries") for second in range(0, 7200, 60)], None),
        # half done: the same patience
        (ACCEPTED, [(0, "switched_replicas"), (60, "switched_replicas")], None),
        (ACCEPTED, [(second, "switched_replicas") for second in (0, 60, 120)], End.NEEDS_PERSON),
        (ACCEPTED, [(0, "switched_replicas"), (60, "switching_primaries"), (120, "switched_replicas")], None),
        # conflicting
        (LOST, [(1, "cancelled")], End.NEEDS_PERSON),
        (LOST, [(1, "error")], End.NEEDS_PERSON),
        (ACCEPTED, [(1, "error")], End.BROKE_OFF),
        (LOST, [(1, "switching_primaries"), (9, "error")], End.BROKE_OFF),
        (ACCEPTED, [(1, "cancelled")], End.NEEDS_PERSON),
        # no verdict: fifteen minutes
        (ACCEPTED, [(0, None), (899, None)], None),
        (ACCEPTED, [(0, None), (900, None)], End.NEEDS_PERSON),
        (LOST, [(0, "resharding"), (300, None), (900, "resharding")], End.NEEDS_PERSON),
        (LOST, [(0, None), (600, "switching_primaries"), (900, None)], None),
        (LOST, [(0, "running"), (600, None), (1500, None)], End.NEEDS_PERSON),
        (LOST, [(0, "switched_primaries"), (600, None), (1500, None)], End.SUCCEEDED),
    ],
)
def test_what_readings_amount_to(answer: Acceptance, looks: list[Any], end: End | None) -> None:
    """An end is concluded exactly when what was read proves it, and not a reading earlier."""
    assert conclude(answer, NOW, seen(*looks), BROKEN).end is end


def test_the_verdict_is_the_last_there_was() -> None:
    """A read that failed does not hide what the one before it showed."""
    found = conclude(Acceptance.ACCEPTED, NOW, seen((0, "switching_primaries"), (5, None)), BROKEN)
    assert found.verdict.proof is Proof.UNDER_WAY


def test_a_cancel_is_not_proven_by_a_missing_workflow() -> None:
    """However often a cancelled workflow is not found, a person has to say what happened."""
    sent = Sent(WorkflowCall.CANCEL, a_workflow())
    readings = [reading(sent, None, at(second)) for second in range(0, 1000, 50)]
    assert conclude(Acceptance.ACCEPTED, NOW, readings, BROKEN).end is End.NEEDS_PERSON


@pytest.mark.parametrize(
    ("answer", "end"), [(ACCEPTED, End.SUCCEEDED), (LOST, End.IN_PLACE), (REFUSED, End.IN_PLACE)]
)
def test_what_a_larger_switch_took_along(answer: Acceptance, end: End) -> None:
    """Replica reads that moved with primaries are this request's doing only if PlanetScale took it."""
    readings = [Reading(at(9), Verdict(Proof.HAPPENED, taken_along=True), "switched_primaries")]
    assert conclude(answer, NOW, readings, BROKEN).end is end


BROKE = Verdict(Proof.FAILED, done_by="Dev")
TAKEN_BY_DEV = Verdict(Proof.TAKEN, done_by="Dev")
MOVED_BY_DEV = Verdict(Proof.UNDER_WAY, done_by="Dev")


@pytest.mark.parametrize(
    ("answer", "looks", "end"),
    [
        (LOST, [(0, BROKE)], End.NEEDS_PERSON),
        (LOST, [(0, MOVED_BY_DEV)], None),
        (LOST, [(0, MOVED_BY_DEV), (9, TAKEN_BY_DEV)], None),
        (LOST, [(0, MOVED_BY_DEV), (9, TAKEN_BY_DEV), (70, TAKEN_BY_DEV), (130, TAKEN_BY_DEV)], End.NOT_SEEN),
        (REFUSED, [(0, MOVED_BY_DEV), (9, TAKEN_BY_DEV)], End.REFUSED),
    ],
)
def test_what_somebody_else_did_is_no_end_of_the_request(
    answer: Acceptance, looks: list[tuple[float, Verdict]], end: End | None
) -> None:
    """That somebody else's action is under way, went back or broke off does not say that the request did."""
    readings = [Reading(at(second), verdict, "stopped") for second, verdict in looks]
    assert conclude(answer, NOW, readings, BROKEN).end is end


VERDICTS = st.builds(Verdict, st.sampled_from(Proof), half_done=st.booleans())
SERIES = st.lists(st.tuples(st.integers(-100, 400), VERDICTS, st.sampled_from(["running", "stopped"])))


@settings(deadline=None)
@given(st.sampled_from(Acceptance), SERIES)
def test_not_seen_needs_patience(answer: Acceptance, series: list[tuple[int, Verdict, str]]) -> None:
    """Nothing is "not seen to happen" before three equal reads over two minutes after a lost answer."""
    readings = [
        Reading(at(s), verdict, state) for s, verdict, state in sorted(series, key=lambda look: look[0])
    ]
    found = conclude(answer, NOW, readings, BROKEN)
    counted = [look for look in readings if look.at >= NOW and look.verdict.proof is not Proof.NO_VERDICT]
    if found.end is End.NOT_SEEN:
        assert answer is Acceptance.NONE
        assert len(counted) >= 3
        assert counted[-1].at - counted[0].at >= timedelta(seconds=120)
        assert not {look.verdict.proof for look in counted} & {Proof.UNDER_WAY, Proof.TAKEN}
    if found.end is End.SUCCEEDED:
        assert counted[-1].verdict.proof is Proof.HAPPENED
    assert conclude(answer, NOW, readings, BROKEN) == found


def test_what_an_older_version_wrote_down() -> None:
    """A verdict is read from its row, whatever an older version kept with it."""
    row = {"proof": "H", "loud": True, "started": True, "taken_along": True, "done_by": None}
    assert TypeAdapter(Verdict).validate_python(row) == Verdict(Proof.HAPPENED, taken_along=True)
