"""What a read proves about an action that was sent.

The state decides by the table in `proofs`; the evidence fields, compared with the snapshot that was read just
before sending, decide where the state alone cannot. One read gives a `Verdict`; what follows from several of
them over time is `bot.subjects.reading_plan`'s.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Actor, Workflow
from bot.subjects.reading_plan import Reading
from bot.subjects.verdicts import NO_VERDICT, Proof, Verdict
from bot.workflows.actions.registry import of_call
from bot.workflows.facts.deletion import What
from bot.workflows.facts.states import State, state_of
from bot.workflows.outcome.evidence import Evidence, evidence
from bot.workflows.outcome.proofs import Cell, cell, same_column


@dataclass(frozen=True, slots=True)
class Sent:
    """One action as it was sent."""

    call: WorkflowCall
    before: Workflow
    """The workflow as read just before."""
    actor: Actor | None = None
    """The account of the bot's token, where it is known. Without it nobody is told apart from the bot."""


_OTHERWISE = {Cell.N_OR_H: Cell.H, Cell.N_OR_X: Cell.X, Cell.N_OR_E: Cell.E}


def judge(sent: Sent, after: Workflow | None) -> Verdict:
    """What `after` proves about `sent`.

    `None`, for a read that failed in whatever way (a 404 too, for every action), gives no verdict, and
    neither does a state that is not known, or a switch of primaries that may be taking replica reads along.
    """
    state = state_of(after.state) if after else None
    if after is None or state is None:
        return NO_VERDICT
    before = state_of(sent.before.state)
    seen = evidence(sent.call, sent.before, after, sent.actor)
    if state is State.SWITCHING_PRIMARIES and (seen.taken_along or _not_along_yet(sent.call, after)):
        return NO_VERDICT
    verdict = _verdict(sent.call, _resolved(sent.call, before, state, seen), seen)
    if verdict.proof is Proof.NOT_SEEN or seen.done_by is None:
        return verdict
    return replace(verdict, done_by=seen.done_by)


def reading(sent: Sent, after: Workflow | None, at: datetime) -> Reading:
    """A look at `at` that saw `after`; `None` for a read that failed."""
    return Reading(at, judge(sent, after), after.state if after else None)


def _not_along_yet(call: WorkflowCall, after: Workflow) -> bool:
    """Whether replica reads, by their flag, are still where they were while primaries move."""
    return of_call(call).traces.goes_along and after.replicas_switched is False


def _resolved(call: WorkflowCall, before: State | None, state: State, seen: Evidence) -> Cell:
    """The cell without its "if that was the state before"."""
    found = cell(call, before, state)
    if found not in _OTHERWISE:
        return found
    as_before = same_column(before, state)
    if as_before and (seen.same or found is Cell.N_OR_X):
        return Cell.N
    return _OTHERWISE[found]


def _verdict(call: WorkflowCall, found: Cell, seen: Evidence) -> Verdict:
    match found:
        case Cell.H:
            return Verdict(Proof.HAPPENED, taken_along=seen.taken_along)
        case Cell.U | Cell.U_THEN_X:
            return Verdict(Proof.UNDER_WAY, half_done=found is Cell.U_THEN_X)
        case Cell.N:
            return _as_it_was(call, seen)
        case Cell.E | Cell.E_TABLES:
            failed = seen.taken or seen.flagged
            return Verdict(
                Proof.FAILED if failed else Proof.CONFLICT, tables_may_be_gone=found is Cell.E_TABLES
            )
        case _:
            if seen.taken or seen.flagged:
                return Verdict(Proof.HAPPENED, since_changed=True)
            return Verdict(Proof.CONFLICT)


def _as_it_was(call: WorkflowCall, seen: Evidence) -> Verdict:
    """The state proves nothing: it is for the evidence to say."""
    if seen.same:
        return Verdict(Proof.NOT_SEEN)
    if seen.lost:
        return Verdict(Proof.CONFLICT)
    if seen.flagged:  # the flag says done, the state says not: it may be caught in between
        return Verdict(Proof.UNDER_WAY, half_done=True)
    if seen.undone or of_call(call).only_starts:
        return Verdict(Proof.HAPPENED, since_changed=True)
    return Verdict(Proof.TAKEN, tables_may_be_gone=of_call(call).deletes is What.SOURCE_TABLES)
