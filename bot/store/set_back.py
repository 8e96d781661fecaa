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

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Update,
    bindparam,
    delete,
    type_coerce,
    update,
)

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
from bot.store.types import Moment

_DUE: Final[tuple[tuple[Column[Any], ColumnElement[Any], timedelta], ...]] = (
    (watches.c.due_at, watches.c.looked_at, timedelta(0)),
    (watches.c.detail_due_at, watches.c.looked_at, timedelta(0)),
    (operations.c.next_read_at, operations.c.next_read_at, timedelta(minutes=5)),
    (operations.c.leased_until, operations.c.leased_until, timedelta(minutes=1)),
    (messages.c.not_before, messages.c.not_before, timedelta(hours=1)),
    (messages.c.claimed_until, messages.c.claimed_until, timedelta(minutes=1)),
    (leases.c.until, leases.c.until, timedelta(minutes=1)),
)
"""What waits; and what tells that the clock was set back unseen, by being further ahead of now than this."""

_APART: Final = timedelta(minutes=1)
"""So far ahead of now a moment may be that another process wrote: this one may have waited since it looked
at its clock, and two machines' clocks are never quite the same. To change it would take the other's claim
from it, which it knows by its moment."""
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
    the future was done now; but for a minute, for other processes write on while this one starts.
    """
    if by is None:
        far = ((due, {"moment_now": now, "moment_far": now + most}) for due, most in _TOO_FAR)
        changed = sum(connection.execute(due, given).rowcount for due, given in far)
        ahead = {"moment_now": now, "moment_far": now + _APART}
        return changed + sum(connection.execute(done, ahead).rowcount for done in _NOT_YET)
    given = {"moment_now": now, "microseconds_back": by // timedelta(microseconds=1)}
    changed = sum(connection.execute(statement, given).rowcount for statement in _WITH_THE_CLOCK)
    connection.execute(delete(samples).where(samples.c.at > now))  # a rate over them would be nonsense
    return changed


def _open(table: Any) -> Iterator[ColumnElement[bool]]:
    """What of a table is not over."""
    over: dict[Any, Column[Any]] = {
        operations: operations.c.ended_at,
        watches: watches.c.over_at,
        outages: outages.c.back_at,
    }
    if table in over:
        yield over[table].is_(None)


def _brought(column: Column[Any], earlier: Any, *where: ColumnElement[bool]) -> Update:
    """Bring what is ahead of now to `earlier`."""
    ahead = update(column.table).where(column > _NOW, *where, *_open(column.table))
    return ahead.values({column.name: earlier})


def _with_the_clock(column: Column[Any]) -> Update:
    return _brought(column, type_coerce(column, BigInteger) - _BACK)


_NOW: Final = bindparam("moment_now", type_=Moment)
_FAR: Final = bindparam("moment_far", type_=Moment)
_BACK: Final = bindparam("microseconds_back", type_=BigInteger)
# Made once: to make them takes longer than to carry them out.
_WITH_THE_CLOCK: Final = tuple(_with_the_clock(column) for column in (*(due[0] for due in _DUE), *_DONE))
_TOO_FAR: Final = tuple((_brought(column, _NOW, tells > _FAR), most) for column, tells, most in _DUE)
"""Each with how far ahead of now what tells it may be."""
_NOT_YET: Final = tuple(_brought(column, _NOW, column > _FAR) for column in _DONE)
