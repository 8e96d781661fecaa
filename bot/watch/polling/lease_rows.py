"""Leases: whoever reads a database holds its row. A process that dies loses it by time."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from bot.store.engine.statements import insert_new
from bot.store.schema import leases


def lease_name(organization: str, database: str) -> str:
    """The lease of a database."""
    return f"database:{organization}/{database}"


def claim(
    connection: Connection, names: Collection[str], holder: str, now: datetime, until: datetime
) -> set[str]:
    """Take those of `names` that nobody else holds, or hold them for longer. The ones that are held now."""
    held = set()
    for name in sorted(names):  # in one order: two processes cannot wait for each other
        if _renewed(connection, name, holder, now, until) or insert_new(
            connection, leases, {"name": name, "holder": holder, "fence": 0, "until": until}
        ):
            held.add(name)
    return held


def _renewed(connection: Connection, name: str, holder: str, now: datetime, until: datetime) -> bool:
    free = or_(leases.c.holder == holder, leases.c.until <= now)
    values = {"holder": holder, "until": until, "fence": leases.c.fence + 1}
    return connection.execute(update(leases).where(leases.c.name == name, free).values(values)).rowcount == 1


def held_by_others(connection: Connection, holder: str, now: datetime) -> set[str]:
    """The names that somebody else holds now."""
    query = select(leases.c.name).where(leases.c.holder != holder, leases.c.until > now)
    return set(connection.scalars(query))


def let_go(connection: Connection, holder: str, now: datetime) -> None:
    """Whoever comes next need not wait for the end of what `holder` holds."""
    connection.execute(update(leases).where(leases.c.holder == holder).values(until=now))
