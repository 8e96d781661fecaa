"""How much may go to PlanetScale, and who goes first.

The API allows 600 requests a minute and organization, which people's own terminals share. The bucket starts
empty, and its burst plus what flows in stays within the budget in any 60 s.
"""

from collections import deque
from enum import Enum, auto

from bot.clock import Clock

WINDOW = 60.0
TRAVEL = 7.0
"""A request may leave this many seconds after its token was taken (connecting takes time, and a change is
claimed after that): counted in."""
SHORTEST_SLEEP = 0.001
"""So that a rounding error of a clock is never waited for in vain."""
LONGEST_SLEEP = 1.0
"""A waiter looks again at least this often: those ahead may have gone away."""


class RequestPriority(Enum):
    """Who waits for the answer, the first first."""

    CHANGE = auto()
    """Everybody who had to agree has agreed, and what was looked at grows old."""
    PERSON = auto()
    BACKGROUND = auto()


class BudgetSpentError(Exception):
    """No token can be had in the time allowed. `seconds`: the soonest that one could be."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no request may leave for {seconds:.1f} s")
        self.seconds = seconds


class Budget:
    """At most `per_minute` (2 or more) requests in any 60 s, closed at both ends.

    Changes go ahead of people's reads, and people ahead of background work: they always find a share of the
    bucket kept for them. Within each class, first come, first served. A waiter that is cancelled takes
    nothing with it.
    """

    def __init__(self, per_minute: int, clock: Clock) -> None:
        if per_minute < 2:
            msg = "a budget allows at least 2 requests a minute"
            raise ValueError(msg)
        self._clock = clock
        self._burst = max(1, per_minute // 8)
        self._kept = self._burst // 4
        self._rate = (per_minute - self._burst) / (WINDOW + TRAVEL)
        self._tokens = 0.0
        self._counted_at = clock.monotonic()
        self._closed_until = self._counted_at
        self._waiters: dict[RequestPriority, deque[object]] = {
            priority: deque() for priority in RequestPriority
        }

    @property
    def available(self) -> float:
        """Tokens in the bucket now."""
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._counted_at) * self._rate)
        self._counted_at = now
        return self._tokens

    @property
    def held_off(self) -> float:
        """Seconds until anything may leave, by what PlanetScale asked for; zero if it asked for nothing."""
        return max(0.0, self._closed_until - self._clock.monotonic())

    @property
    def spare(self) -> int:
        """How many background requests could leave now, beside those that wait already."""
        if self.held_off > 0 or self._before(RequestPriority.BACKGROUND):
            return 0
        free = int(self.available) - self._kept - len(self._waiters[RequestPriority.BACKGROUND])
        return max(0, free)

    def waiting(self, priority: RequestPriority) -> int:
        """How many of that class wait for a token."""
        return len(self._waiters[priority])

    def hold_off(self, seconds: float) -> None:
        """After a 429: nothing leaves for `seconds`, for people neither."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    async def acquire(self, priority: RequestPriority, *, within: float | None = None) -> None:
        """Wait for the right to send one request.

        Raises `BudgetSpentError` as soon as it is clear that it cannot be had `within` so many seconds: at
        once, if as many wait before it as can be let through by then. So the queue is no longer than that.
        """
        queue = self._waiters[priority]
        deadline = None if within is None else self._clock.monotonic() + within
        ticket = object()
        self._refuse_hopeless(priority, within)
        queue.append(ticket)
        try:
            while not self._take(priority, ticket):
                soonest = self._soonest(priority, ahead=0)
                if deadline is not None and self._clock.monotonic() + soonest >= deadline:
                    raise BudgetSpentError(soonest)
                nap = self._soonest(priority, ahead=queue.index(ticket))
                await self._clock.sleep(min(max(nap, SHORTEST_SLEEP), LONGEST_SLEEP))
        finally:
            queue.remove(ticket)

    def _take(self, priority: RequestPriority, ticket: object) -> bool:
        if self._waiters[priority][0] is not ticket or self.held_off > 0:
            return False
        if self._before(priority):
            return False
        if self.available < self._needed(priority):
            return False
        self._tokens -= 1
        return True

    def _refuse_hopeless(self, priority: RequestPriority, within: float | None) -> None:
        soonest = self._soonest(priority, ahead=self._before(priority) + self.waiting(priority))
        if within is not None and soonest >= within:
            raise BudgetSpentError(soonest)

    def _before(self, priority: RequestPriority) -> int:
        """How many wait in the classes that go first."""
        return sum(len(queue) for other, queue in self._waiters.items() if other.value < priority.value)

    def _needed(self, priority: RequestPriority) -> int:
        return 1 + self._kept if priority is RequestPriority.BACKGROUND else 1

    def _soonest(self, priority: RequestPriority, *, ahead: int) -> float:
        missing = self._needed(priority) + ahead - self.available
        return max(self.held_off, missing / self._rate, 0.0)
