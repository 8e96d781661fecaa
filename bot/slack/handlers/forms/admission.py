"""Who may see a form, and ask from it: said before anybody fills it in for nothing."""

from dataclasses import replace

from bot.operations.intake import Request
from bot.operations.model import Operation, Outcome, State, Story
from bot.operations.steps.eligibility import Eligibility
from bot.slack.cards.answers.private_answers import private_answer
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.forms.draft import FormOrigin
from bot.slack.handlers.forms.form_payload import FormSender
from bot.slack.slack_services import SlackServices
from bot.workflows.actions.create import CREATE


class Admission:
    """Asks Slack each time. An answer is why not, in words; `None`: they may."""

    def __init__(self, eligibility: Eligibility, services: SlackServices) -> None:
        self._eligibility = eligibility
        self._services = services

    def asks_why(self, origin: FormOrigin) -> bool:
        """Whether the policy wants to know why a workflow is created there."""
        organization = self._services.planetscale.named(origin.organization)
        terms = self._services.policy.terms_for(organization, origin.database)
        return terms.asks_why(CREATE.name, switched=False)

    async def to_look(self, user_id: str, origin: FormOrigin) -> str | None:
        """Whether somebody may see what there is to choose from: before a database is chosen, its name."""
        admitted: object
        organization = self._services.planetscale.named(origin.organization)
        if origin.database:
            admitted = await self._services.readership.admit(user_id, organization, origin.database)
        else:
            admitted = await self._services.readership.reader(user_id, [organization])
        return admitted.plain if isinstance(admitted, Message) else None

    async def to_ask(self, sender: FormSender, origin: FormOrigin) -> str | None:
        """Whether somebody may ask there, from this channel: by the typed command's rules, in its words."""
        now = self._services.clock.now()
        operation = Operation(
            id="",  # never written down: what is asked for is not known yet
            organization=self._services.planetscale.named(origin.organization),
            database=origin.database,
            ref=None,
            action=CREATE,
            requester=sender.user_id,
            team_id=sender.team_id,
            channel=origin.channel,
            state=State.REQUESTED,
            asked_at=now,
        )
        refused = await self._eligibility.refused(operation)
        if refused is None:
            return None
        told = replace(operation, outcome=Outcome(cause=refused.cause))
        return private_answer(refused.answer, Story(operation=told), now).plain

    def request(self, sender: FormSender, origin: FormOrigin) -> Request:
        """Who asks, and where, as for a typed command; no trigger of Slack's stands for it."""
        return Request(
            requester=sender.user_id,
            team_id=sender.team_id,
            channel=origin.channel,
            trigger_id=None,
            organization=self._services.planetscale.named(origin.organization),
            reply_to=origin.reply_to or None,
        )
