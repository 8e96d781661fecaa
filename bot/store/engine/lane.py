"""Threads that do database work, the most urgent first."""

import itertools
import queue
import threading
from collections.abc import Callable
from enum import IntEnum


class WorkPriority(IntEnum):
    """Who waits for it. The lower goes first."""

    PERSON = 0
    TICK = 1


_LAST = max(WorkPriority) + 1


class Lane:
    """`threads` threads that take work from one queue: by priority, then first come first served."""

    def __init__(self, name: str, threads: int) -> None:
        self._queue: queue.PriorityQueue[tuple[int, int, Callable[[], None] | None]] = queue.PriorityQueue()
        self._order = itertools.count()
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, priority: WorkPriority, work: Callable[[], None]) -> None:
        """Queue `work`, which must not raise."""
        self._queue.put((priority, next(self._order), work))

    def close(self) -> None:
        """Do what is queued, then end the threads. Blocks; nothing may be put any more."""
        for _ in self._threads:
            self._queue.put((_LAST, next(self._order), None))
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (work := self._queue.get()[2]) is not None:
            work()
