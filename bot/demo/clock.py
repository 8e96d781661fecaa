"""Two clocks for trying things out: one that can be sped up, one that moves only when told."""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class DemoClock:
    """Real seconds, but the calendar can run faster or jump ahead. It never goes back."""

    def __init__(self, start: datetime | None = None, speed: float = 1.0) -> None:
        self._moment = start or datetime.now(UTC)
        self._since = time.monotonic()
        self._speed = speed

    @property
    def speed(self) -> float:
        """Simulated seconds in a real second."""
        return self._speed

    def now(self) -> datetime:
        return self._moment + timedelta(seconds=(time.monotonic() - self._since) * self._speed)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds))

    def set_speed(self, speed: float) -> None:
        """From now on, `speed` simulated seconds pass in a real one. Zero stops the calendar."""
        if speed < 0:
            msg = "time does not run backwards"
            raise ValueError(msg)
        self._moment, self._since, self._speed = self.now(), time.monotonic(), speed

    def advance(self, seconds: float) -> None:
        """Jump ahead by `seconds` of simulated time."""
        if seconds < 0:
            msg = "time does not run backwards"
            raise ValueError(msg)
        self._moment += timedelta(seconds=seconds)


class ManualClock:
    """Time stands still until somebody sleeps or says `advance`: a sleeper moves the clock and goes on."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)) -> None:
        self._start = start
        self._passed = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(max(0.0, seconds))
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self._passed += seconds

    def set_back(self, seconds: float) -> None:
        """Put the calendar back; seconds go on as before."""
        self._start -= timedelta(seconds=seconds)
