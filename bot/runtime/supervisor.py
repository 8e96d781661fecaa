"""Keeps the long parts of the process running: one that dies is logged, counted, and started again."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

from bot.clock import Clock
from bot.runtime.figures import Figures
from bot.runtime.tasks import Grace, Tasks, until_stopped

log = structlog.stdlib.get_logger(__name__)

Run = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""A part: it runs until the event is set, and ends soon afterwards."""

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
"""Seconds from a part's death to its next start: the first, and after it died again and again. One that has
run for longer than that begins anew.
"""


class Supervisor:
    """Make it in a running loop."""

    def __init__(self, clock: Clock, figures: Figures) -> None:
        self._clock = clock
        self._figures = figures
        self._tasks = Tasks()
        self._down: set[str] = set()
        self.stopping = asyncio.Event()
        """The parts are to end."""

    @property
    def all_run(self) -> bool:
        """Whether no part is down at this moment."""
        return not self._down

    def start(self, part: str, run: Run) -> None:
        """Run a part until `stop`, whatever becomes of it meanwhile."""
        self._figures.started(part)
        self._tasks.spawn(self._keep(part, run), part)

    async def stop(self, grace: Grace) -> None:
        """Tell all parts to end, and give them their time."""
        self.stopping.set()
        await self._tasks.drain(grace)

    async def _keep(self, part: str, run: Run) -> None:
        pause = FIRST_PAUSE
        while not self.stopping.is_set():
            began = self._clock.monotonic()
            error = await self._end_of(run)
            if self.stopping.is_set():
                if error:
                    log.error("part_died", part=part, exc_info=error)
                return
            if self._clock.monotonic() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            log.error("part_died", part=part, again_in=pause, exc_info=error)
            self._figures.restarted(part)
            self._down.add(part)
            await until_stopped(self._clock.sleep(pause), self.stopping)
            self._down.discard(part)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _end_of(self, run: Run) -> BaseException | None:
        """How a part ended; `None`: it returned. Raises only where the supervisor itself is cancelled."""
        running = asyncio.ensure_future(run(self.stopping))
        try:
            await asyncio.wait({running})
        except asyncio.CancelledError:
            running.cancel()
            await asyncio.wait({running})
            raise
        return asyncio.CancelledError() if running.cancelled() else running.exception()
