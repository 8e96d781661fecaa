"""The figures of all processes together: read from the rows when somebody asks, and seldom."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Connection, func, select

from bot.approvals.terms import Gate
from bot.clock import Clock
from bot.metrics import table
from bot.metrics.table import Figure
from bot.operations.model import OPEN, State
from bot.store.board import MessageState
from bot.store.engine.database import Database
from bot.store.engine.lane import WorkPriority
from bot.store.errors import StoreError
from bot.store.schema import messages, operations, watches
from bot.subjects.model import MOVING, WAITING, WORKING

log = structlog.stdlib.get_logger(__name__)

FRESH_FOR: Final = 3.0
"""Seconds: whoever asks gets what was read no longer ago."""
ANSWERS_WITHIN: Final = 5.0
"""Seconds after which a database that has not answered is done without."""
CLASSES: Final = {MOVING: "moving", WORKING: "working", WAITING: "waiting"}
"""Of what is watched, by its urgency."""
_PENDING: Final = (MessageState.WANTED, MessageState.POSTING, MessageState.OUTDATED)

Samples = Mapping[tuple[str, ...], float]
"""By the values of the labels."""
Read = Mapping[Figure, Samples]

_OPEN: Final = (
    select(operations.c.state, operations.c.gate, func.count(), func.min(operations.c.asked_at))
    .where(operations.c.state.in_([state.value for state in OPEN]))
    .group_by(operations.c.state, operations.c.gate)
)
_WATCHED: Final = (
    select(watches.c.urgency, func.count(), func.min(func.coalesce(watches.c.read_at, watches.c.created_at)))
    .where(watches.c.over.is_(None))
    .group_by(watches.c.urgency)
)
_WAITING: Final = select(func.count(), func.min(messages.c.updated_at)).where(messages.c.state.in_(_PENDING))
_FAILED: Final = select(func.count()).where(messages.c.state == MessageState.FAILED.value)


class RowFigures:
    """Reads them: never twice at the same time, never again within seconds, and behind everybody else."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._read: Read | None = None
        self._asked_at: float | None = None
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self) -> Read | None:
        """By figure; `None` where the database did not answer in time."""
        if self._asking is None or self._asking.done():
            now = self._clock.monotonic()
            if self._asked_at is None or now - self._asked_at >= FRESH_FOR:
                self._asked_at = now
                self._asking = asyncio.create_task(self._ask(), name="figures")
        if self._asking is not None and not self._asking.done():
            done, _ = await asyncio.wait((self._asking,), timeout=ANSWERS_WITHIN)
            if not done:
                return None
        return self._read

    async def _ask(self) -> None:
        """Nothing is cut short here: a transaction that has begun is awaited to its end anyway."""
        try:
            self._read = await self._database.read(read_rows, self._clock.now(), priority=WorkPriority.TICK)
        except StoreError as error:
            self._read = None
            log.warning("figures_not_read", reason=str(error))


def read_rows(connection: Connection, now: datetime) -> Read:
    """All of them, as of one moment."""
    return dict(
        (*_of_operations(connection, now), *_of_watches(connection, now), *_of_messages(connection, now))
    )


def _of_operations(connection: Connection, now: datetime) -> Iterator[tuple[Figure, Samples]]:
    by_state: dict[tuple[str, ...], float] = {(state.value,): 0.0 for state in OPEN}
    waiting, oldest = 0, 0.0
    for state, gate, count, since in connection.execute(_OPEN):
        by_state[state,] += count
        if (state, gate) == (State.WAITING.value, Gate.PEER.value):
            waiting, oldest = count, _age(since, now)
    yield table.OPERATIONS_OPEN, by_state
    yield table.APPROVALS_WAITING, {(): waiting}
    yield table.OLDEST_APPROVAL, {(): oldest}


def _of_watches(connection: Connection, now: datetime) -> Iterator[tuple[Figure, Samples]]:
    counts: dict[tuple[str, ...], float] = {(name,): 0.0 for name in CLASSES.values()}
    ages = counts.copy()
    for urgency, count, since in connection.execute(_WATCHED):
        if urgency in CLASSES:
            counts[CLASSES[urgency],] = count
            ages[CLASSES[urgency],] = _age(since, now)
    yield table.WATCHES, counts
    yield table.STALENESS, ages


def _of_messages(connection: Connection, now: datetime) -> Iterator[tuple[Figure, Samples]]:
    waiting, since = connection.execute(_WAITING).one()
    yield table.MESSAGES_WAITING, {(): waiting}
    yield table.OLDEST_MESSAGE, {(): _age(since, now)}
    yield table.MESSAGES_FAILED, {(): connection.scalar(_FAILED) or 0}


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
