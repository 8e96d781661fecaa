"""What an event spoke of is over, by what is known now."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.planetscale.models import Workflow
from bot.workflows.observing.closing import Closing, closing_of, verification_over
from bot.workflows.observing.happenings import Happening
from bot.workflows.observing.observe import first_sight, observe
from bot.workflows.observing.observed_state import ObservedState
from tests.workflows.observed_states import in_state, minutes

H = Happening
COPIED = {"data_copy_completed_at": minutes(-60)}
CLEAN = {
    "id": "v1",
    "state": "completed",
    "started_at": minutes(-30),
    "completed_at": minutes(-10),
    "has_mismatch": False,
}


def then(state: str, **differs: Any) -> ObservedState:
    return first_sight(in_state(state, **COPIED | differs), minutes(0))


def _read(closing: Closing) -> str:
    return f"{closing.words.replace('{place}', closing.place)} {closing.at:%H:%M}"


def closed(what: Happening, before: ObservedState, workflow: Workflow, **happened: Any) -> str | None:
    """How an event of `before` is over once `workflow` was read ten minutes later."""
    event = before.news(what, **happened)
    now, _ = observe(before, workflow, minutes(10), in_detail=True)
    closing = closing_of(event, now)
    return _read(closing) if closing else None


@pytest.mark.parametrize(
    ("what", "before", "state", "differs", "words"),
    [
        (H.ERROR, then("error"), "running", {}, "it has been running again since 12:10"),
        (H.ERROR, then("error"), "copying", {}, "it has been running again since 12:10"),
        (H.ERROR, then("error"), "stopped", {}, "it has been stopped since 12:10"),
        (H.ERROR, then("error"), "cancelled", {}, "it has been cancelled since 12:10"),
        (H.ERROR, then("error"), "switched_primaries", {}, "writes have been on customer since 12:10"),
        (H.STOPPED, then("stopped"), "running", {}, "it has been running again since 12:10"),
        (H.STOPPED, then("stopped"), "error", {}, "it has been in error since 12:10"),
        (H.COPIED, then("running"), "verifying_data", {}, "it has been verified since 12:10"),
        (
            H.COPIED,
            then("running"),
            "switched_replicas",
            {},
            "replica reads have been on customer since 12:10",
        ),
        (
            H.CLEAN,
            then("running", vdiff=CLEAN),
            "cutover",
            {"vdiff": CLEAN},
            "it has been cut over since 12:10",
        ),
        (
            H.CLEAN,
            then("running", vdiff=CLEAN),
            "verifying_data",
            {},
            "it has been verified again since 12:10",
        ),
        (
            H.REPLICAS_SWITCHED,
            then("switched_replicas"),
            "running",
            {},
            "commerce has served everything since 12:10",
        ),
        (H.PRIMARIES_SWITCHED, then("switched_primaries"), "cutover", {}, "it has been cut over since 12:10"),
        (H.CUT_OVER, then("cutover"), "reversed_cutover", {}, "its routing rules have been back since 12:10"),
        (H.CUT_OVER, then("cutover"), "completed", {}, "it has been completed since 12:10"),
        (H.NOT_COMPLETED, then("cutover"), "completed", {}, "it has been completed since 12:10"),
        (
            H.REVERSED,
            then("running"),
            "switched_replicas",
            {},
            "replica reads have been on customer since 12:10",
        ),
        (
            H.MOVING_LONG,
            then("switching_primaries"),
            "switched_primaries",
            {},
            "writes have been on customer since 12:10",
        ),
        (H.MOVING_LONG, then("switching_primaries"), "error", {}, "it has been in error since 12:10"),
        (H.CANCELLING_LONG, then("cancelling"), "cancelled", {}, "it has been cancelled since 12:10"),
    ],
)
def test_it_is_over(
    what: Happening, before: ObservedState, state: str, differs: dict[str, Any], words: str
) -> None:
    """An event is closed with what is so since, once its subject is over."""
    assert closed(what, before, in_state(state, **COPIED | differs)) == words


@pytest.mark.parametrize(
    ("what", "before", "state"),
    [
        (H.ERROR, then("error"), "error"),
        (H.STOPPED, then("stopped"), "stopped"),
        (H.COPIED, then("running"), "running"),
        (H.COPIED, then("running"), "error"),
        (H.CLEAN, then("verified_data", vdiff=CLEAN), "running"),
        (H.REPLICAS_SWITCHED, then("switched_replicas"), "switching_primaries"),
        (H.PRIMARIES_SWITCHED, then("switched_primaries"), "cutting_over"),
        (H.MOVING_LONG, then("switching_primaries"), "switching_primaries"),
        (H.COMPLETED, then("completed"), "completed"),
        (H.RETRIED, then("copying"), "running"),
    ],
)
def test_it_is_not_over(what: Happening, before: ObservedState, state: str) -> None:
    """While it is so, on its way, or unclear, nothing is closed."""
    vdiff = {"vdiff": before.workflow.vdiff.model_dump()} if before.workflow.vdiff else {}
    assert closed(what, before, in_state(state, **COPIED | vdiff)) is None


def test_the_read_that_told_it_closes_nothing() -> None:
    """What was told a moment ago is not over by the same read."""
    sight = then("error")
    running = replace(sight, workflow=in_state("running"))
    assert closing_of(sight.news(H.ERROR), running) is None


def verified(began: float, ended: float | None, **differs: Any) -> dict[str, Any]:
    vdiff: dict[str, Any] = {
        "id": "v2",
        "state": "completed" if ended else "started",
        "started_at": minutes(began),
    }
    if ended:
        vdiff |= {"completed_at": minutes(ended), "has_mismatch": False}
    return {"verify_data_at": minutes(began), "vdiff": vdiff | differs}


@pytest.mark.parametrize(
    ("state", "vdiff", "words"),
    [
        ("verifying_data", verified(0, None), None),
        ("running", {"vdiff": CLEAN}, None),
        ("running", verified(0, 8), "verified clean at 12:08"),
        ("running", verified(0, 8, has_mismatch=True), "rows were found to differ at 12:08"),
        ("running", verified(0, 8, state="error"), "the verification broke off at 12:08"),
        ("cutover", verified(0, None), "it has been cut over since 12:10"),
        ("cancelled", verified(0, None), "it has been cancelled since 12:10"),
        ("switched_primaries", verified(0, None), "writes have been on customer since 12:10"),
    ],
)
def test_a_verification_that_was_started_here(state: str, vdiff: dict[str, Any], words: str | None) -> None:
    """ "The result comes here" stands only until there is one, or until there can be none."""
    before = then("running", vdiff=CLEAN)
    running, _ = observe(
        before, in_state("verifying_data", **COPIED | verified(0, None)), minutes(1), in_detail=True
    )
    now, _ = observe(running, in_state(state, **COPIED | vdiff), minutes(10), in_detail=True)
    later = replace(now, unclear_since=None) if words else now
    closing = verification_over(minutes(0) - timedelta(seconds=5), later)
    assert (closing and _read(closing)) == words


@pytest.mark.parametrize("what", [H.DIFFERS, H.VERIFICATION_BROKE_OFF, H.VERIFICATION_STANDS])
def test_replica_reads_that_were_on_the_target_all_along_close_nothing(what: Happening) -> None:
    """What was told of a verification stays open while nothing moves, also with replica reads switched."""
    state = "verifying_data" if what is H.VERIFICATION_STANDS else "verified_data"
    report = CLEAN | {"has_mismatch": True} if what is H.DIFFERS else CLEAN | {"state": "error"}
    if what is H.VERIFICATION_STANDS:
        report = CLEAN | {"state": "started", "completed_at": None}
    differs = {"replicas_switched": True, "vdiff": report}
    assert closed(what, then(state, **differs), in_state(state, **COPIED | differs)) is None
