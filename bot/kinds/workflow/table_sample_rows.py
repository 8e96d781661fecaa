"""The samples of a copy by table, for its picture."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from bot.planetscale.refs import WorkflowRef
from bot.store.schema import samples
from bot.watch.storage.watch_repository import find
from bot.workflows.observing.picture import TableSample


@dataclass(frozen=True, slots=True)
class TableSamples:
    """What was kept of the copy of one workflow."""

    watched_since: datetime | None = None
    """`None`: it is not watched."""
    samples: tuple[TableSample, ...] = ()
    """The newest last."""


def table_samples(connection: Connection, ref: WorkflowRef) -> TableSamples:
    """All that is known of the copy of this workflow, also of one that is not watched any more."""
    watch = find(connection, ref)
    if watch is None:
        return TableSamples()
    query = select(samples).where(samples.c.watch_id == watch.id).order_by(samples.c.at)
    found = tuple(
        TableSample(row["at"], row["tables"], row["held"], row["state"])
        for row in connection.execute(query).mappings()
    )
    return TableSamples(None if watch.over else watch.created_at, found)
