"""How much may go to PlanetScale, and who goes first.

The API allows 600 requests a minute and organization, which people's own terminals share. The bucket starts
empty, and its burst plus what flows in stays within the budget in any 60 s.
"""

import asyncio
from collections import deque
from enum import Enum, auto

from bot.clock import Clock
from bot.planetscale.buckets import Bucket, OwnBucket, SharedBucket
from bot.runtime.metering import Meter, Rank

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


_RANKS = dict(zip(RequestPriority, Rank, strict=True))


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

    With a `meter` that holds for all processes that share it: the classes go ahead of each other across them,
    and each has its own queue.
    """

    def __init__(self, per_minute: int, clock: Clock, meter: Meter | None = None) -> None:
        self._clock = clock
        self._bucket: Bucket = (
            SharedBucket(per_minute, clock, meter) if meter else OwnBucket(per_minute, clock)
        )
        self._allowance = self._bucket.allowance
        self._waiters: dict[RequestPriority, deque[asyncio.Event]] = {
            priority: deque() for priority in RequestPriority
        }

    @property
    def available(self) -> float:
        """Tokens in the bucket now, as far as this process knows."""
        return self._bucket.available

    @property
    def held_off(self) -> float:
        """Seconds until anything may leave, by what PlanetScale asked for; zero if it asked for nothing."""
        return self._bucket.held_off

    @property
    def spare(self) -> int:
        """How many background requests could leave now, beside those that wait already."""
        if self.held_off > 0 or self._before(RequestPriority.BACKGROUND):
            return 0
        free = int(self.available) - self._allowance.kept - len(self._waiters[RequestPriority.BACKGROUND])
        return max(0, free)

    def waiting(self, priority: RequestPriority) -> int:
        """How many of that class wait for a token."""
        return len(self._waiters[priority])

    async def hold_off(self, seconds: float) -> None:
        """After a 429: nothing leaves for `seconds`, for people neither."""
        await self._bucket.hold_off(seconds)

    async def acquire(self, priority: RequestPriority, *, within: float | None = None) -> None:
        """Wait for the right to send one request.

        Raises `BudgetSpentError` as soon as it is clear that it cannot be had `within` so many seconds: at
        once, if as many wait before it as can be let through by then. So the queue is no longer than that.
        Raises `NotCountedError` where the count that all processes share cannot be reached.
        """
        queue = self._waiters[priority]
        deadline = None if within is None else self._clock.monotonic() + within
        ticket = asyncio.Event()
        self._refuse_hopeless(priority, within)
        queue.append(ticket)
        try:
            while not await self._take(priority, ticket):
                soonest = self._soonest(priority, ahead=0)
                if deadline is not None and self._clock.monotonic() + soonest >= deadline:
                    raise BudgetSpentError(soonest)
                nap = self._soonest(priority, ahead=queue.index(ticket))
                nap = min(max(nap, SHORTEST_SLEEP), LONGEST_SLEEP)
                await self._bucket.wait(nap, ticket, behind=not self._is_first(priority, ticket))
        finally:
            queue.remove(ticket)
            self._move_up()

    async def _take(self, priority: RequestPriority, ticket: asyncio.Event) -> bool:
        if not self._is_first(priority, ticket):
            return False
        return await self._bucket.take(_RANKS[priority], self._kept(priority), self.waiting(priority))

    def _is_first(self, priority: RequestPriority, ticket: asyncio.Event) -> bool:
        return self._waiters[priority][0] is ticket and not self._before(priority)

    def _move_up(self) -> None:
        """Tell whoever is first now."""
        first = next((queue[0] for queue in self._waiters.values() if queue), None)
        if first:
            first.set()

    def _refuse_hopeless(self, priority: RequestPriority, within: float | None) -> None:
        soonest = self._soonest(priority, ahead=self._before(priority) + self.waiting(priority))
        if within is not None and soonest >= within:
            raise BudgetSpentError(soonest)

    def _before(self, priority: RequestPriority) -> int:
        """How many wait in the classes that go first."""
        return sum(len(queue) for other, queue in self._waiters.items() if other.value < priority.value)

    def _kept(self, priority: RequestPriority) -> int:
        return self._allowance.kept if priority is RequestPriority.BACKGROUND else 0

    def _soonest(self, priority: RequestPriority, *, ahead: int) -> float:
        missing = 1 + self._kept(priority) + ahead - self.available
        return max(self.held_off, missing / self._allowance.a_second, 0.0)
