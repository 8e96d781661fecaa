"""Work handed to another thread, which either is withdrawn before it begins or is awaited to its end."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

import structlog

from bot.store.errors import DatabaseBusyError

log = structlog.stdlib.get_logger(__name__)

T = TypeVar("T")


class Ticket(Generic[T]):
    """A piece of work in the queue. Until it begins it can be withdrawn; either happens, never both."""

    def __init__(self) -> None:
        self.future: Future[T] = Future()
        self._begun: bool | None = None

    def begin(self) -> bool:
        """For the thread that does the work: from here on it cannot be withdrawn. False: it was already."""
        if self._begun is None:
            self._begun = self.future.set_running_or_notify_cancel()
        return self._begun

    def withdraw(self) -> bool:
        """For the one who asked. True: it has not begun and never will."""
        return self.future.cancel()

    def fulfil(self, work: Callable[[], T]) -> None:
        """Do `work`, which calls `begin` itself, and hand its result or its error to whoever waits."""
        if self.future.cancelled():
            return
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - the thread's edge: it is raised where the result is awaited
            if self.begin():
                self.future.set_exception(error)
        else:
            if self.begin():
                self.future.set_result(result)


async def outcome(ticket: Ticket[T], begin_within: float, name: str) -> T:
    """Wait for `ticket` and never leave it half-way: either it was withdrawn, or its end is known."""
    ended = asyncio.wrap_future(ticket.future)
    timeout: float | None = begin_within
    cancelled = False
    while not ended.done():
        try:
            await asyncio.wait((ended,), timeout=timeout)
        except asyncio.CancelledError:
            if ticket.withdraw():
                raise
            cancelled = True
        else:
            if not ended.done() and ticket.withdraw():
                msg = f"the database was busy for {begin_within:g} s; nothing was done"
                raise DatabaseBusyError(msg)
        timeout = None
    if cancelled:
        log.warning("transaction_outlived_its_caller", transaction=name, committed=ended.exception() is None)
        raise asyncio.CancelledError
    return ended.result()
