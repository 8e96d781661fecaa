"""The bot's rows as they are in the file, read past the bot: plain SQL, nothing of its code."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """What the oracle needs of an operation."""

    id: str
    state: str
    gate: str
    required: int
    digest: str | None
    database: str
    number: int | None
    branch: str | None
    call: str | None
    requester: str
    expires_at: datetime | None
    late_effect: bool
    settled: bool
    seen_state: str | None
    again_of: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the audit log."""

    id: int
    operation: str | None
    """None for what is about a watch."""
    who: str
    what: str
    was: str | None


class Rows:
    """A reader of the file. `close` it."""

    def __init__(self, file: Path) -> None:
        self._file = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        self._file.row_factory = sqlite3.Row

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def operations(self) -> dict[str, Row]:
        """All operations, by id, as they were asked."""
        found = self._file.execute("SELECT * FROM operations ORDER BY asked_at, id")
        return {row["id"]: _row(row) for row in found}

    def audit(self, after: int) -> list[Line]:
        """The audit lines behind line `after`."""
        found = self._file.execute("SELECT * FROM audit WHERE id > ? ORDER BY id", (after,))
        return [_line(row) for row in found]

    def raw(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table, as they are."""
        return [dict(row) for row in self._file.execute(f"SELECT * FROM {table} ORDER BY id")]  # noqa: S608 - a name of ours


def _row(row: sqlite3.Row) -> Row:
    facts, outcome = json.loads(row["facts"] or "{}"), json.loads(row["outcome"] or "{}")
    seen = facts.get("seen") or {}
    return Row(
        id=row["id"],
        state=row["state"],
        gate=row["gate"],
        required=row["required"],
        digest=row["digest"],
        database=row["database"],
        number=row["number"],
        branch=row["branch"],
        call=row["call"],
        requester=row["requester"],
        expires_at=_moment(row["expires_at"]),
        late_effect=bool(outcome.get("late_effect_at")),
        settled=bool(outcome.get("settled_by")),
        seen_state=seen.get("state"),
        again_of=row["again_of"],
    )


def _line(row: sqlite3.Row) -> Line:
    was = json.loads(row["detail"]).get("was")
    return Line(row["id"], row["operation_id"], row["who"], row["what"], was)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(microseconds=value)
