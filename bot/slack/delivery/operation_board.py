"""What operations want to be seen, as rows of the message board."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, exists, select

from bot.approvals.terms import Gate
from bot.operations.events import Event
from bot.operations.model import BEFORE_SENDING, ENDED, Operation, State
from bot.operations.ports import Telling
from bot.operations.storage import repository, stories
from bot.slack.delivery import move_threads
from bot.slack.delivery.keys import card_key, copy_key, copy_subject, event_key, operation_id_of
from bot.slack.delivery.links import DIRECT, Links, again
from bot.slack.delivery.subject_cards import CardsOf
from bot.store import board
from bot.store.board import Urgency, Wanted
from bot.store.engine.notify import Part, notify
from bot.store.schema import messages

Touched = Callable[[Connection, Operation, datetime], None]

CARD, COPY, EVENT = "operation", "operation-copy", "operation-event"
"""The card; its copy for one person, in a direct message; what is told beside it."""
ABOUT_OPERATIONS = frozenset({CARD, COPY, EVENT})

_TO_THE_REQUESTER = frozenset({Event.NOWHERE, Event.ELSEWHERE, Event.ANSWER})
_AT_THE_CARD = frozenset({Event.TABLES, Event.REMINDER, Event.ASK_SOMEONE})
"""For whoever decides about it: replies to the card itself."""
_ONLY_OF_THE_MOVE = frozenset({Event.WITHDRAWN, Event.BEGUN})
"""The card says it. What else is told of the move has it between the rest; elsewhere it is not told."""


class OperationBoard:
    """`bot.operations.ports.CardBoard`, over the message board.

    `cards_of`: how subjects read. `touched`: told in the same transaction that a card changed, and with it a
    subject. `default_channel`: `WORKFLOW_BOT_CHANNEL`.
    """

    def __init__(
        self,
        links: Links,
        cards_of: CardsOf,
        touched: Touched,
        default_channel: str | None = None,
    ) -> None:
        self._cards_of = cards_of
        self._links = links
        self._touched = touched
        self._default_channel = default_channel

    def link(self, connection: Connection, operation_id: str) -> str | None:
        """The address of an operation's card, once it is in Slack."""
        return self._links.to(connection, card_key(operation_id))

    def card(self, connection: Connection, operation: Operation, now: datetime) -> None:
        """The card should exist, and is out of date now."""
        wanted = Wanted(
            key=card_key(operation.id),
            places=_places(operation),
            subject_kind=CARD,
            subject_id=operation.id,
            priority=Urgency.CARD,
            live=operation.state not in ENDED,
        )
        self._touched(connection, operation, now)  # first: it stands below the message that tells the move
        self._put(connection, wanted, now)
        self._for_others(connection, operation, wanted, now)
        self.copies(connection, operation, now)

    def copies(self, connection: Connection, operation: Operation, now: datetime) -> None:
        """The card's direct copies should exist, and are out of date now. No card waits behind them, and one
        that Slack does not let be changed is replaced, since people decide by it.
        """
        for user in operation.direct_to:
            wanted = Wanted(
                key=copy_key(operation.id, user),
                places=(user,),
                subject_kind=COPY,
                subject_id=copy_subject(operation.id, user),
                priority=Urgency.STATE,
            )
            self._put(connection, wanted, now)

    def _for_others(self, connection: Connection, operation: Operation, card: Wanted, now: datetime) -> None:
        """Somebody else has to say what happened, and only the requester sees the card: a second one.

        It stands in the first channel that takes it, and from then on is kept right like the first.
        """
        second = again(card.key)
        places = dict.fromkeys(filter(None, (*operation.places, self._default_channel)))
        if places and (_waits_unseen(connection, operation) or _is_known(connection, second)):
            self._put(connection, replace(card, key=second, places=tuple(places)), now)

    def tell(self, connection: Connection, operation: Operation, telling: Telling, now: datetime) -> None:
        """The event should be told, once: its key says which it is."""
        if telling.event is not Event.TABLES:
            self._want(connection, operation, telling, now)
            return
        story = stories.story(connection, operation.id)
        for part in range(1, self._cards_of(operation).parts(story) + 1 if story else 1):
            replied = replace(telling, data={"part": part, "about": str(part)})
            self._want(connection, operation, replied, now)

    def outdate(
        self, connection: Connection, operation_id: str, now: datetime, event: Event | None = None
    ) -> None:
        """The card with its copies and its success, or what was told of `event`, is out of date if it is in
        Slack. Nobody is told.
        """
        for key in _told(connection, operation_id, event) if event else _cards(connection, operation_id):
            board.outdate(connection, now, key)
        notify(connection, Part.COURIER, Part.HOME)

    def _want(self, connection: Connection, operation: Operation, telling: Telling, now: datetime) -> None:
        about = telling.data.get("about")
        key = event_key(operation.id, telling.event)
        key = f"{key}:{about}" if about else key
        move = _move_of(connection, operation, telling)
        if move is None and telling.event in _ONLY_OF_THE_MOVE:
            return
        beside = ({"to": telling.to} if telling.to else {}) | ({"of_move": True} if move else {})
        wanted = Wanted(
            key=f"{key}:to:{telling.to}" if telling.to else key,
            places=_told_in(operation, telling),
            subject_kind=EVENT,
            subject_id=operation.id,
            subject={"event": telling.event.value, "at": now.isoformat(), **beside, **telling.data},
            thread_of=move or _thread_of(operation, telling),
            broadcast=move is not None and not telling.in_thread,
            priority=Urgency.STATE,
            live=False,
        )
        self._put(connection, wanted, now)

    def _put(self, connection: Connection, wanted: Wanted, now: datetime) -> None:
        board.want(connection, now, wanted)
        notify(connection, Part.COURIER, Part.HOME)

    def adopt(
        self, connection: Connection, operation: Operation, channel: str, ts: str, now: datetime
    ) -> None:
        """Somebody pressed a button on this message: it is a copy of the card."""
        if _shown_at(connection, channel, ts) != operation.id:
            board.adopt(connection, now, card_key(operation.id), channel, ts)


def _shown_at(connection: Connection, channel: str, ts: str) -> str | None:
    """The operation whose card, or a copy of it, stands there."""
    kind, subject_id = board.subject_at(connection, channel, ts) or ("", "")
    return operation_id_of(subject_id) if kind in {CARD, COPY} else None


def _cards(connection: Connection, operation_id: str) -> tuple[str, ...]:
    """The keys of what shows how the operation stands."""
    card, done = card_key(operation_id), event_key(operation_id, Event.SUCCEEDED)
    copies = (copy_key(operation_id, user) for user in repository.direct_to(connection, operation_id))
    return (card, again(card), done, *copies)


def _told(connection: Connection, operation_id: str, event: Event) -> list[str]:
    """The keys of what was told of an event, in the thread and directly."""
    key = event_key(operation_id, event)
    mine = (messages.c.subject_kind == EVENT) & (messages.c.subject_id == operation_id)
    keys = connection.scalars(select(messages.c.key).where(mine))
    return [one for one in keys if one == key or one.startswith(f"{key}:")]


def _told_in(operation: Operation, telling: Telling) -> tuple[str, ...]:
    if telling.to:
        return (telling.to,)
    return (operation.requester,) if telling.event in _TO_THE_REQUESTER else _places(operation)


def _move_of(connection: Connection, operation: Operation, telling: Telling) -> str | None:
    """The message of the move under which it is told; `None`: at the card, or in a message of its own."""
    if telling.to or telling.event in _TO_THE_REQUESTER | _AT_THE_CARD:
        return None
    return move_threads.thread_of(connection, operation)


def _thread_of(operation: Operation, telling: Telling) -> str | None:
    if telling.to:
        return copy_key(operation.id, telling.to) if telling.to in operation.direct_to else None
    return card_key(operation.id) if telling.in_thread else None


def _waits_unseen(connection: Connection, operation: Operation) -> bool:
    """Whether the card waits for another person in the direct message with its requester."""
    if operation.gate is not Gate.PEER or operation.state is not State.NEEDS_PERSON:
        return False
    key, channel = card_key(operation.id), messages.c.posted_channel
    return bool(connection.scalar(select(exists().where(messages.c.key == key, channel.startswith(DIRECT)))))


def _is_known(connection: Connection, key: str) -> bool:
    return bool(connection.scalar(select(exists().where(messages.c.key == key))))


def _places(operation: Operation) -> tuple[str, ...]:
    """Its channels; and last, the direct message with whoever asked: nothing is done that nobody can see.

    Not while others have to decide: they would not see it there.
    """
    if operation.gate is Gate.PEER and operation.state in BEFORE_SENDING:
        return operation.places
    return (*operation.places, operation.requester)
