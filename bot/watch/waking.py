"""Rows that a read brings forward or puts off, besides those that it read."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, update

from bot.operations.model import State
from bot.store.schema import operations, watches


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


def look_again(
    connection: Connection, organization: str, database: str, numbers: Sequence[int], now: datetime
) -> None:
    """Requests that wait for people on these workflows are checked anew: what was shown may not be so."""
    waiting = (
        operations.c.organization == organization,
        operations.c.database == database,
        operations.c.number.in_(numbers),
        operations.c.state == State.WAITING.value,
    )
    connection.execute(update(operations).where(*waiting).values(next_read_at=now))
