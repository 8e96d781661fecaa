"""Watches and samples as rows, and rows as watches and samples."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.store.schema import watches
from bot.watch.model import Origin, Over, Watch
from bot.watch.pace import urgency_of
from bot.workflows.estimate import Sample
from bot.workflows.sight import Sight

_SIGHT = TypeAdapter(Sight)
_CODED = {"places", "origin", "over", "sight", "names", "caused"}
_PLAIN = tuple(one.name for one in fields(Watch) if one.name in set(watches.columns.keys()) - _CODED)
_MOST = 2**63 - 1


def to_row(watch: Watch) -> dict[str, Any]:
    """All columns of a watch."""
    row = {name: getattr(watch, name) for name in _PLAIN}
    return row | {
        "organization": watch.ref.organization,
        "database": watch.ref.database,
        "number": watch.ref.number,
        "places": list(watch.places),
        "names": dict(watch.names),
        "caused": list(watch.caused),
        "origin": watch.origin.value,
        "over": watch.over.value if watch.over else None,
        "sight": _SIGHT.dump_python(watch.sight, mode="json", exclude_none=True) if watch.sight else None,
        "read_at": watch.sight.read_at if watch.sight else None,
        "urgency": urgency_of(watch.sight),
    }


def from_row(row: RowMapping | Mapping[str, Any]) -> Watch:
    """The watch that a row holds."""
    return Watch(
        **{name: row[name] for name in _PLAIN},
        ref=WorkflowRef(row["organization"], row["database"], row["number"]),
        places=tuple(row["places"]),
        names=row["names"],
        caused=tuple(row["caused"]),
        origin=Origin(row["origin"]),
        over=Over(row["over"]) if row["over"] else None,
        sight=_SIGHT.validate_python(row["sight"]) if row["sight"] else None,
    )


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
