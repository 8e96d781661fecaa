"""The renderers of messages about operations: the state as it is now, as a card or an event."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.operations.events import Event
from bot.operations.model import BEFORE_SENDING, State, Story
from bot.operations.ports import PrivateAnswer, Telling
from bot.operations.storage import repository, stories
from bot.operations.storage.repository import OperationMovedError
from bot.slack.cards.blocks.addressing import addressed, for_one
from bot.slack.cards.blocks.copies import as_copy
from bot.slack.cards.blocks.rich import Message
from bot.slack.delivery import move_threads
from bot.slack.delivery.keys import copy_key, operation_id_of
from bot.slack.delivery.operation_board import CARD, COPY, EVENT, OperationBoard
from bot.slack.delivery.rendering import Rendered, Renderers
from bot.slack.delivery.subject_cards import CardsOf
from bot.store.board import outdate, retire
from bot.store.engine.transaction import after_commit
from bot.store.errors import RowNotUnderstoodError
from bot.store.outbox import Entry
from bot.subjects.model import Observed, Ref
from bot.watch.storage import watch_repository

log = structlog.stdlib.get_logger(__name__)

_INVITE = (
    "Slack does not let me post in this channel. Invite me with /invite, then ask again. Nothing was sent."
)


class OperationRenderers:
    """What the courier needs to know about operations."""

    def __init__(
        self,
        board: OperationBoard,
        cards_of: CardsOf,
        clock: Clock,
        default_organization: str,
        owes: Callable[[], None],
    ) -> None:
        """`owes`: told once a requester has to be answered where they asked."""
        self._owes = owes
        self._cards_of = cards_of
        self._board = board
        self._clock = clock
        self._default = default_organization

    def subjects(self) -> Renderers:
        """The renderers by kind, and what happens to a card that Slack takes nowhere."""
        renderers = {CARD: self._card, COPY: self._copy, EVENT: self._event}
        return Renderers(renderers, self._nowhere, self._posted)

    def _card(self, connection: Connection, entry: Entry) -> Rendered | None:
        story = self._story(connection, entry)
        if story is None:
            return None
        return self._rendered(self._cards_of(story.operation).card(story, self._clock.now()), story)

    def _copy(self, connection: Connection, entry: Entry) -> Rendered | None:
        """The card as one person reads it."""
        story = self._story(connection, entry)
        if story is None:
            return None
        card = self._cards_of(story.operation).card(story, self._clock.now())
        link = self._board.link(connection, story.operation.id)
        return self._for_one(as_copy(card, link), story)

    def _event(self, connection: Connection, entry: Entry) -> Rendered | None:
        story = self._story(connection, entry)
        if story is None or entry.subject is None:
            return None
        event = dict(entry.subject)
        if event.get("of_move"):
            event["link"] = self._board.link(connection, story.operation.id)
        message = self._cards_of(story.operation).event(event, story, self._clock.now())
        if event.get("to"):
            return self._for_one(message, story)
        if entry.places == (story.operation.requester,):
            return Rendered(for_one(message, story.operation.organization, self._default))
        return self._rendered(message, story)

    def _for_one(self, message: Message, story: Story) -> Rendered:
        """What one person is asked directly: not any more, once nobody is waited for."""
        operation = story.operation
        late = operation.state is not State.WAITING
        return Rendered(for_one(message, operation.organization, self._default), late)

    def _rendered(self, message: Message, story: Story) -> Rendered:
        return Rendered(addressed(message, story.operation.organization, self._default))

    def _story(self, connection: Connection, entry: Entry) -> Story | None:
        operation_id = operation_id_of(entry.subject_id or "")
        story = stories.story_as_of_now(connection, operation_id) if operation_id else None
        if story and story.asked_again:
            link = self._board.link(connection, story.asked_again)
            story = replace(story, asked_again_link=link)
        if story and story.operation.ref:
            story = replace(story, followed=_followed(connection, story.operation.ref))
        if story and story.lately:
            links = (
                (one.operation.id, self._board.link(connection, one.operation.id)) for one in story.lately
            )
            story = replace(story, lately_links={key: link for key, link in links if link})
        if story and story.overtaken_by:
            link = self._board.link(connection, story.overtaken_by.id)
            story = replace(story, overtaken_by_link=link)
        return story

    def _posted(self, connection: Connection, now: datetime, entry: Entry, /) -> None:
        """Its copies, the live message, and the card of the request that was asked again link to this one;
        who asked hears where it is.
        """
        if entry.subject_kind != CARD or not entry.subject_id:
            return
        operation = repository.load(connection, entry.subject_id)
        if operation and (root := move_threads.thread_of(connection, operation)):
            outdate(connection, now, root)
        for user in operation.direct_to if operation else ():
            outdate(connection, now, copy_key(entry.subject_id, user))
        earlier = (
            repository.load(connection, operation.again_of) if operation and operation.again_of else None
        )
        if earlier:
            self._board.card(connection, earlier, now)
        if operation and operation.reply_to and not operation.owed:
            with suppress(OperationMovedError):  # whoever was faster may need it
                operation = repository.amend(connection, operation, reply_to=None)
        if operation and entry.place_index:
            where = {"channel": entry.channel, "link": self._board.link(connection, operation.id)}
            self._board.tell(
                connection, operation, Telling(Event.ELSEWHERE, in_thread=False, data=where), now
            )

    def _nowhere(self, connection: Connection, now: datetime, entry: Entry, error: str, /) -> None:
        """Nobody can see the card, so nobody can decide: the request ends, and its requester is told.

        What was sent cannot be ended: its card goes to the requester, if it has not been there.
        """
        operation = repository.load(connection, entry.subject_id) if entry.subject_id else None
        if entry.subject_kind != CARD or operation is None:
            return
        if operation.state not in BEFORE_SENDING:
            if operation.requester not in entry.places:
                self._board.card(connection, operation, now)
            return
        outcome = replace(operation.outcome, cause=_INVITE)
        try:
            owed = PrivateAnswer.NOWHERE if operation.reply_to else None
            after = repository.move(connection, operation, State.BLOCKED, now, outcome=outcome, owed=owed)
        except OperationMovedError:
            return
        retire(connection, now, entry.key)  # should Slack take it later, there is nothing left to decide
        self._board.copies(connection, after, now)
        if after.owed:
            after_commit(connection, self._owes)
            return
        self._board.tell(
            connection, after, Telling(Event.NOWHERE, in_thread=False, data={"error": error}), now
        )


def _followed(connection: Connection, ref: Ref) -> Observed | None:
    """What its watch has seen of the subject. One that this version cannot read is in no card's way."""
    try:
        watch = watch_repository.find(connection, ref)
    except RowNotUnderstoodError as error:
        log.error("left_out", reason=str(error))
        return None
    return watch.observed if watch else None
