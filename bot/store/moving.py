"""All rows of one database to another, in one transaction: each of them, or none."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, RowMapping, Table, delete, func, insert, select, text

from bot.store.engine.engines import Garbled, reading_engine
from bot.store.engine.statements import serialize_on
from bot.store.errors import RowNotUnderstoodError, RowRefusedError
from bot.store.schema import audit_head, metadata

_AT_ONCE: Final = 500
_BUSY_SECONDS: Final = 5.0
Content = Mapping[str, tuple[int, int]]
"""Of each table: how many rows, and a number that any difference in any of them changes."""


def move_rows(target: Connection, source: URL) -> Mapping[str, int] | None:
    """Copy all rows of the database at `source`, which nobody writes to meanwhile, and compare both sides.

    How many rows each table has; `None` where the target holds the very same already. The target gives out
    numbers above all that were copied. Raises `RowRefusedError` where it has other rows, or where what was
    written reads differently; `RowNotUnderstoodError` for a row that no version of the bot can have written.
    """
    if target.dialect.name == "postgresql":
        target.execute(text("SET LOCAL statement_timeout = 0"))
        target.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        target.execute(
            text("SET LOCAL workflow_bot.moving = 'on'")
        )  # lines of the audit log keep their numbers
    serialize_on(target, "workflow-bot migrate")
    with _opened(source) as reading:
        given = content(reading)
        before = content(target)
        if before == given and any(count for count, _ in given.values()):
            return None
        _refuse_others(before)
        target.execute(delete(audit_head))  # of the log that is empty
        for table in metadata.sorted_tables:
            for rows in _batches(reading, table):
                target.execute(insert(table), rows)
            _count_on(target, table)
    _refuse_differences(given, content(target))
    return {name: count for name, (count, _) in given.items()}


@contextmanager
def _opened(source: URL) -> Iterator[Connection]:
    engine = reading_engine(source, 1, _BUSY_SECONDS)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def content(connection: Connection) -> Content:
    """What the tables hold, whatever the order in which the database gives it."""
    return {table.name: _content(connection, table) for table in metadata.sorted_tables}


def _content(connection: Connection, table: Table) -> tuple[int, int]:
    count = total = 0
    for rows in _batches(connection, table):
        for row in rows:
            said = json.dumps(row, default=str, ensure_ascii=False)
            total += int.from_bytes(hashlib.sha256(said.encode("utf-8", "surrogatepass")).digest())
        count += len(rows)
    return count, total


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    """The rows in the order in which they were written, where the database knows it: parents come first."""
    query = select(table)
    if connection.dialect.name == "sqlite":
        query = query.order_by(text("rowid"))
    found = connection.execute(query, execution_options={"yield_per": _AT_ONCE}).mappings()
    for rows in found.partitions():
        yield [_understood(table, row) for row in rows]


def _understood(table: Table, row: RowMapping) -> dict[str, Any]:
    for column, value in row.items():
        if isinstance(value, Garbled):
            key = ", ".join(str(row[part.name]) for part in table.primary_key)
            msg = f"{table.name} {key} has no JSON in {column}"
            raise RowNotUnderstoodError(msg)
    return dict(row)


def _refuse_others(before: Content) -> None:
    if taken := [name for name, (count, _) in before.items() if count and name != audit_head.name]:
        msg = f"the target has rows already ({', '.join(taken)}); name an empty database"
        raise RowRefusedError(msg)


def _refuse_differences(given: Content, written: Content) -> None:
    if differing := [name for name in given if given[name] != written[name]]:
        msg = f"what was written reads differently ({', '.join(differing)}); nothing was moved"
        raise RowRefusedError(msg)


def _count_on(target: Connection, table: Table) -> None:
    """Numbers that PostgreSQL gives out go on after those that were copied."""
    number = table.autoincrement_column
    if number is None or target.dialect.name != "postgresql":
        return
    highest = select(func.max(number)).scalar_subquery()
    sequence = func.pg_get_serial_sequence(table.name, number.name)
    target.execute(select(func.setval(sequence, highest)).where(highest.is_not(None)))
