"""The renderers of what watching tells: live messages, news and notes about outages."""

from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection, select

from bot.clock import Clock
from bot.slack.cards.blocks.addressing import addressed, for_one
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.watch.outage import outage_card
from bot.slack.delivery.keys import card_key
from bot.slack.delivery.links import Links
from bot.slack.delivery.rendering import Rendered, Renderers
from bot.slack.delivery.subject_cards import CardsOf, Moved, Told
from bot.slack.delivery.watch_board import LIVE, NEWS, NOWHERE, OUTAGE, OUTAGE_FORM, WatchBoard, news_from
from bot.store import board
from bot.store.outbox import Entry
from bot.store.schema import messages
from bot.watch.model import Watch
from bot.watch.ports import Loudness
from bot.watch.storage import watch_repository

log = structlog.stdlib.get_logger(__name__)


class WatchRenderers:
    """What the courier needs to know about watches."""

    def __init__(
        self, board: WatchBoard, links: Links, cards_of: CardsOf, clock: Clock, default_organization: str
    ) -> None:
        self._board = board
        self._links = links
        self._cards_of = cards_of
        self._clock = clock
        self._default = default_organization

    def subjects(self) -> Renderers:
        """The renderers by kind, and what happens to a live message that Slack takes nowhere."""
        renderers = {LIVE: self._live, NEWS: self._news, NOWHERE: self._unseen, OUTAGE: self._outage}
        return Renderers(renderers, self._nowhere, self._posted)

    def _live(self, connection: Connection, entry: Entry) -> Rendered | None:
        watch = watch_repository.load(connection, entry.subject_id) if entry.subject_id else None
        if watch is None:
            return None
        number = entry.subject.get("number", 1) if entry.subject else watch.live_number
        if number == watch.live_number:
            moved = Moved(since=self._links.to(connection, _live_key(watch, number - 1)))
        else:
            moved = Moved(to=self._links.to(connection, watch.live_key))
            if moved.to is None:
                return None

        def link_of(operation_id: str) -> str | None:
            return self._links.to(connection, card_key(operation_id))

        message = self._cards_of(watch).live(connection, watch, self._clock.now(), moved, link_of)
        return self._rendered(message, watch)

    def _news(self, connection: Connection, entry: Entry) -> Rendered | None:
        watch = watch_repository.load(connection, entry.subject_id) if entry.subject_id else None
        if watch is None or entry.subject is None:
            return None
        news = news_from(connection, watch, entry.subject)
        link = self._links.to(connection, card_key(news.caused_by)) if news.caused_by else None
        called_later = frozenset[str]() if entry.ts else _called_later(connection, entry)
        told = Told(
            news=news, card_link=link, called_later=called_later, at=entry.sent_at if entry.ts else None
        )
        message = self._cards_of(watch).news(connection, watch, told, self._clock.now())
        return self._alone(message, watch) if _is_direct(entry) else self._rendered(message, watch)

    def _unseen(self, connection: Connection, entry: Entry) -> Rendered | None:
        watch = watch_repository.load(connection, entry.subject_id) if entry.subject_id else None
        return self._alone(self._cards_of(watch).nowhere(watch), watch) if watch else None

    def _alone(self, message: Message, watch: Watch) -> Rendered:
        """What one person reads away from the live message."""
        return Rendered(for_one(message, watch.ref.organization, self._default))

    def _rendered(self, message: Message, watch: Watch) -> Rendered:
        return Rendered(addressed(message, watch.ref.organization, self._default))

    def _outage(self, _connection: Connection, entry: Entry) -> Rendered | None:
        if entry.subject is None:
            return None
        return Rendered(outage_card(OUTAGE_FORM.validate_python(entry.subject), self._clock.now()))

    def _posted(self, connection: Connection, now: datetime, entry: Entry, /) -> None:
        """A live message that goes on at the bottom has an address now: the one before it becomes a link."""
        number = entry.subject.get("number", 1) if entry.subject_kind == LIVE and entry.subject else 1
        watch = (
            watch_repository.load(connection, entry.subject_id) if entry.subject_id and number > 1 else None
        )
        if watch:
            board.outdate(connection, now, _live_key(watch, number - 1))

    def _nowhere(self, connection: Connection, now: datetime, entry: Entry, error: str, /) -> None:
        """Nobody can be told in the channel: whoever is called for it hears of it, and who runs the bot."""
        if entry.subject_kind not in {LIVE, NEWS, NOWHERE, OUTAGE}:
            return
        log.warning("watch_not_told", key=entry.key, error=error)
        watch = watch_repository.load(connection, entry.subject_id) if entry.subject_id else None
        if watch is None:
            return
        if entry.subject_kind == LIVE and watch.mention and watch.over is None:
            self._board.nowhere(connection, watch, watch.mention, now)
        elif entry.subject_kind == NEWS and entry.subject and not _is_direct(entry):
            self._board.tell_directly(connection, watch, news_from(connection, watch, entry.subject), now)


def _live_key(watch: Watch, number: int) -> str:
    """The key of an earlier live message; the first has none before it, and the board knows no such key."""
    return replace(watch, live_number=number).live_key


def _is_direct(entry: Entry) -> bool:
    """Whether it was for one person alone."""
    return all(place.startswith(("U", "W")) for place in entry.places)


def _called_later(connection: Connection, entry: Entry) -> frozenset[str]:
    """Whom newer calls about the same workflow mention: nobody is called twice for what comes at once."""
    mine = select(messages.c.id).where(messages.c.key == entry.key).scalar_subquery()
    newer = select(messages.c.subject).where(
        messages.c.subject_kind == NEWS,
        messages.c.subject_id == entry.subject_id,
        messages.c.id > mine,
    )
    subjects = (subject or {} for subject in connection.scalars(newer))
    calls = (one for one in subjects if one.get("loudness") == Loudness.CALL.value)
    return frozenset(user for one in calls for user in one.get("mentions", ()))
