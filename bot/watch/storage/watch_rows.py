"""Watches and samples as rows, and rows as watches and samples."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, update

from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.store.errors import RowNotUnderstoodError, understanding
from bot.store.schema import watches
from bot.watch.model import Origin, Over, Watch
from bot.watch.polling.pace import urgency_of
from bot.workflows.observing.estimate import Sample
from bot.workflows.observing.observed_state import ObservedState

log = structlog.stdlib.get_logger(__name__)

LEFT_OUT_FOR = timedelta(minutes=5)
"""How long a watch that cannot be read is not tried again."""
_SIGHT = TypeAdapter(ObservedState)
_CODED: Mapping[str, Callable[[Any], Any]] = {
    "places": list,
    "names": dict,
    "caused": list,
    "origin": lambda origin: origin.value,
    "over": lambda over: over.value if over else None,
}
_FIELDS = tuple(one.name for one in fields(Watch) if one.name not in {"ref", "sight"})
_PLAIN = tuple(name for name in _FIELDS if name not in _CODED)
_MOST = 2**63 - 1


def to_row(watch: Watch) -> dict[str, Any]:
    """All columns of a watch."""
    ref = {"organization": watch.ref.organization, "database": watch.ref.database, "number": watch.ref.number}
    return ref | _columns(watch, _FIELDS) | _sight_columns(watch.sight)


def changed_columns(before: Watch, after: Watch) -> dict[str, Any]:
    """What is to be written where the row holds `before`, to make it hold `after`: the same workflow's."""
    changed = _columns(after, [name for name in _FIELDS if getattr(before, name) != getattr(after, name)])
    was, now = before.sight, after.sight
    if was is now:
        return changed
    if was and now and replace(was, read_at=now.read_at) == now:
        return changed | {"read_at": now.read_at}
    return changed | _sight_columns(now)


def from_row(row: RowMapping | Mapping[str, Any]) -> Watch:
    """The watch that a row holds. Raises `RowNotUnderstoodError` where a newer version wrote it."""
    with understanding("watch", row["id"]):
        return Watch(
            **{name: row[name] for name in _PLAIN},
            ref=WorkflowRef(row["organization"], row["database"], row["number"]),
            places=tuple(row["places"]),
            names=row["names"],
            caused=tuple(row["caused"]),
            origin=Origin(row["origin"]),
            over=Over(row["over"]) if row["over"] else None,
            sight=_SIGHT.validate_python(row["sight"] | {"read_at": row["read_at"]})
            if row["sight"]
            else None,
        )


def understood(rows: Iterable[RowMapping]) -> Iterator[Watch]:
    """The watches of many rows, for what can do without those that this version does not know."""
    for row in rows:
        try:
            yield from_row(row)
        except RowNotUnderstoodError as error:
            log.error("left_out", reason=str(error))


def to_be_read(connection: Connection, rows: Sequence[RowMapping], now: datetime) -> list[Watch]:
    """The watches of rows that are read now. One that this version does not know is put off: else it would
    be due again at once, and take the place of others.
    """
    found = list(understood(rows))
    if unknown := {row["id"] for row in rows} - {watch.id for watch in found}:
        later = {"due_at": now + LEFT_OUT_FOR, "detail_due_at": now + LEFT_OUT_FOR}
        connection.execute(update(watches).where(watches.c.id.in_(unknown)).values(later))
    return found


def _columns(watch: Watch, names: Iterable[str]) -> dict[str, Any]:
    values = ((name, getattr(watch, name)) for name in names)
    return {name: _CODED[name](value) if name in _CODED else value for name, value in values}


def _sight_columns(sight: ObservedState | None) -> dict[str, Any]:
    """The time of the reading stands beside the rest: it changes with every read, the rest seldom."""
    known = sight and _SIGHT.dump_python(sight, mode="json", exclude_none=True, exclude={"read_at"})
    return {"sight": known, "read_at": sight and sight.read_at, "urgency": urgency_of(sight)}


def sample_row(watch_id: str, workflow: Workflow, at: datetime, *, held: bool) -> dict[str, Any]:
    """The rows of a copy at a moment; for a workflow whose tables are reported."""
    tables = workflow.tables or ()
    totals = [table.rows_total for table in tables]
    return {
        "watch_id": watch_id,
        "at": at,
        "tables": {table.name: table.rows_copied or 0 for table in tables},
        "copied": min(_MOST, sum(table.rows_copied or 0 for table in tables)),
        "total": None if None in totals else min(_MOST, sum(total or 0 for total in totals)),
        "held": held,
        "state": workflow.state,
    }


def sample(row: RowMapping) -> Sample:
    """The sample that a row holds, all tables together."""
    return Sample(row["at"], row["copied"], row["total"], row["held"])
