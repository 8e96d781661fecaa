"""How fast messages may go to Slack: https://docs.slack.dev/apis/web-api/rate-limits."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock

POST, UPDATE = "chat.postMessage", "chat.update"
_MINUTE = 60.0
_LONGEST_BACK_OFF = 60.0


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


class Pacing:
    """When the next message may leave. In memory: each process paces itself, `Retry-After` does the rest."""

    def __init__(self, clock: Clock, rates: Rates) -> None:
        self._clock = clock
        self._rates = rates
        self._posts: dict[str, float] = {}
        self._updates: deque[float] = deque()
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
        return max(0.0, free - now, self._closed_for(UPDATE))

    def count_post(self, channel: str) -> None:
        """A post leaves for `channel` now."""
        now = self._clock.monotonic()
        self._posts = {name: free for name, free in self._posts.items() if free > now}
        self._posts[channel] = now + self._rates.seconds_between_posts

    def count_update(self) -> None:
        """An update leaves now."""
        self._updates.append(self._clock.monotonic())

    def hold(self, method: str, seconds: float) -> None:
        """Slack asked for `seconds` without calls of `method`."""
        self._closed[method] = max(self._closed.get(method, 0.0), self._clock.monotonic() + seconds)

    def went_well(self) -> None:
        """Slack answered."""
        self._failures = 0

    def went_wrong(self) -> None:
        """Slack could not be reached or did not work: nothing leaves for a while, longer each time."""
        self._failures += 1
        self.hold("*", self.back_off(self._failures))

    def back_off(self, failures: int, longest: float = _LONGEST_BACK_OFF) -> float:
        """Seconds to wait after so many failures in a row: 1, 2, 4, … `longest`, or as little as half."""
        longest = min(longest, 2.0 ** min(failures - 1, 10))
        return longest * (0.5 + self._rates.jitter() / 2)

    def _closed_for(self, method: str) -> float:
        now = self._clock.monotonic()
        return max(self._closed.get(method, now), self._closed.get("*", now)) - now
