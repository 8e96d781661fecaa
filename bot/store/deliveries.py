"""What Slack delivered and somebody took up: of all processes one does what it asks for, once."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete

from bot.store.engine.statements import insert_new
from bot.store.schema import deliveries

KEPT: Final = timedelta(hours=1)
"""Slack delivers nothing again that is older."""


def take_up(connection: Connection, names: Iterable[str], now: datetime) -> bool:
    """Whether nothing of any of these names was taken up before. From now on all of them were.

    What is kept of a name tells nothing of it: it may hold what somebody wrote.
    """
    ids = sorted(hashlib.sha256(name.encode("utf-8", "replace")).hexdigest() for name in set(names))
    new = [insert_new(connection, deliveries, {"id": one, "at": now}) for one in ids]
    return all(new)


def forget(connection: Connection, now: datetime) -> None:
    """Remove those that cannot come again."""
    connection.execute(delete(deliveries).where(deliveries.c.at < now - KEPT))
