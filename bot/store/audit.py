"""The audit log: a row in the transaction that it tells of, and once committed the same line on stdout.

Each line carries a hash of all before it (`bot.store.audit_chain`). So lines are added one transaction at a
time, by whichever process, and as the last thing before COMMIT.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal

import structlog
from sqlalchemy import Connection, insert, select

from bot.spreadsheets import csv_line, json_cell
from bot.store.audit_chain import COVERED, Line, exported, put_head, take_head
from bot.store.engine.transaction import after_commit, before_commit
from bot.store.schema import audit
from bot.store.types import storable

Form = Literal["jsonl", "json", "csv"]

log = structlog.stdlib.get_logger(__name__)

_NEW_LINES: Final = insert(audit).returning(audit.c.id, sort_by_parameter_order=True)
_COLUMNS: Final = ("id", *COVERED, "hash")


def record(
    connection: Connection,
    at: datetime,
    who: str,
    what: str,
    operation_id: str | None = None,
    /,
    **detail: Any,
) -> None:
    """Add a line: `who` is a Slack user id or part of the bot, `what` a verb, `detail` JSON without secrets.

    Use it within `Database.write`. The row is what counts: a process killed after COMMIT prints no line.
    """
    values = {
        "at": at,
        "operation_id": _storable(operation_id),
        "who": _storable(who),
        "what": _storable(what),
        "detail": json.loads(json.dumps(detail, allow_nan=False)),
    }
    before_commit(connection, _add, values)


def export(connection: Connection, since: datetime | None, form: Form) -> Iterator[str]:
    """The lines from `since` on, in the order they were written, each with its line end.

    The same fields as on stdout: as lines of JSON, as one list (`json`), or as cells under a heading (`csv`),
    where `detail` is JSON and no cell is a formula. Read it within `Database.read`: it may be long.
    """
    query = select(audit).order_by(audit.c.id)
    if since is not None:
        query = query.where(audit.c.at >= since)
    rows = connection.execute(query, execution_options={"yield_per": 500}).mappings()
    yield from written(map(_line, rows), _COLUMNS, form)


def written(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], form: Form) -> Iterator[str]:
    """Rows as text, one by one: as CSV under a heading, as a list, or each as a line of JSON."""
    if form == "csv":
        yield csv_line(columns)
        yield from (csv_line(_cell(row[column]) for column in columns) for row in rows)
        return
    between, whole = (",\n", form == "json")
    yield from ("[\n",) if whole else ()
    for place, row in enumerate(rows):
        line = json.dumps(row, ensure_ascii=False)
        yield (f"{between if place else ''}{line}" if whole else f"{line}\n")
    yield from ("\n]\n",) if whole else ()


def _add(connection: Connection, lines: list[dict[str, Any]]) -> None:
    head = take_head(connection)
    rows = []
    for line in lines:
        head = head.after(line)
        rows.append(line | {"hash": head.hash})
    ids = connection.scalars(_NEW_LINES, rows).all()
    put_head(connection, replace(head, last_id=ids[-1]))
    for number, row in zip(ids, rows, strict=True):
        after_commit(connection, partial(log.info, "audit", **_line(row | {"id": number})))


def _storable(text: str | None) -> str | None:
    """As the row will have it: what is covered by the hash is what is read again."""
    return None if text is None else storable(text)


def _cell(value: Any) -> Any:
    """What a cell holds: names with semicolons between them, and whatever has parts as JSON."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "; ".join(value)
    return json_cell(value) if isinstance(value, list | dict) else value


def _line(row: Line) -> dict[str, Any]:
    return {"id": row["id"], **exported(row), "hash": row["hash"]}
