"""Questions about the bot's own rows: what waits, what was done, and what a card's buttons hide."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.commands.model import Approvals, History, Start, known
from bot.operations import ledger
from bot.operations.model import Story
from bot.planetscale.organizations import Organizations
from bot.slack.cards import buttons, lists
from bot.slack.cards.addressing import addressed
from bot.slack.cards.answers import apology, noted
from bot.slack.cards.registers import approvals_card, history_card
from bot.slack.cards.rich import Message
from bot.slack.cards.start import Here, start_card
from bot.slack.links import Links
from bot.slack.noticeboard import Noticeboard
from bot.slack.readership import Readership
from bot.slack.replies import Replies
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.watch import keeping

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

Record = Start | Approvals | History


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the records are."""

    database: Database
    board: Noticeboard
    links: Links
    organizations: Organizations
    databases: Mapping[str, tuple[str, ...]]
    """Those that the bot is set up for, by organization."""


class Records:
    """Reads the bot's rows for one person."""

    def __init__(self, shelf: Shelf, readership: Readership, replies: Replies, clock: Clock) -> None:
        self._database = shelf.database
        self._shelf = shelf
        self._board = shelf.board
        self._organizations = shelf.organizations
        self._readership = readership
        self._replies = replies
        self._clock = clock

    async def answer(self, user_id: str, response_url: str, question: Record) -> None:
        """The answer to `approvals`, `history` or the command alone, for full members."""
        database = question.database if isinstance(question, History) else None
        everywhere = isinstance(question, Approvals) and question.organization is None
        organization = None if everywhere else self._organizations.named(question.organization)
        await self._tell(user_id, response_url, (organization, database), lambda: self._answer(question))

    async def behind(self, user_id: str, response_url: str, action_id: str, operation_id: str) -> None:
        """What a button of a card hides, for full members."""
        await self._tell(user_id, response_url, (None, None), lambda: self._behind(action_id, operation_id))

    async def reply(self, response_url: str, message: Message) -> None:
        """Tell somebody something that needs no look-up."""
        await self._replies.send(response_url, message)

    async def _tell(
        self,
        user_id: str,
        response_url: str,
        place: tuple[str | None, str | None],
        read: Callable[[], Awaitable[Message]],
    ) -> None:
        try:
            admitted = await self._readership.admit(user_id, *place)
            message = admitted if isinstance(admitted, Message) else await read()
        except StoreError as error:
            log.error("records_not_read", error=str(error))
            message = apology()
        await self._replies.send(response_url, message)

    async def _answer(self, question: Record) -> Message:
        now, organization = self._clock.now(), self._organizations.named(question.organization)
        several = len(self._organizations.names) > 1
        default = self._organizations.default
        match question:
            case Start():
                card = start_card(await self._database.read(self._here, organization), now)
                return noted(addressed(card, organization, default), self._others(organization))
            case Approvals():
                stories, links = await self._database.read(self._waiting, question.organization)
                return approvals_card(stories, links, now, several_organizations=several)
            case History():
                database = known(question.database)
                stories, links = await self._database.read(
                    self._done, organization, database, question.number
                )
                number = f" #{question.number}" if question.number else ""
                card = history_card(f"{database}{number}", stories, links, now)
                return noted(addressed(card, organization, default), question.assumed)

    def _others(self, organization: str) -> list[str]:
        """Where there are several organizations: which one this is, and how to look at the others."""
        others = [name for name in self._organizations.names if name != organization]
        lines = ", ".join(f"/workflow --org={name}" for name in others)
        return [f"This is {organization}. Elsewhere: {lines}"] if others else []

    async def _behind(self, action_id: str, operation_id: str) -> Message:
        story = await self._database.read(ledger.story, operation_id)
        if story is None:
            return apology()
        card = BEHIND[action_id](story, self._clock.now())
        return addressed(card, story.operation.organization, self._organizations.default)

    def _here(self, connection: Connection, organization: str) -> Here:
        stories, links = self._waiting(connection, organization)
        running = keeping.running(connection, organization)
        live = {watch.id: self._shelf.links.to(connection, watch.live_key) for watch in running}
        found = {watch_id: link for watch_id, link in live.items() if link}
        return Here(
            running=running,
            waiting=stories,
            links={**links, **found},
            databases=self._shelf.databases.get(organization, ()),
        )

    def _waiting(
        self, connection: Connection, organization: str | None
    ) -> tuple[Sequence[Story], Mapping[str, str]]:
        """What waits in an organization, or in all of them."""
        found = ledger.waiting(connection)
        here = [one for one in found if organization in {None, one.operation.organization}]
        return self._linked(connection, here)

    def _done(
        self, connection: Connection, organization: str, database: str, number: int | None
    ) -> tuple[Sequence[Story], Mapping[str, str]]:
        found = ledger.history(connection, organization, database, number, LATEST)
        return self._linked(connection, found)

    def _linked(
        self, connection: Connection, stories: Sequence[Story]
    ) -> tuple[Sequence[Story], Mapping[str, str]]:
        links = {one.operation.id: self._board.link(connection, one.operation.id) for one in stories}
        return stories, {operation_id: link for operation_id, link in links.items() if link}
