"""The stages of a move in words: the line that shows where it stands."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.slack.cards.blocks.rich import Part, bold
from bot.slack.cards.blocks.templates import Parts
from bot.workflows.facts.move_stages import MoveStage, StageName, Standing
from bot.workflows.facts.verification import DataVerdict

ARROW: Final = " → "

_WORDS: Mapping[StageName, tuple[str, str]] = {
    StageName.COPIED: ("Copied", "Copying"),
    StageName.VERIFIED: ("Verified", "Verifying"),
    StageName.REPLICA_READS: ("Replica reads", "Switching replica reads"),
    StageName.WRITES: ("Writes", "Switching writes"),
    StageName.CUT_OVER: ("Cut over", "Cutting over"),
    StageName.COMPLETED: ("Completed", "Completing"),
    StageName.CANCELLED: ("Cancelled", "Cancelling"),
}
"""What it is called, and while it is under way."""
_UNPROVEN: Mapping[DataVerdict | None, str] = {
    DataVerdict.NEVER: "Not verified",
    DataVerdict.DIFFERS: "Data differs",
    DataVerdict.BROKE_OFF: "Verification broke off",
    DataVerdict.OUTDATED: "Verified before",
    DataVerdict.NO_REPORT: "Verification without report",
}
"""A verification that proves nothing of the data as it is now."""


def stage_line(stages: Sequence[MoveStage]) -> Parts:
    """`Copied ✓ → Verified ✓ → Replica reads ● now → Writes → Cut over → Completed`"""
    parts: list[Part] = []
    for stage in stages:
        parts += [ARROW] if parts else []
        parts.append(_shown(stage))
    return tuple(parts)


def _shown(stage: MoveStage) -> Part:
    name = called(stage)
    match stage.standing:
        case Standing.DONE:
            return f"{name} ✓"
        case Standing.NOW | Standing.UNDER_WAY:
            return bold(f"{name} ● now")
        case Standing.BROKEN_OFF:
            return bold(f"{name} ⚠️ stands still")
        case Standing.DOUBTFUL:
            return f"{name}: not certain"
        case _:
            return name


def called(stage: MoveStage) -> str:
    """The stage by its name: what is so, or what is meant to be."""
    name, under_way = _WORDS[stage.name]
    if stage.standing in {Standing.UNDER_WAY, Standing.BROKEN_OFF}:
        return under_way
    if stage.is_taken_back:
        return "Cut over, routing rules restored"
    says = _UNPROVEN.get(stage.verdict)
    was_tried = stage.verdict is not DataVerdict.NEVER
    if says and (was_tried or stage.standing is Standing.PASSED):
        return says
    return (
        f"{name} (stale)" if stage.verdict is DataVerdict.STALE and stage.standing is Standing.NOW else name
    )
