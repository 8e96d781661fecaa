"""The bucket of the request budget: in this process's memory, or counted for all processes in one place."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from bot.clock import Clock
from bot.runtime.metering import Flow, Meter, NotCountedError, Rank
from bot.runtime.tasks import until_first

WINDOW: Final = 60.0
OPENED_WITHIN: Final = 5.0
"""A request leaves within so many seconds of its token, or not at all; a change is claimed after that."""
CLAIMED_WITHIN: Final = 2.0
TRAVEL: Final = OPENED_WITHIN + CLAIMED_WITHIN
"""So much later than its token a request may leave: counted in."""
PORTION_SECONDS: Final = 1.0
"""So long tokens that all processes share may be handed on within one: counted in as well."""
ASK_AGAIN: Final = 0.1
"""Seconds until whoever got nothing of a shared count asks for it again, at the soonest."""
LONGEST_NAP: Final = 0.5
"""And at the latest: whoever waits is waited for by other processes only for a moment."""
BEHIND: Final = 1.0
"""Whoever is not first is told when they are, and looks again this often whether their patience is over."""
UNREACHED_SECONDS: Final = 1.0
"""So long nobody asks again for a count that could not be reached."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a budget comes to. The burst and what flows in stay within it in any 60 s."""

    burst: int
    kept: int
    """Of the burst, for what people wait for."""
    a_second: float

    @classmethod
    def of(cls, per_minute: int, delay: float) -> "Allowance":
        """`delay`: how many seconds after a token was given out its request may leave."""
        if per_minute < 2:
            msg = "a budget allows at least 2 requests a minute"
            raise ValueError(msg)
        burst = max(1, per_minute // 8)
        return cls(burst, burst // 4, (per_minute - burst) / (WINDOW + delay))


class Bucket(Protocol):
    """Where tokens come from. The queue for them is the budget's."""

    allowance: Allowance

    @property
    def available(self) -> float:
        """Tokens that there are now, as far as is known."""
        ...

    @property
    def held_off(self) -> float:
        """Seconds until anything may leave, by what PlanetScale asked for."""
        ...

    async def hold_off(self, seconds: float) -> None:
        """Nothing leaves for `seconds`, or longer where that was asked for."""
        ...

    async def take(self, rank: Rank, kept: int, wanted: int) -> bool:
        """Take a token for the first of `wanted` that wait. Raises `NotCountedError`."""
        ...

    async def wait(self, seconds: float, moved: asyncio.Event, *, behind: bool) -> None:
        """Wait for tokens; those `behind` others also until they have `moved` to the front."""
        ...


class OwnBucket:
    """For a process that is alone. It starts empty, for another may just have ended."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self.allowance = Allowance.of(per_minute, TRAVEL)
        self._clock = clock
        self._tokens = 0.0
        self._counted_at = clock.monotonic()
        self._closed_until = self._counted_at

    @property
    def available(self) -> float:
        """Tokens in the bucket now."""
        now = self._clock.monotonic()
        more = (now - self._counted_at) * self.allowance.a_second
        self._tokens = min(self.allowance.burst, self._tokens + more)
        self._counted_at = now
        return self._tokens

    @property
    def held_off(self) -> float:
        """Seconds until anything may leave."""
        return max(0.0, self._closed_until - self._clock.monotonic())

    async def hold_off(self, seconds: float) -> None:
        """Nothing leaves for `seconds`."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    async def take(self, rank: Rank, kept: int, wanted: int) -> bool:  # noqa: ARG002 - a bucket's shape
        """Take one token, unless fewer than `kept` would stay. It never waits."""
        if self.held_off > 0 or self.available < 1 + kept:
            return False
        self._tokens -= 1
        return True

    async def wait(self, seconds: float, moved: asyncio.Event, *, behind: bool) -> None:  # noqa: ARG002 - a bucket's shape
        """Let time pass: when there are tokens is known exactly."""
        await self._clock.sleep(seconds)


@dataclass(slots=True)
class _InHand:
    """Tokens that were given out to this process, for those that waited here."""

    count: int
    until: float


class SharedBucket:
    """For one of several processes. What is in the bucket is known only when it is asked for.

    Whoever is first in the queue asks for all that wait behind it as well, so a crowd costs few round trips.
    """

    def __init__(self, per_minute: int, clock: Clock, meter: Meter) -> None:
        self.allowance = Allowance.of(per_minute, TRAVEL + PORTION_SECONDS)
        self._flow = Flow(self.allowance.burst, self.allowance.a_second)
        self._clock = clock
        self._meter = meter
        now = clock.monotonic()
        self._left, self._counted_at, self._closed_until = float(self.allowance.burst), now, now
        self._unreached_until = now
        self._ask_at = dict.fromkeys(Rank, now)
        self._in_hand = {rank: _InHand(0, now) for rank in Rank}

    @property
    def available(self) -> float:
        """What there would be if no other process had taken any since it was asked for; before that, all."""
        passed = self._clock.monotonic() - self._counted_at
        return min(self.allowance.burst, self._left + passed * self.allowance.a_second)

    @property
    def held_off(self) -> float:
        """Seconds until anything may leave, as far as this process knows."""
        return max(0.0, self._closed_until - self._clock.monotonic())

    async def hold_off(self, seconds: float) -> None:
        """Nothing leaves for `seconds`: here from now on, elsewhere once it is told."""
        self._close_for(seconds)
        with suppress(NotCountedError):  # then the others get nothing either
            await self._meter.close(seconds)

    async def take(self, rank: Rank, kept: int, wanted: int) -> bool:
        """Take one token, in hand or given out now. Raises `NotCountedError`."""
        now = self._clock.monotonic()
        if self.held_off > 0:
            return False
        if self._hand_on(rank, now):
            return True
        if self._unreached_until > now:
            raise NotCountedError("it could not be reached a moment ago")
        if self._ask_at[rank] > now:
            return False
        return await self._ask(rank, kept, wanted)

    async def wait(self, seconds: float, moved: asyncio.Event, *, behind: bool) -> None:
        """Until there is a turn to ask, or it is time to ask again."""
        nap = BEHIND if behind else min(max(seconds, ASK_AGAIN), LONGEST_NAP)
        moved.clear()
        await until_first(self._clock.sleep(nap), moved.wait())

    async def _ask(self, rank: Rank, kept: int, wanted: int) -> bool:
        asked_at = self._clock.monotonic()
        try:
            portion = await self._meter.take(self._flow, wanted=wanted, kept=kept, rank=rank)
        except NotCountedError:
            self._unreached_until = self._clock.monotonic() + UNREACHED_SECONDS
            raise
        now = self._clock.monotonic()
        self._left, self._counted_at = portion.left, now
        self._close_for(portion.closed_for)
        self._ask_at[rank] = now if portion.granted else now + ASK_AGAIN
        if portion.granted == 0 or now - asked_at > PORTION_SECONDS:
            return False  # what came too late counts as used
        self._in_hand[rank] = _InHand(portion.granted - 1, asked_at + PORTION_SECONDS)
        return True

    def _hand_on(self, rank: Rank, now: float) -> bool:
        """What was given out for a rank is for that, and for those that go ahead of it."""
        for other in Rank:
            held = self._in_hand[other]
            if other >= rank and held.count and held.until >= now:
                held.count -= 1
                return True
        return False

    def _close_for(self, seconds: float) -> None:
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)
