"""Threads that do database work, the most urgent first."""

import itertools
import threading
from collections.abc import Callable
from enum import IntEnum
from heapq import heappop, heappush
from queue import SimpleQueue


class WorkPriority(IntEnum):
    """Who waits for it. The lower goes first."""

    PERSON = 0
    TICK = 1


_LAST = max(WorkPriority) + 1
_Place = tuple[int, int, Callable[[], None] | None]


class Lane:
    """`threads` threads that take work from one queue: by priority, then first come first served.

    A thread waits for a token, of which there is one for each piece of work: `queue.PriorityQueue` waits in
    Python, which takes several times as long.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._work: list[_Place] = []
        self._tokens = SimpleQueue[None]()
        self._lock = threading.Lock()
        self._order = itertools.count()
        self._threads = [
            threading.Thread(target=self._do, name=f"{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def put(self, priority: WorkPriority, work: Callable[[], None]) -> None:
        """Queue `work`, which must not raise."""
        self._put(priority, work)

    def close(self) -> None:
        """Do what is queued, then end the threads. Blocks; nothing may be put any more."""
        for _ in self._threads:
            self._put(_LAST, None)
        for thread in self._threads:
            thread.join()

    def _put(self, priority: int, work: Callable[[], None] | None) -> None:
        with self._lock:
            heappush(self._work, (priority, next(self._order), work))
        self._tokens.put(None)

    def _do(self) -> None:
        while (work := self._take()) is not None:
            work()

    def _take(self) -> Callable[[], None] | None:
        self._tokens.get()
        with self._lock:
            return heappop(self._work)[2]
