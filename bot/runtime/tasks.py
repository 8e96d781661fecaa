"""Work of this process that goes on after its caller was answered. What must not be lost is a row instead."""

import asyncio
from collections.abc import Awaitable, Coroutine
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

    async def drain(self, seconds: float) -> None:
        """Give what is running `seconds` to end by itself, then cancel it."""
        try:
            await asyncio.wait_for(self.idle(), seconds)
        except TimeoutError:
            left = tuple(self._running)
            log.warning("tasks_cancelled", count=len(left))
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
