"""Questions about the bot's own rows: what waits, what was done, and what a card's buttons hide."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.commands.model import Approvals, History
from bot.operations import ledger
from bot.operations.model import Story
from bot.slack.cards import buttons, lists
from bot.slack.cards.answers import apology
from bot.slack.cards.registers import approvals_card, history_card
from bot.slack.cards.rich import Message
from bot.slack.noticeboard import Noticeboard
from bot.slack.readership import Readership
from bot.slack.replies import Replies
from bot.store.database import Database
from bot.store.errors import StoreError

log = structlog.stdlib.get_logger(__name__)

LATEST = 13
"""One more than is shown, to know whether there are older ones."""

Long = Callable[[Story, datetime], Message]
BEHIND: Mapping[str, Long] = {
    buttons.ALL_CHECKS: lists.all_checks,
    buttons.ALL_TABLES: lists.all_tables,
    buttons.FULL_TEXT: lists.full_text,
    buttons.CUTOVER_NEEDS: lists.cutover_needs,
}
"""Which button asks for what."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the records are."""

    database: Database
    board: Noticeboard
    organization: str


class Records:
    """Reads the bot's rows for one person."""

    def __init__(self, shelf: Shelf, readership: Readership, replies: Replies, clock: Clock) -> None:
        self._database = shelf.database
        self._board = shelf.board
        self._organization = shelf.organization
        self._readership = readership
        self._replies = replies
        self._clock = clock

    async def answer(self, user_id: str, response_url: str, question: Approvals | History) -> None:
        """The answer to `approvals` or `history`, for full members."""
        database = question.database if isinstance(question, History) else None
        await self._tell(user_id, response_url, database, lambda: self._answer(question))

    async def behind(self, user_id: str, response_url: str, action_id: str, operation_id: str) -> None:
        """What a button of a card hides, for full members."""
        await self._tell(user_id, response_url, None, lambda: self._behind(action_id, operation_id))

    async def reply(self, response_url: str, message: Message) -> None:
        """Tell somebody something that needs no look-up."""
        await self._replies.send(response_url, message)

    async def _tell(
        self,
        user_id: str,
        response_url: str,
        database: str | None,
        read: Callable[[], Awaitable[Message]],
    ) -> None:
        try:
            admitted = await self._readership.admit(user_id, database)
            message = admitted if isinstance(admitted, Message) else await read()
        except StoreError as error:
            log.error("records_not_read", error=str(error))
            message = apology()
        await self._replies.send(response_url, message)

    async def _answer(self, question: Approvals | History) -> Message:
        now = self._clock.now()
        if isinstance(question, Approvals):
            stories, links = await self._database.read(self._waiting)
            return approvals_card(stories, links, now)
        stories, links = await self._database.read(self._done, question.database, question.number)
        number = f" #{question.number}" if question.number else ""
        return history_card(f"{question.database}{number}", stories, links, now)

    async def _behind(self, action_id: str, operation_id: str) -> Message:
        story = await self._database.read(ledger.story, operation_id)
        return BEHIND[action_id](story, self._clock.now()) if story else apology()

    def _waiting(self, connection: Connection) -> tuple[Sequence[Story], Mapping[str, str]]:
        return self._linked(connection, ledger.waiting(connection))

    def _done(
        self, connection: Connection, database: str, number: int | None
    ) -> tuple[Sequence[Story], Mapping[str, str]]:
        found = ledger.history(connection, self._organization, database, number, LATEST)
        return self._linked(connection, found)

    def _linked(
        self, connection: Connection, stories: Sequence[Story]
    ) -> tuple[Sequence[Story], Mapping[str, str]]:
        links = {one.operation.id: self._board.link(connection, one.operation.id) for one in stories}
        return stories, {operation_id: link for operation_id, link in links.items() if link}
