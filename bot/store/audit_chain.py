"""The chain of the audit log: each line's hash covers the line and the hash before it.

The hash of a line is SHA-256 over the hash of the line before it (of the first line: nothing), a line feed,
and the line as JSON: the fields `COVERED` as they are exported, sorted by name, without blanks, all but ASCII
escaped. So an export can be checked by itself. An id is only a number of the database's, and is not covered.

A line without a hash (a version that knew none wrote it) is covered by the next one that has one.
"""

import hashlib
import json
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Self

from sqlalchemy import Connection, RowMapping, Select, func, select, update

from bot.store.engine.engines import Garbled
from bot.store.schema import audit, audit_head

COVERED: Final = ("at", "operation", "who", "what", "detail")
Line = Mapping[str, Any] | RowMapping
"""A row of `audit`, or what is to be one."""
_HEAD: Final = audit_head.c.id == 1
_STALLED: Final = "3s"
"""A process that stands still while it holds the head loses it, before the others give up waiting (5 s)."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log: how many lines it has, the last one's id, and the hash that covers them all."""

    lines: int = 0
    last_id: int = 0
    hash: str = ""

    def after(self, row: Line) -> Self:
        """The end once this row is added."""
        return replace(
            self,
            lines=self.lines + 1,
            last_id=row.get("id", self.last_id),
            hash=_link(self.hash, row),
        )


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found when all hashes were computed anew."""

    head: Head
    """Of the lines that are there, up to the first that does not fit."""
    told: Head | None
    """The end as it was written down with the last line; `None` where that is missing."""
    misfit: RowMapping | None = None
    """The first line that does not fit the ones before it."""
    proven: int = 0
    """The id of the last line that a stored hash covers and that fits."""
    ends_as_told: bool = True
    """Whether the lines that `told` counts are there, and are those that it covers."""
    holds_kept: bool = True
    """Whether the log went through the hash that was kept elsewhere."""

    @property
    def whole(self) -> bool:
        """Whether nothing was found to be changed or missing."""
        return self.misfit is None and self.told is not None and self.ends_as_told and self.holds_kept


def exported(row: Line) -> dict[str, Any]:
    """The fields of a line that its hash covers, as they stand on stdout and in an export."""
    at: datetime = row["at"]
    return {
        "at": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "operation": row["operation_id"],
        "who": row["who"],
        "what": row["what"],
        "detail": row["detail"],
    }


def take_head(connection: Connection) -> Head:
    """The end of the log, locked until this transaction ends: lines are added one transaction at a time."""
    row = connection.execute(_locking(connection)).mappings().one()
    head = Head(row["lines"], row["last_id"], row["hash"])
    return _walked(connection, head) if row["behind"] else head


def put_head(connection: Connection, head: Head) -> None:
    """Write down the end of the log, with the lines that lead to it."""
    connection.execute(update(audit_head).where(_HEAD).values(**asdict(head), behind=False))


def covering(connection: Connection) -> dict[str, Any]:
    """The row of `audit_head` for the lines that are there, none of which has a hash."""
    return {**asdict(_walked(connection, Head())), "behind": False}


def verify(connection: Connection, kept: str | None = None) -> Verified:
    """Compute all hashes anew. Read it within `Database.read`: it reads the whole log."""
    row = connection.execute(select(audit_head).where(_HEAD)).mappings().one_or_none()
    told = Head(row["lines"], row["last_id"], row["hash"]) if row else None
    head, proven, seen = Head(), 0, {""}
    wanted = {kept or "", told.hash if told else ""}
    with closing(_rows(connection, select(audit))) as lines:
        for line in lines:
            after = None if isinstance(line["detail"], Garbled) else head.after(line)
            if after is None or line["hash"] not in {None, after.hash}:
                return Verified(head, told, line, proven)
            head = after
            proven = head.last_id if line["hash"] else proven
            seen |= wanted & {head.hash}
    ends_as_told = told is not None and told.hash in seen and head.lines >= told.lines
    return Verified(head, told, None, proven, ends_as_told, kept is None or kept in seen)


def _walked(connection: Connection, head: Head) -> Head:
    """The end after all lines behind `head`."""
    for row in _rows(connection, select(audit).where(audit.c.id > head.last_id)):
        head = head.after(row)
    return head


def _rows(connection: Connection, query: Select[Any]) -> Generator[RowMapping]:
    options = {"yield_per": 500}
    with connection.execute(query.order_by(audit.c.id), execution_options=options) as result:
        yield from result.mappings()


def _locking(connection: Connection) -> Select[Any]:
    if connection.dialect.name != "postgresql":
        return select(audit_head).where(_HEAD)
    limit = func.set_config("idle_in_transaction_session_timeout", _STALLED, True)
    return select(audit_head, limit).where(_HEAD).with_for_update(of=audit_head)


def _link(before: str, row: Line) -> str:
    line = json.dumps(exported(row), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(f"{before}\n{line}".encode()).hexdigest()
