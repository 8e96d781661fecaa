"""A view that somebody has open, and what is shown in it."""

from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import SLACK_FAILURES

log = structlog.stdlib.get_logger(__name__)

_USED = "exchanged_trigger_id"
_CHANGED = frozenset({"hash_conflict", "not_found"})
"""Something newer is shown there, or it was closed."""


class NotOpenedError(Exception):
    """Slack opened no view. `used`: because this very trigger opened one before."""

    def __init__(self, *, used: bool) -> None:
        super().__init__()
        self.used = used


class Window:
    """Once this has shown something, it shows more only if nothing else was shown meanwhile."""

    def __init__(self, client: AsyncWebClient, view_id: str, version: str | None = None) -> None:
        """`version`: the view's hash, where only that version may be replaced."""
        self._client = client
        self._view_id = view_id
        self._version = version

    async def show(self, view: dict[str, Any]) -> bool:
        """Replace what is shown. False if it was closed, replaced by somebody else, or Slack refused."""
        how = {"hash": self._version} if self._version else {}
        try:
            answer = await self._client.views_update(view_id=self._view_id, view=view, **how)
        except SLACK_FAILURES as error:
            code = _code(error)
            if code not in _CHANGED:
                log.warning("form_not_updated", error=code or type(error).__name__)
            return False
        self._version = _part(answer.get("view"), "hash")
        return True


async def open_window(client: AsyncWebClient, trigger_id: str, view: dict[str, Any]) -> Window:
    """Open a view for whoever typed or pressed. Raises `NotOpenedError`."""
    try:
        answer = await client.views_open(trigger_id=trigger_id, view=view)
    except SLACK_FAILURES as error:
        code = _code(error)
        if code != _USED:
            log.warning("form_not_opened", error=code or type(error).__name__)
        raise NotOpenedError(used=code == _USED) from None
    opened = answer.get("view")
    return Window(client, _part(opened, "id") or "", _part(opened, "hash"))


def _code(error: Exception) -> str | None:
    return _part(getattr(error.response, "data", None), "error") if isinstance(error, SlackApiError) else None


def _part(found: object, name: str) -> str | None:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else None
