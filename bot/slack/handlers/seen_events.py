"""Which of Slack's events are for this workspace, and were not delivered to this process before."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final

import structlog

from bot.slack.directory import Home
from bot.slack.payload import part, text

log = structlog.stdlib.get_logger(__name__)

REMEMBERED: Final = 2_000
"""Events that are remembered. Slack delivers one that was not acknowledged up to three times more."""


class SeenEvents:
    """Known by what they are about, not only by their id: of one message Slack may tell by several events."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._recent: deque[str] = deque(maxlen=REMEMBERED)

    def first_time(self, body: Mapping[str, Any]) -> bool:
        """Whether there is something to do: it is of this workspace, and nothing like it was seen before."""
        if not any(self._home.sent(*ids) for ids in _installed_in(body)):
            log.warning("event_of_another_workspace")
            return False
        names = list(names_of(body))
        seen = any(name in self._recent for name in names)
        self._recent.extend(name for name in names if name not in self._recent)
        return not seen


def names_of(body: Mapping[str, Any]) -> Iterator[str]:
    """What an event is known by, whichever process it is delivered to."""
    event = part(body, "event")
    if event_id := text(body, "event_id"):
        yield event_id
    if ts := text(event, "ts") or text(event, "message_ts"):
        yield ":".join([text(event, "channel"), ts, *links_in(event)])


def links_in(event: Mapping[str, Any]) -> list[str]:
    """The addresses that an event of links tells of: an edit of a message may bring more of them."""
    links = event.get("links")
    return [text(one, "url") for one in links if isinstance(one, Mapping)] if isinstance(links, list) else []


def _installed_in(body: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """The workspaces that an event was delivered for: in a shared channel it may be of another one."""
    yield text(body, "team_id"), text(body, "enterprise_id") or None
    yield text(body, "context_team_id"), text(body, "context_enterprise_id") or None
    granted = body.get("authorizations")
    for one in granted if isinstance(granted, list) else ():
        if isinstance(one, Mapping):
            yield text(one, "team_id"), text(one, "enterprise_id") or None
