"""Questions about the bot's own rows: what waits, what was done, and what a card's buttons hide."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.approvals.people import NamedPeople, Person
from bot.approvals.terms import Gate
from bot.commands.model import Approvals, Start
from bot.kinds.workflow import history
from bot.operations.model import Story
from bot.operations.storage import stories
from bot.slack.cards.answers.brief_answers import apology, not_a_reader_card, noted
from bot.slack.cards.answers.registers import LEFT_OUT, approvals_card
from bot.slack.cards.answers.start import Here, start_card
from bot.slack.cards.blocks.addressing import addressed
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.operation import buttons, lists
from bot.slack.delivery.operation_board import OperationBoard
from bot.slack.handlers.histories import Histories
from bot.slack.handlers.reports import Reports
from bot.slack.replies.private_replies import ReplyTo
from bot.slack.slack_services import SlackServices
from bot.store.errors import StoreError
from bot.watch.model import Watch
from bot.watch.storage import watch_repository
from bot.workflows.facts.states import is_active

log = structlog.stdlib.get_logger(__name__)

Long = Callable[[Story, datetime], Message]
BEHIND: Mapping[str, Long] = {
    buttons.DETAILS: lists.details,
    buttons.ALL_TABLES: lists.all_tables,
    buttons.FULL_TEXT: lists.full_text,
    buttons.CUTOVER_NEEDS: lists.cutover_needs,
}
"""Which button asks for what."""

Record = Start | Approvals


class Records:
    """Reads the bot's rows for one person."""

    def __init__(self, services: SlackServices, board: OperationBoard) -> None:
        self._services = services
        self._board = board
        self._database = services.database
        self._planetscale = services.planetscale
        self._readership = services.readership
        self.histories = Histories(services, board)
        self.reports = Reports(services)
        """What answers `history`."""

    async def answer(self, user_id: str, reply_to: ReplyTo, question: Record) -> None:
        """The answer to `approvals` or the command alone: of what the person may read."""
        await self._tell(reply_to, self._of_all(user_id, question))

    async def behind(self, user_id: str, response_url: str, action_id: str, operation_id: str) -> None:
        """What a button of a card hides, for readers of its database and for who can approve it."""
        await self._tell(response_url, self._behind(user_id, action_id, operation_id))

    async def reply(self, reply_to: ReplyTo, message: Message) -> None:
        """Tell somebody something that needs no look-up."""
        await self._services.replies.send(reply_to, message)

    async def _tell(self, reply_to: ReplyTo, answer: Awaitable[Message]) -> None:
        try:
            message = await answer
        except StoreError as error:
            log.error("records_not_read", error=str(error))
            message = apology()
        await self._services.replies.send(reply_to, message)

    async def _of_all(self, user_id: str, question: Start | Approvals) -> Message:
        """What is so in an organization, or waits in all of them, as far as the person may read it."""
        everywhere = isinstance(question, Approvals) and question.organization is None
        organization = self._planetscale.named(question.organization)
        wanted = self._planetscale.names if everywhere else (organization,)
        reader = await self._readership.reader(user_id, self._planetscale.names)
        if isinstance(reader, Message):
            return reader
        if not any(self._readership.reads_something(reader, name) for name in wanted):
            return not_a_reader_card()
        if isinstance(question, Start):
            here = await self._database.read(self._here, organization, reader)
            card = start_card(here, self._services.clock.now())
            card = addressed(card, organization, self._planetscale.default)
            card = noted(card, self._others(organization, reader))
        else:
            several = len(self._planetscale.names) > 1
            found = await self._database.read(self._waiting, question.organization, reader)
            card = approvals_card(*found, self._services.clock.now(), several_organizations=several)
        whole = self._readership.reads_everything(reader, wanted)
        return card if whole else noted(card, [LEFT_OUT])

    def _others(self, organization: str, reader: Person) -> list[str]:
        """Where they may read in several organizations: which one this is, and how to look at the others."""
        names = [name for name in self._planetscale.names if name != organization]
        others = [name for name in names if self._readership.reads_something(reader, name)]
        lines = ", ".join(f"/workflow --org={name}" for name in others)
        return [f"This is {organization}. Elsewhere: {lines}"] if others else []

    async def _behind(self, user_id: str, action_id: str, operation_id: str) -> Message:
        story = await self._database.read(stories.story_as_of_now, operation_id)
        if story is None:
            return apology()
        operation = story.operation
        also = _deciders(story) if action_id != buttons.FULL_TEXT else None
        admitted = await self._readership.admit(user_id, operation.organization, operation.database, also)
        if isinstance(admitted, Message):
            return admitted
        card = BEHIND[action_id](story, self._services.clock.now())
        return addressed(card, operation.organization, self._planetscale.default)

    def _here(self, connection: Connection, organization: str, reader: Person) -> Here:
        stories, links = self._waiting(connection, organization, reader)
        running = [
            watch
            for watch in watch_repository.running(connection, organization)
            if self._readership.reads(reader, organization, watch.ref.database) and not _has_ended(watch)
        ]
        live = {watch.id: self._services.links.to(connection, watch.live_key) for watch in running}
        found = {watch_id: link for watch_id, link in live.items() if link}
        tried = {watch.id: history.switch_tried_at(connection, watch.ref) for watch in running}
        databases = self._services.databases.get(organization, ())
        return Here(
            switches_tried={watch_id: at for watch_id, at in tried.items() if at},
            running=running,
            waiting=stories,
            links={**links, **found},
            databases=[name for name in databases if self._readership.reads(reader, organization, name)],
        )

    def _waiting(
        self, connection: Connection, organization: str | None, reader: Person
    ) -> tuple[Sequence[Story], Mapping[str, str]]:
        """What waits in an organization, or in all of them, of what the person may read."""
        found = [
            one
            for one in stories.waiting(connection)
            if organization in {None, one.operation.organization}
            and self._readership.reads(reader, one.operation.organization, one.operation.database)
        ]
        return self._linked(connection, found)

    def _linked(
        self, connection: Connection, stories: Sequence[Story]
    ) -> tuple[Sequence[Story], Mapping[str, str]]:
        links = {one.operation.id: self._board.link(connection, one.operation.id) for one in stories}
        return stories, {operation_id: link for operation_id, link in links.items() if link}


def _has_ended(watch: Watch) -> bool:
    """Whether the workflow has ended; it is watched for some time after that."""
    return watch.observed is not None and not is_active(watch.observed.snapshot.state)


def _deciders(story: Story) -> NamedPeople | None:
    """Who can approve it: they see what they decide about. Of a question to one person, nobody."""
    operation = story.operation
    return NamedPeople.of(operation.approvers) if operation.gate is Gate.PEER else None
