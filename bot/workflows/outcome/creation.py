"""Whether a workflow that was asked for exists: `create` has no number to read back."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.planetscale.calls import NewWorkflow
from bot.planetscale.models import Actor, Named, Workflow
from bot.subjects.verdicts import NO_VERDICT, Proof, Verdict
from bot.workflows.facts.states import state_of
from bot.workflows.outcome.evidence import somebody_else


@dataclass(frozen=True, slots=True)
class FoundCreated:
    """The verdict, and the workflow where there is exactly one that it can be."""

    verdict: Verdict
    workflow: Workflow | None = None


def judge_create(
    highest_before: int, wanted: NewWorkflow, own: Actor | None, listed: Iterable[Workflow] | None
) -> FoundCreated:
    """What a list proves about a `create` that was sent.

    `highest_before` is the highest number in the list that was read just before (0 for an empty one), `own`
    the account of the bot's token where it is known. `listed` must be the whole list, all pages; `None` for
    one that could not be read. Two that fit, one of another actor, or one that PlanetScale reports too little
    of are conflicting.
    """
    if listed is None:
        return FoundCreated(NO_VERDICT)
    candidates = [w for w in listed if w.number > highest_before and _fits(w, wanted) is not False]
    if not candidates:
        return FoundCreated(Verdict(Proof.NOT_SEEN))
    if len(candidates) > 1 or not _fits(candidates[0], wanted):
        return FoundCreated(Verdict(Proof.CONFLICT))
    return _judge(candidates[0], own)


def _judge(workflow: Workflow, own: Actor | None) -> FoundCreated:
    if name := somebody_else(workflow.actor, own):
        return FoundCreated(Verdict(Proof.CONFLICT, done_by=name), workflow)
    if state_of(workflow.state) is None:
        return FoundCreated(NO_VERDICT, workflow)
    return FoundCreated(Verdict(Proof.HAPPENED), workflow)


def _fits(workflow: Workflow, wanted: NewWorkflow) -> bool | None:
    """Whether it is what was asked for; `None` where nothing speaks against it but something is missing."""
    if workflow.name != wanted.name:
        return False
    parts = (
        _same(workflow.branch, wanted.branch_name),
        _same(workflow.source_keyspace, wanted.source_keyspace),
        _same(workflow.target_keyspace, wanted.target_keyspace),
    )
    if False in parts:
        return False
    return None if None in parts else True


def _same(part: Named | None, name: str) -> bool | None:
    return None if part is None else part.name == name
