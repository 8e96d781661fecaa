"""How fast messages may go to Slack: https://docs.slack.dev/apis/web-api/rate-limits."""

import random
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bot.clock import Clock
from bot.runtime.metering import Flow, Meter, Meters, NotCountedError, Portion

POST, UPDATE = "chat.postMessage", "chat.update"
_MINUTE = 60.0
_LONGEST_BACK_OFF = 60.0
_AT_ONCE = 3
"""Where processes share them, a third of a minute's updates may be made at once; the rest come evenly."""
_ASK_AGAIN = 0.05
"""Seconds until what a shared count did not allow is asked for again, at the soonest."""
_UNREACHED_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Rates:
    """How fast one courier goes. Slack allows about a post a second per channel, and 50 updates a minute."""

    seconds_between_posts: float = 1.0
    """In one channel."""
    updates_a_minute: int = 45
    """In any 60 s. Each lower priority leaves a ninth of them to what is more urgent."""
    posters: int = 4
    """How many calls may be under way at the same time."""
    jitter: Callable[[], float] = random.random
    """Gives numbers from 0 to 1."""

    def updates_for(self, priority: int) -> int:
        """How many updates in a minute may have been made before one of this priority is."""
        return max(1, self.updates_a_minute * (9 - priority) // 9)

    def kept_from(self, priority: int) -> float:
        """The share of the updates that one of this priority leaves to what is more urgent."""
        return 1 - self.updates_for(priority) / self.updates_a_minute


class Pacing:
    """When the next message may leave, by what this process knows: `post_in` and `update_in` say how long to
    wait. With `meters`, whether it really may is asked of the count that all processes share.
    """

    def __init__(
        self, clock: Clock, rates: Rates, meters: Meters | None = None, updates: str = UPDATE
    ) -> None:
        """`updates`: the method that Slack counts as updates."""
        self._clock = clock
        self._rates = rates
        self._shared = _SharedRates(rates, meters, updates) if meters else None
        self._posts: dict[str, float] = {}
        self._updates: deque[float] = deque()
        self._updates_from: dict[int, float] = {}
        self._closed: dict[str, float] = {}
        self._failures = 0

    def post_in(self, channel: str) -> float:
        """Seconds until a post may go to `channel`."""
        now = self._clock.monotonic()
        free = self._posts.get(channel, now)
        return max(0.0, free - now, self._closed_for(POST))

    def update_in(self, priority: int) -> float:
        """Seconds until an update of this priority may leave."""
        now = self._clock.monotonic()
        while self._updates and self._updates[0] + _MINUTE <= now:
            self._updates.popleft()
        over = len(self._updates) - self._rates.updates_for(priority)
        free = self._updates[over] + _MINUTE if over >= 0 else now
        free = max(free, self._updates_from.get(priority, now))
        return max(0.0, free - now, self._closed_for(UPDATE))

    async def may_post(self, channel: str) -> bool:
        """Whether a post may leave for `channel` now. Then it counts, whatever becomes of it."""
        if self.post_in(channel) > 0:
            return False
        wait = await self._shared.post_in(channel) if self._shared else 0.0
        now = self._clock.monotonic()
        self._posts = {name: free for name, free in self._posts.items() if free > now}
        self._posts[channel] = now + (wait or self._rates.seconds_between_posts)
        return wait == 0

    async def may_update(self, priority: int) -> bool:
        """Whether an update of this priority may leave now. Then it counts, whatever becomes of it."""
        if self.update_in(priority) > 0:
            return False
        wait = await self._shared.update_in(priority) if self._shared else 0.0
        now = self._clock.monotonic()
        if wait:
            self._updates_from[priority] = now + wait
        else:
            self._updates.append(now)
        return wait == 0

    async def hold(self, method: str, seconds: float) -> None:
        """Slack asked for `seconds` without calls of `method`: that is for all processes."""
        self._close(method, seconds)
        if self._shared:
            await self._shared.hold(method, seconds)

    def went_well(self) -> None:
        """Slack answered."""
        self._failures = 0

    def went_wrong(self) -> None:
        """Slack could not be reached or did not work: nothing leaves for a while, longer each time."""
        self._failures += 1
        self._close("*", self.back_off(self._failures))

    def back_off(self, failures: int, longest: float = _LONGEST_BACK_OFF) -> float:
        """Seconds to wait after so many failures in a row: 1, 2, 4, … `longest`, or as little as half."""
        longest = min(longest, 2.0 ** min(failures - 1, 10))
        return longest * (0.5 + self._rates.jitter() / 2)

    def _close(self, method: str, seconds: float) -> None:
        self._closed[method] = max(self._closed.get(method, 0.0), self._clock.monotonic() + seconds)

    def _closed_for(self, method: str) -> float:
        now = self._clock.monotonic()
        return max(self._closed.get(method, now), self._closed.get("*", now)) - now


class _SharedRates:
    """What all processes together may send, each count with the seconds until it allows one more."""

    def __init__(self, rates: Rates, meters: Meters, updates: str) -> None:
        self._rates = rates
        self._meters = meters
        most = max(1, rates.updates_a_minute // _AT_ONCE)
        self._update_flow = Flow(most, (rates.updates_a_minute - most) / _MINUTE, at_first=most)
        self._names = {UPDATE: f"slack:{updates}", POST: f"slack:{POST}"}

    async def post_in(self, channel: str) -> float:
        """Seconds until a post may go to `channel`; zero: it may, and is counted."""
        pause = self._rates.seconds_between_posts
        if pause <= 0:
            return 0.0
        meter = self._meters.named(f"{self._names[POST]}:{channel}", closed_with=self._names[POST])
        return await _taken(meter, Flow(1.0, 1 / pause, at_first=1.0), kept=0.0)

    async def update_in(self, priority: int) -> float:
        """Seconds until an update of this priority may leave; zero: it may, and is counted."""
        kept = self._update_flow.most * self._rates.kept_from(priority)
        meter = self._meters.named(self._names[UPDATE])
        return await _taken(meter, self._update_flow, kept=min(kept, self._update_flow.most - 1))

    async def hold(self, method: str, seconds: float) -> None:
        """Nobody calls `method` for `seconds`. Where that cannot be told, the others are told by Slack."""
        if method in self._names:
            with suppress(NotCountedError):
                await self._meters.named(self._names[method]).close(seconds)


async def _taken(meter: Meter, flow: Flow, *, kept: float) -> float:
    try:
        portion = await meter.take(flow, kept=kept)
    except NotCountedError:
        return _UNREACHED_SECONDS
    return 0.0 if portion.granted else max(_ASK_AGAIN, _wait(portion, flow, kept))


def _wait(portion: Portion, flow: Flow, kept: float) -> float:
    return max(portion.closed_for, (1 + kept - portion.left) / flow.a_second)
