"""The audit log: a row in the transaction that it tells of, and once committed the same line on stdout."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Literal

import structlog
from sqlalchemy import Connection, RowMapping, insert, select

from bot.store.engine.transaction import after_commit
from bot.store.schema import audit

log = structlog.stdlib.get_logger(__name__)

_NEW_LINE: Final = insert(audit).returning(audit)
_COLUMNS = ("id", "at", "operation", "who", "what", "detail")


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
    values = {"at": at, "operation_id": operation_id, "who": who, "what": what, "detail": detail}
    row = connection.execute(_NEW_LINE, values).mappings().one()
    after_commit(connection, partial(log.info, "audit", **_line(row)))


def export(connection: Connection, since: datetime | None, form: Literal["jsonl", "csv"]) -> Iterator[str]:
    """The lines from `since` on, in the order they were written, each with its line end.

    The same fields as on stdout. `csv` begins with the columns' names, has `detail` as a cell of JSON, and
    quotes what a spreadsheet would run. Read it to its end within `Database.read`; the log may be long.
    """
    query = select(audit).order_by(audit.c.id)
    if since is not None:
        query = query.where(audit.c.at >= since)
    if form == "csv":
        yield _csv(_COLUMNS)
    for row in connection.execute(query, execution_options={"yield_per": 500}).mappings():
        line = _line(row)
        yield _csv(_cells(line)) if form == "csv" else json.dumps(line, ensure_ascii=False) + "\n"


def _line(row: RowMapping) -> dict[str, Any]:
    return {
        "id": row["id"],
        "at": row["at"].astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "operation": row["operation_id"],
        "who": row["who"],
        "what": row["what"],
        "detail": row["detail"],
    }


def _cells(line: Mapping[str, Any]) -> list[str]:
    detail = json.dumps(line["detail"], ensure_ascii=False)
    return [str(line[name] if line[name] is not None else "") for name in _COLUMNS[:-1]] + [detail]


def _csv(cells: tuple[str, ...] | list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(_harmless(cell) for cell in cells)
    return line.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
