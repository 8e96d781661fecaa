"""`/readyz`: whether the bot works, answered as often as anybody asks and found out once a second."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from bot.clock import Clock

Ask = Callable[[], Awaitable[bool]]

log = structlog.stdlib.get_logger(__name__)

FRESH_FOR: Final = 1.0
"""Seconds: whoever asks gets what was found out no longer ago."""
ANSWERS_WITHIN: Final = 5.0
"""Seconds after which what has not said that it works counts as not working."""


class Readiness:
    """Finds out what works: never twice at the same time, and never again within a second."""

    def __init__(
        self,
        clock: Clock,
        known: Mapping[str, Callable[[], bool]],
        asked: Mapping[str, Ask],
    ) -> None:
        """`known`: what the process knows by itself, looked up at every answer. `asked`: what others say."""
        self._clock = clock
        self._known = known
        self._asked = asked
        self._answers: Mapping[str, bool] = {}
        self._asked_at: float | None = None
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self) -> Mapping[str, bool]:
        """What works, by name."""
        if self._asking is None or self._asking.done():
            now = self._clock.monotonic()
            if self._asked_at is None or now - self._asked_at >= FRESH_FOR:
                self._asked_at = now
                self._asking = asyncio.create_task(self._ask(), name="readiness")
        answered = True
        if self._asking is not None and not self._asking.done():
            done, _ = await asyncio.wait((self._asking,), timeout=ANSWERS_WITHIN)
            answered = bool(done)
        asked = {name: answered and self._answers.get(name, False) for name in self._asked}
        return asked | {name: works() for name, works in self._known.items()}

    async def _ask(self) -> None:
        """Nothing is cut short here: a transaction that has begun is awaited to its end anyway."""
        self._answers = {name: await self._one(name, ask) for name, ask in self._asked.items()}

    async def _one(self, name: str, ask: Ask) -> bool:
        try:
            return await ask()
        except Exception:
            log.exception("readiness_not_known", part=name)  # the process's edge: it is told as not working
            return False
