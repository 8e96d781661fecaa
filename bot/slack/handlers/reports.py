"""`report`: the record of a move, from the bot's own rows, for one person who may read it."""

from functools import partial

import structlog
from sqlalchemy import Connection

from bot.commands.model import Format, ReportWorkflow, known
from bot.kinds.workflow import history
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers.brief_answers import (
    MAX_INLINE,
    apology,
    data_card,
    file_failed_card,
    file_sent_card,
    noted,
)
from bot.slack.cards.blocks.addressing import addressed
from bot.slack.cards.blocks.rich import MAX_IN_BLOCKS, Message
from bot.slack.cards.move.move_story import MoveStory
from bot.slack.cards.move.report import report_card, report_markdown
from bot.slack.delivery.keys import card_key
from bot.slack.handlers.finder import numbered, which_card
from bot.slack.move_stories import move_story
from bot.slack.replies.private_replies import Attached, File, ReplyTo
from bot.slack.slack_services import SlackServices
from bot.store.errors import StoreError
from bot.workflows.facts.meant import Doubt, the_one_meant

log = structlog.stdlib.get_logger(__name__)


class Reports:
    """Reads no PlanetScale: what was seen and asked is in the rows, also while PlanetScale is down."""

    def __init__(self, services: SlackServices) -> None:
        self._services = services

    async def answer(self, user_id: str, reply_to: ReplyTo, question: ReportWorkflow) -> None:
        """Tell the person alone; as a file in a direct message where it is long."""
        try:
            answer = await self._answer_to(user_id, question)
        except StoreError as error:
            log.error("report_not_read", error=str(error))
            answer = apology()
        if isinstance(answer, Attached):
            sent = await self._services.replies.send_file(user_id, answer.file)
            answer = answer.message if sent else answer.otherwise
        await self._services.replies.send(reply_to, answer)

    async def _answer_to(self, user_id: str, asked: ReportWorkflow) -> Message | Attached:
        organization = self._services.planetscale.named(asked.organization)
        admitted = await self._services.readership.admit(user_id, organization, asked.database)
        if isinstance(admitted, Message):
            return admitted
        place = partial(addressed, organization=organization, default=self._services.planetscale.default)
        question = await self._services.database.read(_numbered, asked, organization)
        if isinstance(question, Message):
            return place(question)
        ref = WorkflowRef(organization, known(question.database), known(question.number))
        move = await self._services.database.read(self._move, ref)
        return _written(move, question, place(report_card(move)))

    def _move(self, connection: Connection, ref: WorkflowRef) -> MoveStory:
        def link_of(operation_id: str) -> str | None:
            return self._services.links.to(connection, card_key(operation_id))

        return move_story(connection, ref, self._services.clock.now(), link_of)


def _numbered(connection: Connection, asked: ReportWorkflow, organization: str) -> ReportWorkflow | Message:
    """The question with its number: found among the workflows that the bot's rows know."""
    if asked.number is not None:
        return asked
    database = known(asked.database)
    meant = the_one_meant(database, asked.named, history.candidates(connection, organization, database))
    return which_card(asked, meant) if isinstance(meant, Doubt) else numbered(asked, meant)


def _written(move: MoveStory, question: ReportWorkflow, card: Message) -> Message | Attached:
    """In the form that was asked for; a text that does not fit a message is a file."""
    if not move.is_known or (question.format is not Format.MARKDOWN and len(card.plain) < MAX_IN_BLOCKS):
        return noted(card, question.remarks)
    text = report_markdown(move)
    if question.format is Format.MARKDOWN and len(text) <= MAX_INLINE:
        return data_card(text, question.remarks, samples_left_out=False)
    file = File(f"{move.ref.database}-{move.ref.number}-report.md", text)
    sent = file_sent_card(file.name, question.remarks, samples_left_out=False)
    return Attached(file, sent, file_failed_card())
