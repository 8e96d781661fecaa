"""The rows behind a tick: what is due, and what is needed to carry a read out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, or_, select, update

from bot.operations.storage.naming import in_order
from bot.store.schema import watches
from bot.store.types import Moment
from bot.subjects.model import Observed, Ref
from bot.watch.model import Watch
from bot.watch.polling import lease_rows
from bot.watch.polling.plan import DetailRead, Due, ListRead, Read
from bot.watch.storage.watch_rows import named, to_be_read
from bot.watch.watch_services import WatchServices

LEASE_LASTS = timedelta(seconds=60)
"""Whoever reads renews it; longer than most reads take, and the fence of each watch is there for the rest."""
CLOCK_SET_BACK = timedelta(minutes=1)
"""What was last read so far ahead of now was read before the clock was set back: it is read anew."""


@dataclass(frozen=True, slots=True)
class DueWatch:
    """A watch at the moment at which a read for it began. What changed since then makes the read void."""

    id: str
    ref: Ref
    fence: int
    known: Observed | None = None
    """What is known of it, where it is read alone."""
    in_full: bool = False
    """It was due to be read in full, with what belongs to that."""


@dataclass(frozen=True, slots=True)
class Job:
    """A read that may go out: the lease is held."""

    database: str
    due_watches: tuple[DueWatch, ...]
    lists: bool
    """List the database; else read the one workflow in full."""


_NOW = bindparam("now", type_=Moment)
_PARTS_OF_A_DUE = (
    watches.c.id,
    watches.c.database,
    watches.c.urgency,
    func.coalesce(watches.c.looked_at, watches.c.created_at),
    watches.c.due_at,
    watches.c.detail_due_at,
    watches.c.read_at.is_not(None),
)
"""In their order."""
_DUE: Final = select(*_PARTS_OF_A_DUE).where(
    watches.c.organization == bindparam("organization"),
    watches.c.over.is_(None),
    or_(
        watches.c.due_at <= _NOW,
        watches.c.detail_due_at <= _NOW,
        watches.c.looked_at > bindparam("latest", type_=Moment),
    ),
)


def due(connection: Connection, services: WatchServices, now: datetime, busy: Collection[str]) -> list[Due]:
    """What is due in the databases that nobody else reads, but for the `busy` ones."""
    latest = now + CLOCK_SET_BACK
    given = {"organization": services.organization, "now": now, "latest": latest}
    found = [Due(*row) for row in connection.execute(_DUE, given)]
    others = (
        set() if services.alone or not found else lease_rows.held_by_others(connection, services.worker, now)
    )
    if others:
        found = [
            one for one in found if lease_rows.lease_name(services.organization, one.database) not in others
        ]
    return [one.at_once(now) if one.looked_at > latest else one for one in found if one.id not in busy]


def claim(
    connection: Connection,
    services: WatchServices,
    reads: Iterable[Read],
    now: datetime,
    busy: Collection[str],
) -> list[Job]:
    """Take the leases, and look once more at what is to be read."""
    wanted, until = list(reads), now + LEASE_LASTS
    names = {read.database: lease_rows.lease_name(services.organization, read.database) for read in wanted}
    if services.alone:
        held = set(names.values())
    else:
        held = lease_rows.claim(connection, names.values(), services.worker, now, until)
    not_listed = {read.id for read in wanted if isinstance(read, DetailRead)} | set(busy)
    mine = [read for read in wanted if names[read.database] in held]
    found = (_job(connection, services, read, not_listed, now) for read in mine)
    return [job for job in found if job]


def _job(
    connection: Connection, services: WatchServices, read: Read, not_listed: Collection[str], now: datetime
) -> Job | None:
    if isinstance(read, ListRead):
        return Job(read.database, _all_of(connection, services, read.database, not_listed), lists=True)
    rows = connection.execute(select(watches).where(watches.c.id == read.id)).mappings().all()
    due_watches = tuple(
        _due_watch(watch, now) for watch in to_be_read(connection, rows, now) if not watch.over
    )
    return Job(read.database, due_watches, lists=False) if due_watches else None


def _due_watch(watch: Watch, now: datetime) -> DueWatch:
    in_full = watch.detail_due_at is None or watch.detail_due_at <= now
    return DueWatch(watch.id, watch.ref, watch.fence, watch.observed, in_full)


def _all_of(
    connection: Connection, services: WatchServices, database: str, but: Collection[str]
) -> tuple[DueWatch, ...]:
    """Everything of a database that was read before: whoever is not due yet benefits as well."""
    query = select(watches.c.id, watches.c.fence, *in_order(watches)).where(
        watches.c.organization == services.organization,
        watches.c.database == database,
        watches.c.over.is_(None),
        watches.c.read_at.is_not(None),
    )
    rows = connection.execute(query.order_by(watches.c.id)).mappings()
    return tuple(
        DueWatch(row["id"], named(connection, row), row["fence"]) for row in rows if row["id"] not in but
    )


def put_off(connection: Connection, organization: str, database: str, until: datetime) -> None:
    """Nothing in a database that does not answer is read before `until`.

    Without a fence: what is being read at this moment sets its own next time.
    """
    here = (
        watches.c.organization == organization,
        watches.c.database == database,
        watches.c.over.is_(None),
    )
    for column in (watches.c.due_at, watches.c.detail_due_at):
        connection.execute(update(watches).where(*here, column < until).values({column.name: until}))
