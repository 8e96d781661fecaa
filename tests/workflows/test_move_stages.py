"""The stages of a move: what is said to be done was read, and nothing else."""

from datetime import timedelta

from bot.planetscale.models import Workflow
from bot.slack.cards.blocks.rich import Line
from bot.slack.cards.move.stage_words import stage_line
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.move_stages import MoveStage, Standing, move_stages
from bot.workflows.facts.states import State
from tests.builders import NOW, a_workflow
from tests.rows import each_row

ALL_BACK = {"replicas_switched": False, "primaries_switched": False}
REPLICAS = {"replicas_switched": True, "primaries_switched": False}
ALL_MOVED = {"replicas_switched": True, "primaries_switched": True}
LATER = NOW + timedelta(days=2)

ROWS = (
    ("pending", ALL_BACK, "Copied → Verified → Replica reads → Writes → Cut over → Completed"),
    ("copying", ALL_BACK, "Copying ● now → Verified → Replica reads → Writes → Cut over → Completed"),
    ("running", ALL_BACK, "Copied ● now → Verified → Replica reads → Writes → Cut over → Completed"),
    (
        "switched_replicas",
        REPLICAS,
        "Copied ✓ → Not verified → Replica reads ● now → Writes → Cut over → Completed",
    ),
    (
        "switching_primaries",
        REPLICAS,
        "Copied ✓ → Not verified → Replica reads ✓ → Switching writes ● now → Cut over → Completed",
    ),
    (
        "switched_primaries",
        ALL_MOVED,
        "Copied ✓ → Not verified → Replica reads ✓ → Writes ● now → Cut over → Completed",
    ),
    (
        "cutover",
        ALL_MOVED,
        "Copied ✓ → Not verified → Replica reads ✓ → Writes ✓ → Cut over ● now → Completed",
    ),
    (
        "reversed_cutover",
        ALL_MOVED,
        "Copied ✓ → Not verified → Replica reads ✓ → Writes ✓ → Cut over, routing rules restored ● now → "
        "Completed",
    ),
    (
        "completed",
        ALL_MOVED,
        "Copied ✓ → Not verified → Replica reads ✓ → Writes ✓ → Cut over ✓ → Completed ✓",
    ),
    ("cancelling", ALL_BACK, "Copied ✓ → Cancelling ● now"),
    ("cancelled", ALL_BACK, "Copied ✓ → Cancelled ✓"),
    (
        "error",
        REPLICAS,
        "Copied ● now → Verified → Replica reads: not certain → Writes: not certain → Cut over → Completed",
    ),
)


def unverified(state: str, **flags: bool) -> Workflow:
    """Copied, and never verified."""
    copied = None if state in {"pending", "copying"} else NOW
    return a_workflow(state=state, vdiff=None, verify_data_at=None, data_copy_completed_at=copied, **flags)


def stages(workflow: Workflow, kind: WorkflowKind = WorkflowKind.MOVE) -> tuple[MoveStage, ...]:
    return move_stages(workflow, kind, NOW)


@each_row(("state", "flags", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_where_a_move_stands(state: str, flags: dict[str, bool], expected: str) -> None:
    """The line names what is done, where the move stands, what is ahead, and what is not certain."""
    assert Line(stage_line(stages(unverified(state, **flags)))).plain == expected


@each_row("state", list(State))
def test_one_place_at_most(state: State) -> None:
    """Whatever the state, the move stands at one stage at most, and never before one that it is at."""
    found = stages(unverified(state.value, **ALL_BACK))
    standing = [one for one in found if one.standing in {Standing.NOW, Standing.UNDER_WAY}]
    assert len(standing) <= 1


def test_an_import_has_no_cutover() -> None:
    """It is completed after the writes were switched."""
    line = Line(stage_line(stages(unverified("switched_primaries", **ALL_MOVED), WorkflowKind.IMPORT))).plain
    assert line == "Copied ✓ → Not verified → Replica reads ✓ → Writes ● now → Completed"


def test_traffic_that_went_back_is_ahead_again() -> None:
    """After a reverse nothing is switched, whatever times PlanetScale still keeps."""
    back = unverified("running", **ALL_BACK).model_copy(
        update={"switch_replicas_at": NOW, "reversed_at": NOW}
    )
    assert [one.reached_at for one in stages(back)[2:4]] == [None, None]
    assert {one.standing for one in stages(back)[2:4]} == {Standing.AHEAD}


def test_a_verification_whose_end_was_not_read() -> None:
    """It is said to go on until its end was read in full."""
    found = move_stages(a_workflow(state="running"), WorkflowKind.MOVE, NOW, verifies=True)
    assert found[1].standing is Standing.UNDER_WAY
