"""How a copy gets on from one read to the next: whether rows move, and if not, for which reason."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.planetscale.models import Workflow
from bot.workflows.facts.progress import (
    AT_INDEX_STEP,
    THROTTLED_WITHIN,
    TableProgress,
    catching_up,
    copy_of,
    held_last,
    throttled,
)
from bot.workflows.facts.states import State, state_of
from bot.workflows.observing.observed_state import ObservedState

STILL_FOR_INDEXES = timedelta(minutes=10)
"""For so long rows stand still before that is taken for building indexes."""
STANDS_AFTER = timedelta(minutes=45)
"""For so long rows stand still before that is called no progress."""

STREAMS_RUN = frozenset(
    {State.COPYING, State.RUNNING, State.VERIFYING_DATA, State.VERIFIED_DATA, State.SWITCHED_REPLICAS}
)
"""States in which the streams from the source apply changes, so that the throttler can hold them back."""


def pace(before: ObservedState, now: ObservedState) -> ObservedState:
    """`now`, with what its rows and streams show beside those of `before`."""
    return _index_step(_rows(before, _held_back(before, now)))


def is_copying(workflow: Workflow) -> bool:
    """Whether rows are still being copied."""
    return state_of(workflow.state) is State.COPYING and workflow.data_copy_completed_at is None


def stands_still(sight: ObservedState) -> bool:
    """No more rows for 45 minutes, as far as rows are reported, and none of the normal causes."""
    excused = sight.throttled_since or sight.indexing or sight.workflow.workflow_errors
    return (
        is_copying(sight.workflow)
        and not excused
        and not catching_up(sight.workflow)
        and bool(_counts(sight.workflow))
        and sight.moved_at is not None
        and sight.detail_at - sight.moved_at >= STANDS_AFTER
    )


def _held_back(before: ObservedState, now: ObservedState) -> ObservedState:
    if state_of(now.workflow.state) not in STREAMS_RUN:
        return replace(now, throttled_since=None, held_at=None)
    if now.detail_at != now.read_at or now.workflow.streams is None:
        return now
    if _held_between(before, now):
        now = replace(now, held_at=now.read_at)
    lately = now.held_at is not None and now.read_at - now.held_at < THROTTLED_WITHIN
    if throttled(now.workflow, now.read_at) or (lately and held_last(now.workflow)):
        return now if now.throttled_since else _first_seen_held(before, now)
    return replace(now, throttled_since=None, held_at=None)


def _first_seen_held(before: ObservedState, now: ObservedState) -> ObservedState:
    """Since now, if it was seen not to be throttled a moment ago."""
    saw_it_begin = timedelta() < now.detail_at - before.detail_at < THROTTLED_WITHIN
    return replace(now, throttled_since=now.read_at, throttled_before=not saw_it_begin)


def _held_between(before: ObservedState, now: ObservedState) -> bool:
    """Whether the throttler was at work since the last read in full, a moment ago, whatever clocks say."""
    if now.detail_at - before.detail_at >= THROTTLED_WITHIN:
        return False
    known = _held(before.workflow)
    return any(one in known and at > known[one] for one, at in _held(now.workflow).items())


def _held(workflow: Workflow) -> dict[str, datetime]:
    """When each stream was held back last, by PlanetScale's time."""
    times = {str(stream.id): stream.component_throttled_at for stream in workflow.streams or ()}
    return {one: at for one, at in times.items() if at}


def _rows(before: ObservedState, now: ObservedState) -> ObservedState:
    if not is_copying(now.workflow):
        return now
    if now.moved_at is None or state_of(before.workflow.state) is not State.COPYING:
        return replace(now, moved_at=now.read_at, moving=None)
    rows, known = _counts(now.workflow), _counts(before.workflow)
    grown = [name for name, count in rows.items() if count > known.get(name, -1)]
    if not grown:
        return now
    tables = [table for kind, table in grown if kind == "table"]
    return replace(now, moved_at=now.read_at, moving=tables[-1] if tables else now.moving)


def _counts(workflow: Workflow) -> dict[tuple[str, str], int]:
    """The rows reported for each table and each stream."""
    tables = {("table", table.name): table.rows_copied for table in workflow.tables or ()}
    streams = {("stream", str(stream.id)): stream.rows_copied for stream in workflow.streams or ()}
    return {key: count for key, count in (tables | streams).items() if count is not None}


def _index_step(now: ObservedState) -> ObservedState:
    table = _indexing(now)
    if table is None or now.moved_at is None:
        return replace(now, indexing=None, indexing_since=None)
    return replace(now, indexing=table, indexing_since=now.moved_at)


def _indexing(now: ObservedState) -> str | None:
    """The table whose indexes are probably being built: what stands still, stands at the end of a table."""
    workflow, copy = now.workflow, copy_of(now.workflow)
    still = now.moved_at is not None and now.detail_at - now.moved_at >= STILL_FOR_INDEXES
    if not (is_copying(workflow) and workflow.defer_secondary_keys and copy and still):
        return None
    begun = [table for table in copy.tables if table.begun]
    at_step = [table for table in begun if _at_index_step(table)]
    if now.throttled_since or catching_up(workflow) or not at_step or len(at_step) < len(begun):
        return None
    names = {table.name for table in at_step}
    return now.moving if now.moving in names else max(at_step, key=lambda table: table.copied or 0).name


def _at_index_step(table: TableProgress) -> bool:
    return table.percent is not None and table.percent >= AT_INDEX_STEP
