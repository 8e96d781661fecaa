"""Watches as rows, and rows as watches."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, RowMapping, update

from bot.operations.storage.kept_forms import forms_of
from bot.store.errors import RowNotUnderstoodError, understanding
from bot.store.schema import watches
from bot.subjects.model import Observed, Ref
from bot.subjects.row_forms import Forms
from bot.watch.model import Origin, Over, Watch

log = structlog.stdlib.get_logger(__name__)

LEFT_OUT_FOR = timedelta(minutes=5)
"""How long a watch that cannot be read is not tried again."""
_CODED: Mapping[str, Callable[[Any], Any]] = {
    "places": list,
    "names": dict,
    "caused": list,
    "origin": lambda origin: origin.value,
    "over": lambda over: over.value if over else None,
}
_FIELDS = tuple(one.name for one in fields(Watch) if one.name not in {"ref", "observed"})
_PLAIN = tuple(name for name in _FIELDS if name not in _CODED)


def to_row(forms: Forms, watch: Watch) -> dict[str, Any]:
    """All columns of a watch."""
    return {**watch.ref.columns} | _columns(watch, _FIELDS) | _observed_columns(forms, watch.observed)


def changed_columns(forms: Forms, before: Watch, after: Watch) -> dict[str, Any]:
    """What is to be written where the row holds `before`, to make it hold `after`: the same workflow's."""
    changed = _columns(after, [name for name in _FIELDS if getattr(before, name) != getattr(after, name)])
    was, now = before.observed, after.observed
    if was is now:
        return changed
    if was and now and _as_read_at(was, now.read_at) == now:
        return changed | {"read_at": now.read_at}
    return changed | _observed_columns(forms, now)


def from_row(connection: Connection, row: RowMapping) -> Watch:
    """The watch that a row holds. Raises `RowNotUnderstoodError` where a newer version wrote it."""
    with understanding("watch", row["id"]):
        forms = forms_of(connection, row)
        return Watch(
            **{name: row[name] for name in _PLAIN},
            ref=named(connection, row),
            places=tuple(row["places"]),
            names=row["names"],
            caused=tuple(row["caused"]),
            origin=Origin(row["origin"]),
            over=Over(row["over"]) if row["over"] else None,
            observed=forms.observed(row["sight"] | {"read_at": row["read_at"]}) if row["sight"] else None,
        )


def named(connection: Connection, row: RowMapping) -> Ref:
    """The subject of a row. Raises `ValueError` for one without."""
    ref = forms_of(connection, row).ref(row)
    if ref is None:
        msg = "a watch without a subject"
        raise ValueError(msg)
    return ref


def understood(connection: Connection, rows: Iterable[RowMapping]) -> Iterator[Watch]:
    """The watches of many rows, for what can do without those that this version does not know."""
    for row in rows:
        try:
            yield from_row(connection, row)
        except RowNotUnderstoodError as error:
            log.error("left_out", reason=str(error))


def to_be_read(connection: Connection, rows: Sequence[RowMapping], now: datetime) -> list[Watch]:
    """The watches of rows that are read now. One that this version does not know is put off: else it would
    be due again at once, and take the place of others.
    """
    found = list(understood(connection, rows))
    if unknown := {row["id"] for row in rows} - {watch.id for watch in found}:
        later = {"due_at": now + LEFT_OUT_FOR, "detail_due_at": now + LEFT_OUT_FOR}
        connection.execute(update(watches).where(watches.c.id.in_(unknown)).values(later))
    return found


def _columns(watch: Watch, names: Iterable[str]) -> dict[str, Any]:
    values = ((name, getattr(watch, name)) for name in names)
    return {name: _CODED[name](value) if name in _CODED else value for name, value in values}


def _observed_columns(forms: Forms, observed: Observed | None) -> dict[str, Any]:
    """The time of the reading stands beside the rest: it changes with every read, the rest seldom."""
    known = observed and forms.observed_json(observed)
    return {"sight": known, "read_at": observed and observed.read_at, "urgency": forms.urgency(observed)}


def _as_read_at(observed: Any, moment: datetime) -> Observed:
    """The same as of another moment: what is known is a dataclass, whichever kind's."""
    changed: Observed = replace(observed, read_at=moment)
    return changed
