"""The only room that reads a clock. Everything else is handed a `Clock` or a moment in time."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the bot sees it."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC: for people and for stored moments."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back: for budgets and time-outs."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`; at once for zero or less."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))
