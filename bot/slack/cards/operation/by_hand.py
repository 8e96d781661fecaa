"""How to do the same without the bot, where the bot cannot: only where nothing that it sent is open."""

from bot.approvals.terms import Gate
from bot.commands.lines import pscale_line
from bot.commands.model import ActOnWorkflow
from bot.slack.cards.blocks.rich import Line, code
from bot.slack.cards.operation.again import may_be_asked_again
from bot.slack.cards.operation.view import View
from bot.workflows.actions.model import REPLICAS_ONLY
from bot.workflows.own import action_of


def by_hand(view: View) -> list[Line]:
    """The line of PlanetScale's own command line. What others have to agree to needs them there as well."""
    operation = view.operation
    if not operation.outcome.by_hand or operation.action.creates or not may_be_asked_again(view):
        return []
    command = ActOnWorkflow(
        action=action_of(operation.action).name,
        database=operation.database,
        number=operation.number,
        replicas_only=REPLICAS_ONLY in view.action.flags,
    )
    line = pscale_line(command, operation.organization)
    agreed = operation.gate is not Gate.PEER or len(view.story.approved_by) >= operation.required
    first = "" if agreed else ", with a second person's consent"
    return [Line((f"If it cannot wait{first}: ", code(line)))] if line else []
