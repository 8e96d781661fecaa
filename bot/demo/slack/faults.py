"""What can be made to go wrong in the Web API, and its rate limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from bot.clock import Clock
from bot.demo.slack.arguments import Arguments
from bot.demo.slack.model import SlackError

How = Literal["error", "status", "hang", "lose", "garbage"]


@dataclass(slots=True, kw_only=True)
class Fault:
    """One way to fail, for so many calls."""

    method: str
    """A method's name, `response_url`, `upload`, or `*` for any."""
    how: How
    error: str = ""
    status: int = 500
    retry_after: int | None = None
    times: int | None = 1
    """`None`: until healed."""
    about: str | None = None
    """Only calls with this value (a user's id, a channel's …) among their arguments meet it."""
    block: str | None = None
    """Only messages that have a block of this type meet it: a workspace that does not know it."""


PER_MINUTE = {
    "users.list": 20,
    "usergroups.users.list": 20,
    "chat.delete": 50,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.open": 50,
    "conversations.replies": 50,
    "chat.postEphemeral": 100,
    "conversations.members": 100,
    "files.completeUploadExternal": 100,
    "files.getUploadURLExternal": 100,
    "users.info": 100,
    "views.open": 100,
    "views.publish": 100,
    "views.push": 100,
    "views.update": 100,
}
"""The tiers of the methods that have one. Source: docs.slack.dev, "Rate limits"."""


class Faults:
    """The faults that wait for a call."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(fault)

    def heal(self) -> None:
        """Forget them all."""
        self._waiting.clear()

    def take(self, method: str, arguments: Mapping[str, Any] = MappingProxyType({})) -> Fault | None:
        """The first fault that this call meets; it counts as used."""
        for fault in self._waiting:
            meant = fault.about is None or fault.about in arguments.values()
            meant = meant and (fault.block is None or _has(arguments, fault.block))
            if meant and fault.method in (method, "*"):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                return fault
        return None


def _has(arguments: Mapping[str, Any], kind: str) -> bool:
    """Whether a message has a block of that type."""
    try:
        return any(block.get("type") == kind for block in Arguments(arguments).objects("blocks"))
    except SlackError:
        return False  # refused for that anyway


@dataclass(slots=True)
class RateLimits:
    """Slack's limits, as token buckets: posts per channel, and every other method for the whole app.

    Off until `enabled`. The real ones are about one post a second and 50 updates a minute, with some burst.
    """

    clock: Clock
    enabled: bool = False
    posts_per_second: float = 1.0
    post_burst: int = 10
    updates_per_second: float = 50 / 60
    update_burst: int = 50
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait(self, method: str, channel: str) -> int | None:
        """Seconds to wait (for `Retry-After`), or `None` when the call may pass; then it counts."""
        if not self.enabled:
            return None
        if method == "chat.postMessage":
            return self._take(f"post {channel}", self.posts_per_second, self.post_burst)
        if method == "chat.update":
            return self._take(method, self.updates_per_second, self.update_burst)
        per_minute = PER_MINUTE.get(method)
        return self._take(method, per_minute / 60, per_minute) if per_minute else None

    def _take(self, key: str, rate: float, burst: int) -> int | None:
        now = self.clock.monotonic()
        left, since = self._buckets.get(key, (float(burst), now))
        left = min(float(burst), left + (now - since) * rate)
        if left < 1:
            self._buckets[key] = (left, now)
            return max(1, round((1 - left) / rate))
        self._buckets[key] = (left - 1, now)
        return None
