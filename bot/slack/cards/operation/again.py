"""Whether asking for the same once more could lead anywhere: a button without an effect is not shown."""

from bot.slack.cards.operation.view import View
from bot.workflows.checks.allowed import Allowed
from bot.workflows.own import action_of, ref_of


def may_be_asked_again(view: View) -> bool:
    """Whether the state that was read last allows the same request. Where nothing was read: perhaps."""
    operation, latest = view.operation, view.latest
    call = action_of(operation.action).call
    if call is None or operation.ref is None or latest is None:
        return True
    allowed = Allowed(ref_of(operation.ref), latest, view.now, view.kind, view.story.switch_tried_at)
    return allowed.call(call)
