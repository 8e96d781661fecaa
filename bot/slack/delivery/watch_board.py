"""What watching wants to be seen, as rows of the message board."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

import structlog
from pydantic import TypeAdapter
from sqlalchemy import Connection, exists, select

from bot.operations.model import OUTCOME_OPEN, State
from bot.operations.storage import repository
from bot.operations.storage.kept_forms import forms_of
from bot.slack.delivery import move_threads
from bot.slack.delivery.subject_cards import CardsOf
from bot.store import board
from bot.store.board import Urgency, Wanted
from bot.store.engine.notify import Part, notify
from bot.store.errors import RowNotUnderstoodError
from bot.store.schema import messages
from bot.subjects.model import HappenedToSubject, Observed, Ref
from bot.subjects.row_forms import FORMS
from bot.watch.model import Watch
from bot.watch.ports import Loudness, News, Outage
from bot.watch.storage import watch_repository

log = structlog.stdlib.get_logger(__name__)

LIVE: Final = "watch"
NEWS: Final = "watch-news"
NOWHERE: Final = "watch-nowhere"
OUTAGE: Final = "outage"

LOOKED_AT: Final = 30
"""How many of the latest events of a workflow are looked at for what is over."""

_TELLS_ITS_END: Final = OUTCOME_OPEN | {State.SUCCEEDED, State.IN_PLACE, State.NOT_SEEN}
"""How a request may stand that has told, or will tell, what was seen of it."""

_NEWS_FORM = TypeAdapter(News)
OUTAGE_FORM = TypeAdapter(Outage)


class WatchBoard:
    """`bot.watch.ports.NewsBoard`, over the message board."""

    def __init__(self, cards_of: CardsOf) -> None:
        """`cards_of`: how subjects read."""
        self._cards_of = cards_of

    def live(self, connection: Connection, watch: Watch, now: datetime, *, urgent: bool) -> None:
        """The live message should exist, and is out of date now."""
        self._live(connection, watch, now, Urgency.STATE if urgent else Urgency.PROGRESS)

    def root(self, connection: Connection, ref: Ref, now: datetime) -> None:
        """The live message of a watched workflow should exist: what is told goes into its thread.

        It goes ahead of what is shown below it. One that the board knows is left as it is.
        """
        try:
            watch = watch_repository.running_on(connection, ref)
        except RowNotUnderstoodError as error:
            log.error("left_out", reason=str(error))  # no watch may be in the way of an operation
            return
        if watch and not connection.scalar(select(exists().where(messages.c.key == watch.live_key))):
            self._live(connection, watch, now, Urgency.CARD)

    def moved(self, connection: Connection, before: Watch, after: Watch, now: datetime) -> None:
        """The live message goes on at the bottom of the channel; the old one becomes a link to it."""
        self._live(connection, after, now, Urgency.STATE)
        self._live(connection, before, now, Urgency.STATE)
        board.retire(connection, now, before.live_key)

    def _live(self, connection: Connection, watch: Watch, now: datetime, urgency: Urgency) -> None:
        wanted = Wanted(
            key=watch.live_key,
            places=watch.places,
            subject_kind=LIVE,
            subject_id=watch.id,
            subject={"number": watch.live_number},
            priority=urgency,
            live=watch.over is None,
        )
        self._put(connection, wanted, now)

    def tell(self, connection: Connection, watch: Watch, news: News, now: datetime) -> None:
        """This should be told, once: under the live message; the channel is shown what calls somebody."""
        if news.ends and _is_told(connection, news):
            return
        wanted = _news(watch, news, _news_key(watch, news.happened), watch.places)
        aloud = news.loudness is Loudness.CALL
        self._put(connection, replace(wanted, thread_of=watch.live_key, broadcast=aloud), now)

    def tell_directly(self, connection: Connection, watch: Watch, news: News, now: datetime) -> None:
        """Slack took this nowhere: the people whom it calls should read it in direct messages."""
        for user in news.mentions:
            if not user.startswith("S"):
                key = f"{_news_key(watch, news.happened)}:{user}"
                self._put(connection, _news(watch, replace(news, mentions=(user,)), key, (user,)), now)

    def nowhere(self, connection: Connection, watch: Watch, user: str, now: datetime) -> None:
        """Slack took the live message nowhere: `user` should read that in a direct message, once."""
        wanted = Wanted(
            key=f"{watch.live_key}:nowhere",
            places=(user,),
            subject_kind=NOWHERE,
            subject_id=watch.id,
            priority=Urgency.STATE,
            live=False,
        )
        self._put(connection, wanted, now)

    def over(self, connection: Connection, watch: Watch, before: Observed, now: datetime) -> None:
        """What was told and is over since `before` is closed where it stands. Nobody is told."""
        told = (messages.c.subject_kind == NEWS) & (messages.c.subject_id == watch.id)
        latest = select(messages.c.key, messages.c.subject).where(told, messages.c.ts.is_not(None))
        rows = connection.execute(latest.order_by(messages.c.id.desc()).limit(LOOKED_AT))
        news = {key: news_from(connection, watch, subject) for key, subject in rows}
        for key in self._cards_of(watch).changed(connection, watch, before, news):
            board.outdate(connection, now, key)
        notify(connection, Part.COURIER, Part.HOME)

    def outage(self, connection: Connection, outage: Outage, now: datetime) -> None:
        """The note about an outage should exist, and is out of date now."""
        wanted = Wanted(
            key=f"outage:{outage.id}",
            places=(outage.place,),
            subject_kind=OUTAGE,
            subject_id=outage.id,
            subject=OUTAGE_FORM.dump_python(outage, mode="json"),
            priority=Urgency.STATE,
            live=False,
        )
        self._put(connection, wanted, now)

    def _put(self, connection: Connection, wanted: Wanted, now: datetime) -> None:
        board.want(connection, now, wanted)
        notify(connection, Part.COURIER, Part.HOME)


def _is_told(connection: Connection, news: News) -> bool:
    """Whether the request whose end it is tells that itself, in the same thread."""
    cause = repository.load(connection, news.caused_by) if news.caused_by else None
    if cause is None or cause.state not in _TELLS_ITS_END:
        return False
    return move_threads.thread_of(connection, cause) is not None


def news_from(connection: Connection, watch: Watch, subject: Any) -> News:
    """The news that a row of the board is about."""
    forms = forms_of(connection, watch.ref.columns)
    return _NEWS_FORM.validate_python(subject, context={FORMS: forms})


def _news(watch: Watch, news: News, key: str, places: Sequence[str]) -> Wanted:
    return Wanted(
        key=key,
        places=places,
        subject_kind=NEWS,
        subject_id=watch.id,
        subject=_NEWS_FORM.dump_python(news, mode="json"),
        priority=Urgency.STATE,
        live=False,
    )


def _news_key(watch: Watch, happened: HappenedToSubject) -> str:
    """Of two things that are told at one moment each has its own."""
    details = "\n".join(happened.details)
    digest = sha256(details.encode("utf-8", "backslashreplace")).hexdigest()[:12]
    return f"watch:{watch.id}:{happened.what}:{happened.at.isoformat()}:{digest}"
