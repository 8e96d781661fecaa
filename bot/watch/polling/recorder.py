"""What a read showed becomes the new observed state, due time, news and messages: one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, select

from bot.operations.storage import repository
from bot.operations.storage.kept_forms import forms_of
from bot.store.errors import RowNotUnderstoodError
from bot.store.schema import watches
from bot.subjects.model import WAITING, HappenedToSubject, Observed, Ref, Snapshot
from bot.watch.model import SILENT_FOR, Over, Watch
from bot.watch.notifications.causes import causes_of, mark
from bot.watch.notifications.loudness import tell
from bot.watch.polling.afresh import afresh
from bot.watch.polling.due_jobs import DueWatch
from bot.watch.storage import watch_repository
from bot.watch.storage.watch_rows import to_be_read
from bot.watch.watch_services import WatchServices
from bot.watch.watched_kind import Read

log = structlog.stdlib.get_logger(__name__)

GONE_AFTER, GONE_READS = timedelta(minutes=2), 3
"""PlanetScale has said for so long, and so often in a row, that there is no such subject."""


class Recorder:
    """Writes down what reads showed. Each method is a transaction, and drops what is void by now."""

    def __init__(self, services: WatchServices) -> None:
        self._services = services
        self._pace = services.pace
        self._kind = services.kind

    def seen(
        self, connection: Connection, due_watch: DueWatch, read: Read, began: datetime, now: datetime
    ) -> None:
        """One subject was read in full, asked for at `began`."""
        for watch in _locked(connection, (due_watch,), now):
            known = afresh(connection, self._kind, watch, read.snapshot)
            after = self._record(connection, known, read, now, in_full=True)
            if after.read_at == now:
                self._services.on_read(connection, watch.ref, read.snapshot, began)

    def read_elsewhere(self, connection: Connection, ref: Ref, snapshot: Snapshot, now: datetime) -> None:
        """Somebody else (an operation, `show`) read the subject in full: what the watch shows follows.

        It is read by the watch as often as if it had not been: what else matters was not read.
        """
        try:
            watch = watch_repository.running_on(connection, ref)
        except RowNotUnderstoodError as error:
            log.error("left_out", reason=str(error))  # no watch may be in the way of an operation
            return
        if watch and watch.observed and not self._kind.is_another(watch.observed.snapshot, snapshot):
            self._record(connection, watch, Read(snapshot), now, in_full=True, elsewhere=True)

    def listed(
        self,
        connection: Connection,
        due_watches: Sequence[DueWatch],
        found: Mapping[Ref, Snapshot],
        now: datetime,
    ) -> None:
        """Some of a database's subjects were listed."""
        for watch in _locked(connection, due_watches, now):
            snapshot, known = found.get(watch.ref), watch.observed and watch.observed.snapshot
            if snapshot is None or (
                known and self._kind.is_another(known, snapshot)
            ):  # a list is no proof: it is read in full
                watch_repository.swap(connection, watch, due_at=now, detail_due_at=now)
            elif known:
                self._record(connection, watch, Read(snapshot), now, in_full=False)

    def missed(self, connection: Connection, due_watches: Sequence[DueWatch], now: datetime) -> datetime:
        """A read failed. When there is another try."""
        until = now
        for watch in _locked(connection, due_watches, now):
            urgency = _urgency(connection, watch, watch.observed)
            again = now + self._pace.after_miss(urgency, watch.misses + 1, self._services.random())
            self._silent(connection, watch, again, now)
            until = max(until, again)
        return until

    def missing(self, connection: Connection, due_watch: DueWatch, now: datetime) -> None:
        """PlanetScale says that there is no such subject, asked for it alone and in the list."""
        for watch in _locked(connection, (due_watch,), now):
            since = watch.missing_since or now
            misses = watch.misses + 1 if watch.missing_since else 1
            again = now + min(
                self._pace.after_miss(WAITING, misses, self._services.random()), self._pace.of(60)
            )
            gone = misses >= GONE_READS and now - since >= GONE_AFTER
            doubted = misses > 1 and watch.essence is not None
            changes: dict[str, Any] = {"over": Over.GONE, "over_at": now} if gone else {}
            if doubted:
                changes |= _drawn_as_unknown(now)
            after = watch_repository.swap(
                connection,
                watch,
                looked_at=now,
                missing_since=since,
                misses=misses,
                silent_since=None,
                due_at=None if gone else again,
                detail_due_at=None if gone else again,
                **changes,
            )
            if doubted or gone:
                self._services.board.live(connection, after, now, urgent=True)
            if gone and after.observed:
                self._tell(connection, after, (self._kind.gone(after.observed, since, now),), {}, now)

    def _record(
        self,
        connection: Connection,
        watch: Watch,
        read: Read,
        now: datetime,
        *,
        in_full: bool,
        elsewhere: bool = False,
    ) -> Observed:
        """The new observed state and all that follows from it."""
        before = watch.observed
        after, happened = self._kind.observe(connection, watch, read, now, in_full=in_full)
        changed = before is None or self._kind.differs(before.snapshot, after.snapshot)
        moment = _changed_at(watch, after, now, changed=changed)
        causes = self._causes(connection, watch, happened)
        drawn = self._kind.essence(after, now)
        urgent = drawn != watch.essence
        draws = urgent or self._worth_drawing(watch, after, now)
        written = watch_repository.swap(
            connection,
            watch,
            observed=after,
            looked_at=now,
            changed_at=moment,
            silent_since=None,
            misses=0,
            missing_since=None,
            essence=drawn,
            drawn_at=now if draws else watch.drawn_at,
            caused=watch_repository.with_marks(watch, [mark(cause, what) for what, cause in causes.items()]),
            **({} if elsewhere else self._next(connection, watch, after, moment, now, in_full=in_full)),
        )
        if draws:
            self._services.board.live(connection, written, now, urgent=urgent)
        self._tell(connection, written, happened, causes, now)
        if before is not None and (urgent or self._kind.may_close(before, after)):
            self._services.board.over(connection, written, before, now)
        if in_full and after.read_at == now:
            self._kind.remember(connection, written.id, after, now)
        if urgent and before is not None and not self._kind.is_passing(after.snapshot):
            repository.look_again(connection, watch.ref, now)
        return after

    def _next(
        self,
        connection: Connection,
        watch: Watch,
        after: Observed,
        changed_at: datetime,
        now: datetime,
        *,
        in_full: bool,
    ) -> dict[str, Any]:
        """When it is read again; nothing more of what has ended for some time."""
        ended, urgency = self._kind.has_ended(after.snapshot), _urgency(connection, watch, after)
        if in_full and self._pace.is_over(changed_at, now, ended=ended):
            return {"over": Over.ENDED, "over_at": now, "due_at": None, "detail_due_at": None}
        interval = self._pace.interval(urgency, changed_at, now, ended=ended)
        detail = watch.detail_due_at
        if in_full and after.unsure:
            detail = now + min(interval, self._pace.of(20))
        elif in_full:
            detail = now + self._pace.in_full(urgency, interval)
        elif changed_at == now or after.unsure:
            detail = now
        return {"due_at": now + interval, "detail_due_at": detail}

    def _worth_drawing(self, watch: Watch, after: Observed, now: datetime) -> bool:
        """Whether numbers moved enough, or stood long enough, for the live message to say so."""
        if watch.drawn_at is None or watch.observed is None:
            return True
        quiet = now - watch.drawn_at
        undrawn = after.moved_at is not None and after.moved_at > watch.drawn_at
        if undrawn or self._kind.moved(watch.observed, after):
            return quiet >= self._pace.of(60)
        return self._kind.goes_on(after) and quiet >= self._pace.of(600)

    def _causes(
        self, connection: Connection, watch: Watch, happened: Sequence[HappenedToSubject]
    ) -> dict[str, str]:
        if not happened or watch.observed is None:
            return {}
        return causes_of(connection, self._kind, watch, happened, watch.observed.read_at)

    def _tell(
        self,
        connection: Connection,
        watch: Watch,
        happened: Sequence[HappenedToSubject],
        causes: Mapping[str, str],
        now: datetime,
    ) -> None:
        named = self._services.policy.terms_for(watch.ref.organization, watch.ref.database).called
        for news in tell(happened, watch, causes, self._kind.loudness, named):
            self._services.board.tell(connection, watch, news, now)

    def _silent(self, connection: Connection, watch: Watch, again: datetime, now: datetime) -> None:
        since = watch.silent_since or now
        lasts = now - since >= SILENT_FOR and watch.essence is not None
        after = watch_repository.swap(
            connection,
            watch,
            looked_at=now,
            silent_since=since,
            misses=watch.misses + 1,
            missing_since=None,
            due_at=again,
            detail_due_at=max(again, watch.detail_due_at or again),
            **(_drawn_as_unknown(now) if lasts else {}),
        )
        if lasts:
            self._services.board.live(connection, after, now, urgent=True)


def _urgency(connection: Connection, watch: Watch, observed: Observed | None) -> int:
    return forms_of(connection, watch.ref.columns).urgency(observed)


def _drawn_as_unknown(now: datetime) -> dict[str, Any]:
    """The live message says that it is out of date: whatever is read next is another essence."""
    return {"essence": None, "drawn_at": now}


def _locked(connection: Connection, due_watches: Sequence[DueWatch], now: datetime) -> list[Watch]:
    """Those that nobody changed since the read began; nobody can until this transaction ends."""
    fences = {due_watch.id: due_watch.fence for due_watch in due_watches}
    repository.hold(connection, [due_watch.ref for due_watch in due_watches])
    query = select(watches).where(watches.c.id.in_(fences), watches.c.over.is_(None))
    rows = connection.execute(query.order_by(watches.c.id).with_for_update()).mappings().all()
    return to_be_read(connection, [row for row in rows if row["fence"] == fences[row["id"]]], now)


def _changed_at(watch: Watch, after: Observed, now: datetime, *, changed: bool) -> datetime:
    if watch.observed is None:
        return watch.changed_at or after.entered_at
    return now if changed or watch.changed_at is None else watch.changed_at
