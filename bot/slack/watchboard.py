"""What watching wants to be seen, as rows of the message board."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import Connection

from bot.store import board
from bot.store.board import Urgency, Wanted
from bot.store.transaction import after_commit
from bot.watch.model import Watch
from bot.watch.ports import Loudness, News, Outage

LIVE: Final = "watch"
NEWS: Final = "watch-news"
OUTAGE: Final = "outage"

NEWS_FORM = TypeAdapter(News)
OUTAGE_FORM = TypeAdapter(Outage)


class Watchboard:
    """`bot.watch.ports.Board`, over the message board. `wake`: told once something on it is committed."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def live(self, connection: Connection, watch: Watch, now: datetime, *, urgent: bool) -> None:
        """The live message should exist, and is out of date now."""
        self._live(connection, watch, now, Urgency.STATE if urgent else Urgency.PROGRESS)

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
        """This should be told, once."""
        what = news.happened
        wanted = Wanted(
            key=f"watch:{watch.id}:{what.what.value}:{what.at.isoformat()}:{what.subject or ''}",
            places=watch.places,
            subject_kind=NEWS,
            subject_id=watch.id,
            subject=NEWS_FORM.dump_python(news, mode="json"),
            thread_of=watch.live_key if news.loudness is Loudness.THREAD else None,
            priority=Urgency.STATE,
            live=False,
        )
        self._put(connection, wanted, now)

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
        after_commit(connection, self._wake)
