"""Work handed to another thread, which either is withdrawn before it begins or is awaited to its end."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

import structlog

from bot.store.errors import DatabaseBusyError

log = structlog.stdlib.get_logger(__name__)

T = TypeVar("T")


class Ticket(Generic[T]):
    """A piece of work in the queue. Until it begins it can be withdrawn; either happens, never both.

    Make it in the loop that waits for it. There is one for each transaction: `concurrent.futures` and its way
    back into a loop would cost more than a small transaction does.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._begun: bool | None = None
        self.ended: asyncio.Future[T] = self._loop.create_future()
        """What came of it. What was withdrawn has no end."""

    @property
    def withdrawn(self) -> bool:
        return self._begun is False

    def begin(self) -> bool:
        """For the thread that does the work: from here on it cannot be withdrawn. False: it was already."""
        return self._settle(begun=True)

    def withdraw(self) -> bool:
        """For the one who asked. True: it has not begun and never will."""
        return not self._settle(begun=False)

    def _settle(self, *, begun: bool) -> bool:
        """Whether it begins, which whoever comes first decides."""
        with self._lock:
            if self._begun is None:
                self._begun = begun
            return self._begun

    def fulfil(self, work: Callable[[], T]) -> None:
        """Do `work`, which calls `begin` itself, and hand its result or its error to whoever waits."""
        if self.withdrawn:
            return
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - the thread's edge: it is raised where the result is awaited
            self._end(self.ended.set_exception, error)
        else:
            self._end(self.ended.set_result, result)

    def _end(self, tell: Callable[..., None], what: object) -> None:
        if self.begin():
            with suppress(RuntimeError):  # the loop was closed: nobody waits any more
                self._loop.call_soon_threadsafe(tell, what)


async def outcome(ticket: Ticket[T], begin_within: float, name: str) -> T:
    """Wait for `ticket` and never leave it half-way: either it was withdrawn, or its end is known."""
    too_late = asyncio.get_running_loop().call_later(begin_within, _give_up, ticket, begin_within)
    try:
        return await asyncio.shield(ticket.ended)
    except asyncio.CancelledError:
        if not ticket.withdraw():
            committed = await _end_of(ticket.ended) is None
            log.warning("transaction_outlived_its_caller", transaction=name, committed=committed)
        raise
    finally:
        too_late.cancel()


def _give_up(ticket: Ticket[T], begin_within: float) -> None:
    if ticket.withdraw() and not ticket.ended.done():
        msg = f"the database was busy for {begin_within:g} s; nothing was done"
        ticket.ended.set_exception(DatabaseBusyError(msg))


async def _end_of(ended: asyncio.Future[T]) -> BaseException | None:
    """The error that it ended with, if so, however often whoever waits is cancelled meanwhile."""
    while not ended.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait((ended,))
    return ended.exception()
