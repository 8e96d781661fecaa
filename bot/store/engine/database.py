"""Transactions as plain functions of a connection, carried out by the database's own threads."""

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar, TypeVarTuple

from sqlalchemy import Connection, Engine

from bot.runtime.figures import NO_FIGURES, Figures
from bot.store.engine.address import file_of, parse_address
from bot.store.engine.counting import CARRIED
from bot.store.engine.engines import lone_engine, reading_engine, writing_engine
from bot.store.engine.files import refuse_odd
from bot.store.engine.guard import FileGuard
from bot.store.engine.lane import Lane, WorkPriority
from bot.store.engine.notify import WAKES, Wakes
from bot.store.engine.ticket import Ticket, outcome
from bot.store.engine.transaction import transact
from bot.store.errors import CommitUnknownError, DatabaseUnavailableError

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_READERS = 2
NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Side:
    """Connections, and the threads that use them."""

    access: str
    engine: Engine
    lane: Lane


@dataclass(frozen=True, slots=True)
class _Terms:
    """How a transaction is to be carried out."""

    priority: WorkPriority
    begin_within: float | None
    repeatable: bool


class Database:
    """The bot's rows. One per process; use it from one event loop and `close` it.

    On SQLite one connection writes, on a thread of its own, beside a few that read. On PostgreSQL
    `connections` of them write at the same time: whoever decides on what it has read must lock that
    (`SELECT … FOR UPDATE`, `serialize_on`) or say in the UPDATE what it expects. Connections are made
    when they are first needed.
    """

    def __init__(
        self,
        url: str,
        *,
        begin_within: float = 1.5,
        connections: int = 4,
        guard: bool = True,
        carries: Mapping[str, object] = NOTHING,
        figures: Figures = NO_FIGURES,
    ) -> None:
        """`guard`: be the only process to run on this SQLite file; without effect on PostgreSQL. `carries`:
        what functions of a connection find in its execution options, for what rows hold is not the store's.

        Raises `DatabaseAddressError`, `DatabaseInUseError` (guarded by another process) and
        `DatabaseUnavailableError` (the file cannot be opened, or is not safe under this name, or the driver
        is not installed).
        """
        address = parse_address(url)
        file = file_of(address)
        if file:
            refuse_odd(file)
        writers = connections if file is None else 1
        self.wakes = Wakes()
        """Who in this process is woken by what `bot.store.engine.notify.notify` tells of."""
        self._begin_within = begin_within
        engines = (
            writing_engine(address, writers, begin_within),
            reading_engine(address, _READERS, begin_within),
        )
        for engine in engines:
            engine.update_execution_options(**carries, **{CARRIED: figures, WAKES: self.wakes})
        lone = None if file else lone_engine(address, 1)
        self._guard = FileGuard(file) if file and guard else None
        self._writing = _Side("write", engines[0], Lane("database-write", writers))
        self._reading = _Side("read", engines[1], Lane("database-read", _READERS))
        self._alone = _Side("write", lone, Lane("database-alone", 1)) if lone else self._writing
        self._figures = figures
        self._closed = False

    async def write(
        self,
        fn: Callable[[Connection, *Ts], T],
        *args: *Ts,
        priority: WorkPriority = WorkPriority.PERSON,
        begin_within: float | None = None,
        repeatable: bool = False,
    ) -> T:
        """Run `fn(connection, *args)` in a transaction and return what it returns, once that is committed.

        - Not begun within `begin_within` seconds (by default the database's): withdrawn, `DatabaseBusyError`;
          nothing was done.
        - Begun: awaited to its end, however long. A caller that is cancelled meanwhile gets its
          `CancelledError` only then, and a log line tells what became of the transaction. So a time-out
          around this call does not cut it short, and does not say that nothing was done.
        - `fn` runs in another thread and, where an attempt certainly came to nothing (a deadlock, a session
          that was cut off or became read-only), runs again: it may touch nothing but the connection.
        - The answer to COMMIT is lost: `CommitUnknownError`; read before you act. Where running `fn` twice
          does no more than once (its rows have keys that others gave them, such as Slack's trigger id), say
          `repeatable`: then it is run again on a new connection, which finds what is there or does it.

        Raises what `fn` raises (rolled back) and the errors of `bot.store.errors`.
        """
        return await self._run(self._writing, _Terms(priority, begin_within, repeatable), fn, args)

    async def write_alone(
        self,
        fn: Callable[[Connection, *Ts], T],
        *args: *Ts,
        priority: WorkPriority = WorkPriority.PERSON,
        begin_within: float | None = None,
    ) -> T:
        """Like `write`, but on PostgreSQL each statement of `fn` is a transaction of its own, beside all
        others: no row stays locked between two statements, however slow this process is. A statement may be
        carried out twice.
        """
        return await self._run(self._alone, _Terms(priority, begin_within, repeatable=True), fn, args)

    async def read(
        self,
        fn: Callable[[Connection, *Ts], T],
        *args: *Ts,
        priority: WorkPriority = WorkPriority.PERSON,
        begin_within: float | None = None,
    ) -> T:
        """Like `write`, but nothing can be changed, and all of `fn`'s queries see the same moment."""
        try:
            return await self._run(self._reading, _Terms(priority, begin_within, repeatable=True), fn, args)
        except CommitUnknownError as error:
            msg = f"the database went away: {error}"
            raise DatabaseUnavailableError(msg) from None

    async def close(self) -> None:
        """Finish what was asked for, then close every connection. Calling it again does nothing."""
        if not self._closed:
            self._closed = True
            await asyncio.to_thread(self._close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _close(self) -> None:
        sides = {id(side): side for side in (self._reading, self._alone, self._writing)}.values()
        for side in sides:
            side.lane.close()
        for side in sides:
            side.engine.dispose()
        if self._guard:
            self._guard.release()

    async def _run(
        self, side: _Side, terms: _Terms, fn: Callable[[Connection, *Ts], T], args: tuple[*Ts]
    ) -> T:
        if self._closed:
            raise DatabaseUnavailableError("the database is closed")
        ticket = Ticket[T]()

        def work() -> T:
            if self._guard:
                self._guard.check()
            return transact(side.engine, ticket.begin, fn, args, repeatable=terms.repeatable)

        side.lane.put(terms.priority, partial(contextvars.copy_context().run, ticket.fulfil, work))
        within = self._begin_within if terms.begin_within is None else terms.begin_within
        with self._figures.transaction(side.access):
            return await outcome(ticket, within, getattr(fn, "__qualname__", repr(fn)))
