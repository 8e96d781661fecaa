"""Who serves writes, in the words that everybody looks for."""

from bot.operations.model import OUTCOME_OPEN, State
from bot.planetscale.models import Workflow
from bot.slack.cards.blocks.rich import Part
from bot.slack.cards.operation.view import Parts, View
from bot.workflows.actions.model import Touches
from bot.workflows.facts.states import State as WorkflowState
from bot.workflows.facts.states import state_of
from bot.workflows.facts.traffic import traffic

_UNKNOWN = "not reported by PlanetScale"


def serving(view: View, workflow: Workflow | None, suffix: Part = "") -> Parts:
    """`Writes: commerce · Replica reads: commerce`, as `workflow` says, or that it is not certain."""
    if workflow is None:
        return ("❓ Writes: not read",)
    found = traffic(workflow)
    if found.doubt:
        return ("❓ Writes: not certain. ", found.doubt)
    writes, replicas = view.cut(found.writes or _UNKNOWN), view.cut(found.replica_reads or _UNKNOWN)
    return (f"Writes: {writes} · Replica reads: {replicas}", suffix)


def writes_now(view: View) -> str:
    """`Writes: commerce`, or that it is not certain while something that moves them may be under way."""
    state, latest = view.operation.state, view.latest
    broken = state is State.BROKE_OFF and latest is not None and state_of(latest.state) is WorkflowState.ERROR
    if view.action.touches is Touches.WRITES and (state in OUTCOME_OPEN or broken):
        return "Writes: not certain"
    if view.action.flags_hold and broken and latest is not None and latest.primaries_switched:
        return f"Writes: {view.target}"
    moves_none = view.action.touches is Touches.REPLICA_READS and state in OUTCOME_OPEN
    return writes(view, view.seen if moves_none else latest)


def is_unchanged(view: View) -> bool:
    """Whether it was read back, and state and traffic are as people were shown them."""
    latest = view.read_back
    return latest is not None and view.operation.is_as_before and not traffic(latest).doubt


def writes(view: View, workflow: Workflow | None) -> str:
    """`Writes: commerce`"""
    if workflow is None:
        return "Writes: not read"
    found = traffic(workflow)
    return f"Writes: {'not certain' if found.doubt else view.cut(found.writes or _UNKNOWN)}"
