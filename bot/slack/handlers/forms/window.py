"""Views that people have open, and what is shown in them."""

from collections import OrderedDict
from typing import Any, Final

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.codes import TRIGGER_USED
from bot.slack.errors import SLACK_FAILURES

log = structlog.stdlib.get_logger(__name__)

MOST_KEPT: Final = 500
"""Views whose newest window is remembered."""
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
        self.overtaken = False
        """Something newer goes on for this view: this shows nothing any more."""

    async def show(self, view: dict[str, Any]) -> bool:
        """Replace what is shown. False if it was closed, replaced by something newer, or Slack refused."""
        if self.overtaken:
            return False
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


class Windows:
    """The views that people have open. Of all that goes on for one of them, only the newest shows anything.

    That is known of this process's own; of two processes the later answer stands.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._newest: OrderedDict[str, Window] = OrderedDict()

    def of(self, view_id: str) -> Window:
        """A view in which somebody chose something just now."""
        window = Window(self._client, view_id)
        before = self._newest.pop(view_id, None)
        if before:
            before.overtaken = True
        self._keep(view_id, window)
        return window

    async def open(self, trigger_id: str, view: dict[str, Any]) -> Window:
        """Open a view for whoever typed or pressed. Raises `NotOpenedError`."""
        try:
            answer = await self._client.views_open(trigger_id=trigger_id, view=view)
        except SLACK_FAILURES as error:
            code = _code(error)
            if code != TRIGGER_USED:
                log.warning("form_not_opened", error=code or type(error).__name__)
            raise NotOpenedError(used=code == TRIGGER_USED) from None
        opened = answer.get("view")
        view_id = _part(opened, "id") or ""
        window = Window(self._client, view_id, _part(opened, "hash"))
        window.overtaken = view_id in self._newest  # somebody chose before this answer came
        if not window.overtaken:
            self._keep(view_id, window)
        return window

    def _keep(self, view_id: str, window: Window) -> None:
        self._newest[view_id] = window
        while len(self._newest) > MOST_KEPT:
            self._newest.popitem(last=False)


def _code(error: Exception) -> str | None:
    return _part(getattr(error.response, "data", None), "error") if isinstance(error, SlackApiError) else None


def _part(found: object, name: str) -> str | None:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, str) else None
