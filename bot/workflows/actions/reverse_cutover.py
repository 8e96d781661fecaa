"""`reverse-cutover`: restore the routing rules after a cutover. The tables stay deleted."""

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.actions.model import Action, Preflight, Touches, Traces, warns
from bot.workflows.checks.facts import Facts
from bot.workflows.facts.moments import since
from bot.workflows.facts.states import State, state_of
from bot.workflows.observing.happenings import Happening


def _allowed(facts: Facts, workflow: Workflow) -> str | None:
    """Between the cutover and the end."""
    match state_of(workflow.state):
        case State.CUTOVER:
            return None
        case State.COMPLETED:
            instead = "the routing rules cannot be restored. Point the application at @primary."
            return f"{facts.ref} is completed: {instead}"
        case State.REVERSED_CUTOVER:
            at = since(facts.state_since)
            return f"The routing rules are back already{',' if at else ''}{at}."
        case _:
            return f"{facts.ref} is not cut over."


REVERSE_CUTOVER = Action(
    name=ActionName.REVERSE_CUTOVER,
    flags=(),
    call=WorkflowCall.REVERSE_CUTOVER,
    to_do="restore the routing rules",
    variant=None,
    touches=Touches.ROUTING_RULES,
    switches=False,
    goes_back=True,
    deletes=None,
    after_deletion=True,
    only_starts=False,
    starts_verification=False,
    ends_verification=False,
    flags_hold=False,
    is_heavy=False,
    heard_by_all=True,
    moves_in=(),
    leads_to=frozenset({State.REVERSED_CUTOVER}),
    causes=frozenset({Happening.RULES_RESTORED}),
    is_done=lambda read: state_of(read.state) is State.REVERSED_CUTOVER,
    preflight=Preflight(allowed=_allowed, checks=(), needs=frozenset(), in_doubt=warns),
    traces=Traces(by="reversed_cutover_by", at=None, undone=("cutover_at",)),
)
