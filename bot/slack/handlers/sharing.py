"""A private answer, read once more and posted for everybody in the channel in which it was asked for."""

import structlog

from bot.commands.model import known
from bot.slack.cards.blocks.plainer import forms
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.workflow.share import (
    nobody_else_card,
    seen_by_others_card,
    share_refused_card,
    shared,
    who_reads_here_card,
)
from bot.slack.codes import Trouble
from bot.slack.delivery.slack_failures import failure_of
from bot.slack.errors import SLACK_FAILURES
from bot.slack.handlers.answers import Question
from bot.slack.handlers.button_presses import Pressed
from bot.slack.handlers.questions import Questions, asked_again
from bot.slack.slack_services import SlackServices

log = structlog.stdlib.get_logger(__name__)


class Sharing:
    """Posts what somebody shares. A post that is lost is no loss: they press again."""

    def __init__(self, services: SlackServices, questions: Questions) -> None:
        self._services = services
        self._questions = questions

    async def share(self, pressed: Pressed) -> None:
        """Share what the pressed button names, or tell the presser why not. Only full members may."""
        question = asked_again(pressed)
        if question is None or question.database is None:
            log.warning("share_not_understood")
            return
        trouble = await self._share(pressed, question)
        if trouble and pressed.response_url:
            await self._services.replies.send(pressed.response_url, trouble)

    async def _share(self, pressed: Pressed, question: Question) -> Message | None:
        database = known(question.database)
        organization = self._services.planetscale.named(question.organization)
        person = await self._services.readership.admit(pressed.user_id, organization, database)
        if isinstance(person, Message):
            return person
        if pressed.channel_id.startswith("D"):
            return nobody_else_card(pressed.value)
        terms = self._services.policy.terms_for(organization, database)
        if not terms.allow_shared_channels:
            seen_by_others = await self._services.approvers.shared(pressed.channel_id)
            if seen_by_others is not False:
                return who_reads_here_card() if seen_by_others is None else seen_by_others_card()
        read = await self._questions.read_for_all(person, question, hide_errors=terms.hide_errors)
        if isinstance(read, Message):
            return read
        return await self._post(pressed.channel_id, shared(read.message, person.name, read.link))

    async def _post(self, channel: str, message: Message) -> Message | None:
        """Post it, plainer where Slack refuses the blocks; the refusal in words, if it takes none of them."""
        refused: Message | None = None
        for payload in forms(message):
            try:
                await self._services.client.chat_postMessage(channel=channel, **payload)
            except SLACK_FAILURES as error:
                failure = failure_of(error)
                log.warning("share_refused", error=failure.code, reasons=failure.reasons)
                refused = share_refused_card(failure.code, certain=failure.trouble is not Trouble.UNCERTAIN)
                if failure.trouble is not Trouble.CONTENT:
                    return refused
            else:
                return None
        return refused
