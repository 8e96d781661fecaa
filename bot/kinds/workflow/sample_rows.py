"""The rows of a copy over time: taken while it copies, thinned as they age, so that a watch keeps few."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select

from bot.planetscale.models import Workflow
from bot.store.schema import samples
from bot.watch.polling.pace import Pace
from bot.workflows.facts.states import State, state_of
from bot.workflows.observing.estimate import Sample
from bot.workflows.observing.observed_state import ObservedState

MOST, FINENESS = 1000, 100
_LARGEST = 2**63 - 1
_NEW: Final = insert(samples)
_COUNT_AND_LAST: Final = select(func.count(), func.max(samples.c.at)).where(
    samples.c.watch_id == bindparam("watch")
)


def take(connection: Connection, watch_id: str, observed: ObservedState, now: datetime, pace: Pace) -> None:
    """Keep what is copied now, unless that was just done."""
    if state_of(observed.workflow.state) is not State.COPYING or not observed.workflow.tables:
        return
    count, last = connection.execute(_COUNT_AND_LAST, {"watch": watch_id}).one()
    if last is not None and now - last < pace.of(30):
        return
    held = bool(observed.throttled_since or observed.indexing)
    connection.execute(_NEW, sample_row(watch_id, observed.workflow, now, held=held))
    if count >= MOST:
        thin(connection, watch_id, now)


def thin(connection: Connection, watch_id: str, now: datetime) -> None:
    """Keep samples that lie apart by a hundredth of their age; the first of all stays.

    A week of them is then about six hundred, and each further doubling of the time adds seventy.
    """
    mine = samples.c.watch_id == watch_id
    moments = list(connection.scalars(select(samples.c.at).where(mine).order_by(samples.c.at.desc())))
    kept, dropped = moments[0], []
    for moment in moments[1:-1]:
        if kept - moment < (now - moment) / FINENESS:
            dropped.append(moment)
        else:
            kept = moment
    connection.execute(delete(samples).where(mine, samples.c.at.in_(dropped)))


def samples_of(connection: Connection, watch_id: str) -> list[Sample]:
    """The rows of its copy over time, the oldest first."""
    query = select(samples).where(samples.c.watch_id == watch_id).order_by(samples.c.at)
    return [sample(row) for row in connection.execute(query).mappings()]


def sample_row(watch_id: str, workflow: Workflow, at: datetime, *, held: bool) -> dict[str, Any]:
    """The rows of a copy at a moment; for a workflow whose tables are reported."""
    tables = workflow.tables or ()
    totals = [table.rows_total for table in tables]
    return {
        "watch_id": watch_id,
        "at": at,
        "tables": {table.name: table.rows_copied or 0 for table in tables},
        "copied": min(_LARGEST, sum(table.rows_copied or 0 for table in tables)),
        "total": None if None in totals else min(_LARGEST, sum(total or 0 for total in totals)),
        "held": held,
        "state": workflow.state,
    }


def sample(row: RowMapping) -> Sample:
    """The sample that a row holds, all tables together."""
    return Sample(row["at"], row["copied"], row["total"], row["held"])
