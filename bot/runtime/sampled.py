"""What can happen a thousand times a second is logged at its first time, and then counted."""

from bot.clock import Clock

EVERY_SECONDS = 60.0


class Sampled:
    """Decides about the lines of one kind: the first is due at once, then one in `every` seconds at most."""

    def __init__(self, clock: Clock, every: float = EVERY_SECONDS) -> None:
        self._clock = clock
        self._every = every
        self._logged_at: float | None = None
        self._count = 0

    def due(self) -> int:
        """Call this for each event: how many a line is to tell of, this one included; 0 for no line."""
        self._count += 1
        now = self._clock.monotonic()
        if self._logged_at is not None and now - self._logged_at < self._every:
            return 0
        count, self._count, self._logged_at = self._count, 0, now
        return count
