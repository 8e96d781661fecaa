"""What handlers share, of which a test uses only some."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from bot.demo.clock import ManualClock
from bot.slack.slack_services import SlackServices


class NoRows:
    """A database in which nothing stands but what a test says, by query."""

    def __init__(self, known: Mapping[Callable[..., Any], Any]) -> None:
        self._known = known

    async def read(self, query: Callable[..., Any], *_asked: Any) -> Any:
        return self._known.get(query)


def some_services(**given: Any) -> SlackServices:
    """Those that are given, and a clock; the rest is there in name only."""
    missing: dict[str, Any] = dict.fromkeys(one.name for one in fields(SlackServices))
    return SlackServices(**(missing | {"clock": ManualClock()} | given))
