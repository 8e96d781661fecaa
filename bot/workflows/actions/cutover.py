"""`cutover`: delete the moved tables from the source, and the routing rules."""

from dataclasses import replace

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.actions import switch_traffic
from bot.workflows.actions.model import Action, Preflight, Touches, Traces, needs_force
from bot.workflows.checks import cutover as checks
from bot.workflows.checks.facts import Facts, Need, source
from bot.workflows.checks.reasons import IN_WORDS, it_is
from bot.workflows.facts.deletion import What
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.traffic import writes_moved
from bot.workflows.observing.happenings import Happening


def _allowed(facts: Facts, workflow: Workflow) -> str | None:
    """Once writes are on the target, and once more after the routing rules were restored."""
    state = state_of(workflow.state)
    if state is State.REVERSED_CUTOVER:
        return None
    if state in IN_WORDS and state is not State.STOPPED:
        return it_is(facts, workflow)
    if workflow.primaries_switched is False or not writes_moved(workflow):
        first = " Switch first." if switch_traffic.allowed(facts, workflow) is None else ""
        return f"Writes are still on {source(workflow)}.{first}"
    if state is not State.SWITCHED_PRIMARIES:
        return it_is(facts, workflow)
    if workflow.replicas_switched is False:
        return f"Replica reads are still on {source(workflow)} although writes moved. PlanetScale support."
    return None


def _variant(seen: Workflow | None, _: WorkflowKind) -> Action:
    again = seen is not None and state_of(seen.state) is State.REVERSED_CUTOVER
    return CUTOVER_AGAIN if again else CUTOVER


CUTOVER = Action(
    name=ActionName.CUTOVER,
    flags=(),
    call=WorkflowCall.CUTOVER,
    to_do="cut over",
    variant=_variant,
    touches=Touches.ROUTING_RULES,
    switches=False,
    goes_back=False,
    deletes=What.SOURCE_TABLES,
    after_deletion=True,
    only_starts=False,
    starts_verification=False,
    ends_verification=False,
    flags_hold=True,
    is_heavy=True,
    heard_by_all=True,
    moves_in=(State.CUTTING_OVER,),
    leads_to=frozenset({State.CUTTING_OVER, State.CUTOVER}),
    causes=frozenset({Happening.CUT_OVER, Happening.MOVING_LONG}),
    is_done=lambda read: state_of(read.state) is State.CUTOVER,
    preflight=Preflight(
        allowed=_allowed,
        checks=(
            checks.not_an_import,
            checks.tables_named(What.SOURCE_TABLES),
            checks.soaked,
            checks.explicit_routing,
            checks.backed_up,
            checks.not_forced,
            checks.statements,
        ),
        needs=frozenset({Need.KEYSPACES, Need.VSCHEMA, Need.BACKUPS}),
        in_doubt=needs_force,
    ),
    traces=Traces(by="cutover_by", at="cutover_at"),
)
CUTOVER_AGAIN = replace(
    CUTOVER,
    deletes=None,
    is_heavy=False,
    preflight=replace(
        CUTOVER.preflight, checks=(checks.not_an_import, checks.explicit_routing, checks.statements)
    ),
)
"""After the routing rules were restored: the tables are gone already, so nothing has to be waited for."""
