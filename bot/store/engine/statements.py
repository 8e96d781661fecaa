"""What SQLite and PostgreSQL say differently."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.types import Moment

_POSTGRES_NOW: Final = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"


def new_id() -> str:
    """22 url-safe characters that nobody can guess."""
    return secrets.token_urlsafe(16)


def shared_now(connection: Connection) -> ColumnElement[datetime] | None:
    """The moment by the clock that all processes share, PostgreSQL's; `None`: a lone process has its own."""
    return literal_column(_POSTGRES_NOW, Moment) if connection.dialect.name == "postgresql" else None


def insert_new(
    connection: Connection, table: Table, values: Mapping[str, Any], **computed: ColumnElement[Any] | None
) -> bool:
    """Insert a row unless one with the same key is there already. Whether it was inserted. `computed`: what
    the database works out.

    Of two transactions that insert the same key at the same time the second waits, then gets False.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing().returning(*table.primary_key)
    if computed:
        statement = statement.values(**computed)
    return connection.execute(statement, dict(values)).first() is not None


def serialize_on(connection: Connection, name: str) -> None:
    """Let transactions that say the same `name` go one after another, from here to their end.

    For decisions over rows that may not exist yet, such as "no other request on this workflow". On SQLite all
    writing transactions do so anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
