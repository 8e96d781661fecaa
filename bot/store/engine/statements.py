"""What SQLite and PostgreSQL say differently."""

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite


def new_id() -> str:
    """22 url-safe characters that nobody can guess."""
    return secrets.token_urlsafe(16)


def insert_new(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless one with the same key is there already. Whether it was inserted.

    Of two transactions that insert the same key at the same time the second waits, then gets False.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(statement, dict(values)).first() is not None


def serialize_on(connection: Connection, name: str) -> None:
    """Let transactions that say the same `name` go one after another, from here to their end.

    For decisions over rows that may not exist yet, such as "no other request on this workflow". On SQLite all
    writing transactions do so anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
