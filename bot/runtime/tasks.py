"""Work of this process that goes on after its caller was answered. What must not be lost is a row instead."""

import asyncio
from collections.abc import Awaitable, Collection, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

log = structlog.stdlib.get_logger(__name__)


async def until_first(*events: Awaitable[object]) -> None:
    """Return when the first of these happens; the others are not waited for any more."""
    waiting = [asyncio.ensure_future(event) for event in events]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiting:
            waiter.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def until_stopped(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    """Do `work` to its end, or until `stop` is set: then it is cancelled. Raises what it raises."""
    working = asyncio.ensure_future(work)
    try:
        await until_first(asyncio.shield(working), stop.wait())
    finally:
        if not working.done():
            working.cancel()
        await asyncio.wait({working})
    if not working.cancelled():
        working.result()


@dataclass(frozen=True, slots=True)
class Grace:
    """How long the parts of the process may take to end, in seconds.

    What is left then stands in rows, and the next process goes on with it.
    """

    work: float = 15.0
    """What is under way comes to its end by itself."""
    cancelled: float = 1.5
    """What was cancelled then lets go: a transaction that has begun, for one, is not cut short."""
    last: float = 24.0
    """All in all: the process ends then, whatever hangs. Platforms kill after 30 s."""


async def end(running: Collection[asyncio.Task[Any]], grace: Grace, what: str) -> None:
    """Let these tasks end: in order, then cancelled, then not waited for any more.

    What is added to `running` meanwhile has to end in the same time; whoever ends is removed by its owner.
    """
    for seconds in (grace.work, grace.cancelled):
        try:
            async with asyncio.timeout(seconds):
                while running:
                    await asyncio.wait(tuple(running))
        except TimeoutError:
            log.warning("not_ended", what=what, count=len(running))
        for task in tuple(running):
            task.cancel()


class Tasks:
    """Keeps hold of running tasks, so that none is dropped half-way and none fails unheard."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        """How many are running."""
        return len(self._running)

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Start `work`. An exception that escapes it is logged."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("task_failed", task=task.get_name(), exc_info=error)

    async def idle(self) -> None:
        """Return when nothing is running any more."""
        while self._running:
            await asyncio.wait(tuple(self._running))

    async def drain(self, grace: Grace) -> None:
        """Give what is running its time to end."""
        await end(self._running, grace, "tasks")


def give_up(task: "asyncio.Future[Any]") -> None:
    """Cancel a task that was begun for somebody who does not need it any more, however it ends."""
    task.cancel()
    task.add_done_callback(_unheard)


def _unheard(task: "asyncio.Future[Any]") -> None:
    if not task.cancelled():
        task.exception()  # asyncio would log one that nobody has looked at
