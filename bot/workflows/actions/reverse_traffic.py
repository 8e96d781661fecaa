"""`reverse-traffic`: move traffic back to the source."""

from dataclasses import replace

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.actions.model import Action, Preflight, Touches, Traces, warns
from bot.workflows.checks import others
from bot.workflows.checks.facts import Facts, source
from bot.workflows.checks.reasons import CUT_OVER, it_is
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import COPIED, State, state_of
from bot.workflows.observing.happenings import Happening
from bot.workflows.recovery import BROKEN, OnTarget, can_reverse, on_target


def allowed(facts: Facts, workflow: Workflow) -> str | None:
    """In an error nobody knows which way traffic would move."""
    state = state_of(workflow.state)
    if state in CUT_OVER:
        gone = f"{facts.ref} is cut over: the tables in {source(workflow)} are gone."
        more = "reverse-cutover restores the routing rules."
        return f"{gone} {more}" if state is State.CUTOVER else gone
    if state in {State.COMPLETED, State.CANCELLED}:
        return it_is(facts, workflow)
    if can_reverse(workflow):
        return None
    in_doubt = state in BROKEN and on_target(workflow, facts.switch_tried_at) is not OnTarget.NOTHING
    if in_doubt:
        doubt = "which keyspace serves writes is not certain. PlanetScale support."
        return f"{it_is(facts, workflow)[:-1]}: {doubt}"
    return "No traffic is switched."


def _variant(seen: Workflow | None, _: WorkflowKind) -> Action:
    only_replicas = seen is not None and seen.primaries_switched is False and seen.replicas_switched
    return REVERSE_REPLICAS if only_replicas else REVERSE_TRAFFIC


def _is_done(read: Workflow) -> bool:
    back = read.replicas_switched is False and read.primaries_switched is False
    return back and state_of(read.state) in COPIED


REVERSE_TRAFFIC = Action(
    name=ActionName.REVERSE_TRAFFIC,
    flags=(),
    call=WorkflowCall.REVERSE_TRAFFIC,
    to_do="reverse traffic",
    variant=_variant,
    touches=Touches.WRITES,
    switches=False,
    goes_back=True,
    deletes=None,
    after_deletion=False,
    only_starts=False,
    starts_verification=False,
    ends_verification=False,
    flags_hold=False,
    is_heavy=False,
    heard_by_all=True,
    moves_in=(State.REVERSING_TRAFFIC, State.REVERSING_TRAFFIC_FOR_CANCEL),
    leads_to=frozenset({State.REVERSING_TRAFFIC}),
    causes=frozenset({Happening.REVERSED, Happening.MOVING_LONG}),
    is_done=_is_done,
    preflight=Preflight(
        allowed=allowed, checks=(others.replication_back,), needs=frozenset(), in_doubt=warns
    ),
    traces=Traces(
        by="reversed_by",
        at="reversed_at",
        flags=(("replicas_switched", False), ("primaries_switched", False)),
        undone=("switch_replicas_at", "switch_primaries_at"),
    ),
)
REVERSE_REPLICAS = replace(REVERSE_TRAFFIC, touches=Touches.REPLICA_READS)
"""Only replica reads were switched: writes never moved."""
