"""Answers `history`: a page of the bot's record, for whoever may read about its database."""

from collections.abc import Mapping
from datetime import UTC, datetime, time

import structlog
from sqlalchemy import Connection

from bot.commands.model import History, known
from bot.commands.parser import parse
from bot.kinds.workflow import history
from bot.operations.history import Page, Wanted
from bot.operations.storage import history_pages
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers.brief_answers import apology, noted, other_version_card
from bot.slack.cards.answers.history import history_card, nobody_card, whose
from bot.slack.cards.blocks.addressing import addressed
from bot.slack.cards.blocks.rich import Message
from bot.slack.delivery.operation_board import OperationBoard
from bot.slack.handlers.button_presses import Pressed
from bot.slack.handlers.finder import numbered, which_card
from bot.slack.replies.private_replies import ReplyTo
from bot.slack.slack_services import SlackServices
from bot.store.errors import StoreError
from bot.workflows.facts.meant import Doubt, the_one_meant

log = structlog.stdlib.get_logger(__name__)


class Histories:
    """Reads the record for one person. Who may read is asked before anything is read, also of a button."""

    def __init__(self, services: SlackServices, board: OperationBoard) -> None:
        self._services = services
        self._board = board

    async def answer(
        self, user_id: str, reply_to: ReplyTo, question: History, *, instead: bool = False
    ) -> None:
        """Answer what was typed. `instead`: in the place of the answer whose button was pressed."""
        try:
            message = await self._page(user_id, question)
        except StoreError as error:
            log.error("records_not_read", error=str(error))
            message = apology()
        await self._services.replies.send(reply_to, message, instead=instead)

    async def turn(self, pressed: Pressed) -> None:
        """The page that a button leads to, in the place of the one above it."""
        question = parse(pressed.value)
        ours = {None, *self._services.planetscale.names}
        if isinstance(question, History) and question.database and question.organization in ours:
            await self.answer(pressed.user_id, pressed.response_url, question, instead=True)
        elif pressed.response_url:
            log.warning("press_not_understood", action=pressed.action_id)
            await self._services.replies.send(pressed.response_url, other_version_card())

    async def _page(self, user_id: str, question: History) -> Message:
        organization = self._services.planetscale.named(question.organization)
        admitted = await self._services.readership.admit(user_id, organization, known(question.database))
        if isinstance(admitted, Message):
            return admitted
        now = self._services.clock.now()
        card, assumed = await self._services.database.read(self._read, organization, question, now)
        return noted(addressed(card, organization, self._services.planetscale.default), assumed)

    def _read(
        self, connection: Connection, organization: str, question: History, now: datetime
    ) -> tuple[Message, tuple[str, ...]]:
        asked = _numbered(connection, question, organization)
        if isinstance(asked, Message):
            return asked, ()
        database = known(asked.database)
        people = history_pages.called(connection, organization, database) if asked.by else {}
        meant = whose(asked.by, people) if asked.by else None
        if asked.by and meant is None:
            return nobody_card(asked, people), asked.assumed
        wanted = _wanted(organization, asked, meant.ids if meant else None)
        page = history_pages.page(connection, wanted, asked.page)
        card = history_card(asked, page, self._links(connection, page), now, meant.name if meant else None)
        return card, asked.assumed

    def _links(self, connection: Connection, page: Page) -> Mapping[str, str]:
        ids = [one.operation.id for one in page.stories]
        found = {one: self._board.link(connection, one) for one in ids}
        return {one: link for one, link in found.items() if link}


def _wanted(organization: str, question: History, by: frozenset[str] | None) -> Wanted:
    database = known(question.database)
    return Wanted(
        organization=organization,
        database=database,
        ref=WorkflowRef(organization, database, question.number) if question.number else None,
        by=by,
        action=question.action.value if question.action else None,
        since=datetime.combine(question.since, time(tzinfo=UTC)) if question.since else None,
        denied=question.denied,
        refused=question.refused,
    )


def _numbered(connection: Connection, question: History, organization: str) -> History | Message:
    """The question with its number, where a name was typed in its place."""
    if question.named is None:
        return question
    database = known(question.database)
    meant = the_one_meant(database, question.named, history.candidates(connection, organization, database))
    return which_card(question, meant) if isinstance(meant, Doubt) else numbered(question, meant)
