"""Whether asking for the same once more could lead anywhere: a button without an effect is not shown."""

from collections.abc import Mapping

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.slack.cards.view import View
from bot.workflows.checks import reasons
from bot.workflows.checks.common import is_under_way
from bot.workflows.checks.facts import Facts
from bot.workflows.states import state_of

_WHY_NOT: Mapping[WorkflowCall, reasons.Reason] = {
    WorkflowCall.SWITCH_REPLICAS: reasons.to_switch_replicas,
    WorkflowCall.SWITCH_PRIMARIES: reasons.to_switch,
    WorkflowCall.CUTOVER: reasons.to_cut_over,
    WorkflowCall.COMPLETE: reasons.to_complete,
    WorkflowCall.CANCEL: reasons.to_cancel,
    WorkflowCall.VERIFY_DATA: reasons.to_verify,
    WorkflowCall.RETRY: reasons.to_retry,
    WorkflowCall.REVERSE_TRAFFIC: reasons.to_reverse,
    WorkflowCall.REVERSE_CUTOVER: reasons.to_reverse_cutover,
}


def may_be_asked_again(view: View) -> bool:
    """Whether the state that was read last allows the same request. Where nothing was read: perhaps."""
    operation, latest = view.operation, view.latest
    if operation.call is None or operation.ref is None or latest is None:
        return True
    return may_be_asked(Facts(ref=operation.ref, call=operation.call, now=view.now, workflow=latest), latest)


def may_be_asked(facts: Facts, workflow: Workflow) -> bool:
    """Whether the state of `workflow` allows what `facts` are about."""
    state = state_of(workflow.state)
    if state is None or is_under_way(facts.call, state):
        return False
    return _WHY_NOT[facts.call](facts, workflow) is None
