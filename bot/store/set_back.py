"""The wall clock was set back: rows hold moments that are not yet, and nobody may wait for them.

Two kinds of moments matter: when something is due, and when it was done. Without this, what is due is done as
much later as the clock was set back, and what is measured from the second kind does not begin meanwhile.
Nothing of the audit log, of a decision or of what has ended is touched, nor what a card promised: an expiry
stays at the time that it says.

There is no fence: what somebody is at work on writes its own moments when it is done.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, delete, type_coerce, update

from bot.store.schema import (
    attempts,
    leases,
    messages,
    operations,
    outages,
    readings,
    samples,
    watches,
)

_DUE: Final[tuple[tuple[Column[Any], ColumnElement[Any], timedelta], ...]] = (
    (watches.c.due_at, watches.c.looked_at, timedelta(0)),
    (watches.c.detail_due_at, watches.c.looked_at, timedelta(0)),
    (operations.c.next_read_at, operations.c.next_read_at, timedelta(minutes=5)),
    (messages.c.not_before, messages.c.not_before, timedelta(hours=1)),
    (messages.c.claimed_until, messages.c.claimed_until, timedelta(minutes=1)),
    (leases.c.until, leases.c.until, timedelta(minutes=1)),
)
"""What waits; and what tells that the clock was set back unseen, by being further ahead of now than this."""

_DONE: Final[tuple[Column[Any], ...]] = (
    watches.c.created_at,
    watches.c.looked_at,
    watches.c.read_at,
    watches.c.changed_at,
    watches.c.silent_since,
    watches.c.missing_since,
    watches.c.drawn_at,
    operations.c.claimed_at,
    operations.c.sent_at,
    attempts.c.sent_at,
    attempts.c.answered_at,
    readings.c.at,
    outages.c.since,
)
"""From what something is measured that goes on."""


def bring_back(connection: Connection, now: datetime, by: timedelta | None) -> int:
    """Bring what is later than `now` back with the clock. How many moments were changed.

    `by`: how far the clock was set back, where that was seen. Otherwise (it may have been while nobody
    looked) what is further ahead than anything is ever put off is due now, and what would have been done in
    the future was done now.
    """
    changed = sum(_due(connection, column, tell > now + most, now, by) for column, tell, most in _DUE)
    changed += sum(_brought(connection, column, now, by) for column in _DONE)
    if by is not None:
        connection.execute(delete(samples).where(samples.c.at > now))  # a rate over them would be nonsense
    return changed


def _due(
    connection: Connection,
    column: Column[Any],
    tells: ColumnElement[bool],
    now: datetime,
    by: timedelta | None,
) -> int:
    return _brought(connection, column, now, by, *([tells] if by is None else []))


def _brought(
    connection: Connection,
    column: Column[Any],
    now: datetime,
    by: timedelta | None,
    *where: ColumnElement[bool],
) -> int:
    """Bring what is ahead of now back by so much, or to now."""
    earlier = now if by is None else type_coerce(column, BigInteger) - by // timedelta(microseconds=1)
    ahead = update(column.table).where(column > now, *where, *_open(column.table))
    return connection.execute(ahead.values({column.name: earlier})).rowcount


def _open(table: Any) -> Iterator[ColumnElement[bool]]:
    """What of a table is not over."""
    over: dict[Any, Column[Any]] = {
        operations: operations.c.ended_at,
        watches: watches.c.over_at,
        outages: outages.c.back_at,
    }
    if table in over:
        yield over[table].is_(None)
