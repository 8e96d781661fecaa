"""How far a copy is. Row totals are statistics and can be off by half: everything here is an estimate."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.planetscale.models import Stream, Table, Workflow
from bot.workflows.facts.states import State, state_of

THROTTLED_WITHIN = timedelta(minutes=2)
"""`component_throttled_at` is refreshed while throttling goes on; an older one is history."""
AT_INDEX_STEP = 98
"""From this percentage on a table may be building its secondary indexes, and its rows stand still."""


@dataclass(frozen=True, slots=True)
class TableProgress:
    """One table's copy. `None` means that PlanetScale did not report it."""

    name: str
    copied: int | None
    total: int | None

    @property
    def percent(self) -> int | None:
        """Cut, never rounded up; at most 99 while it may still be going on."""
        return percent_of(self.copied, self.total)

    @property
    def begun(self) -> bool:
        return bool(self.copied)

    @property
    def full(self) -> bool:
        """All rows that were expected are there (which is not proof that the table is done)."""
        return self.copied is not None and self.total is not None and self.copied >= self.total > 0

    @property
    def empty(self) -> bool:
        """There was nothing to copy."""
        return self.copied == self.total == 0

    @property
    def over(self) -> bool:
        """More rows than expected are there: the estimate was too low, by how much is not known."""
        return self.full and self.copied != self.total


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy of all tables of a workflow."""

    tables: tuple[TableProgress, ...]
    finished: bool
    """Set once PlanetScale gives the time at which the copy was complete."""

    @property
    def copied(self) -> int | None:
        counts = [table.copied for table in self.tables if table.copied is not None]
        return sum(counts) if counts else None

    @property
    def total(self) -> int | None:
        """`None` as long as any table's total is unknown: a part would look like the whole."""
        totals = [table.total for table in self.tables if table.total is not None]
        return sum(totals) if totals and len(totals) == len(self.tables) else None

    @property
    def percent(self) -> int | None:
        """100 only when PlanetScale says that the copy is complete."""
        return 100 if self.finished else percent_of(self.copied, self.total)

    def percent_of(self, table: TableProgress) -> int | None:
        """A table's share: 100 once the whole copy is complete, for single tables are not reported done."""
        return 100 if self.finished else table.percent

    @property
    def more_than_estimated(self) -> bool:
        copied, total = self.copied, self.total
        return not self.finished and copied is not None and total is not None and copied > total


def percent_of(copied: int | None, total: int | None) -> int | None:
    """Whole percent, cut, between 0 and 99; `None` where either number is missing or the total is zero."""
    if copied is None or not total:
        return None
    return min(99, copied * 100 // total)


def copy_of(workflow: Workflow) -> Copy | None:
    """The copy as reported, or `None` where PlanetScale reported no tables."""
    if not workflow.tables:
        return None
    tables = tuple(_table(table) for table in workflow.tables)
    return Copy(tables, finished=workflow.data_copy_completed_at is not None)


def _table(table: Table) -> TableProgress:
    return TableProgress(table.name, table.rows_copied, table.rows_total)


def catching_up(workflow: Workflow) -> bool:
    """Whether all expected rows are there and only later changes are still being applied.

    Not while any table has more rows than expected: then nobody knows how many are to come.
    """
    copy = copy_of(workflow)
    return (
        state_of(workflow.state) is State.COPYING
        and copy is not None
        and not copy.finished
        and any(table.full for table in copy.tables)
        and all(table.empty or (table.full and not table.over) for table in copy.tables)
    )


def held_last(workflow: Workflow) -> Stream | None:
    """The stream that the throttler held back last, however long ago."""
    held = [
        (stream.component_throttled_at, position, stream)
        for position, stream in enumerate(workflow.streams or ())
        if stream.component_throttled and stream.component_throttled_at
    ]
    return max(held, key=lambda entry: entry[:2])[2] if held else None


def throttled(workflow: Workflow, now: datetime) -> Stream | None:
    """The stream that the throttler held back last, if that was within the last two minutes."""
    stream = held_last(workflow)
    last = stream.component_throttled_at if stream else None
    return stream if last and now - last < THROTTLED_WITHIN else None


def copy_time(workflow: Workflow) -> timedelta | None:
    """How long the copy took, once it is complete."""
    begun, done = workflow.started_at or workflow.created_at, workflow.data_copy_completed_at
    return done - begun if begun and done and done >= begun else None


def finished_at(workflow: Workflow) -> datetime | None:
    """When the workflow ended, for good or by being cancelled."""
    return workflow.completed_at or workflow.cancelled_at
