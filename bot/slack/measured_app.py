"""Bolt, with the edges of a payload: its way to the ack is timed, and its lines in the log end there."""

from collections.abc import Mapping
from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.commands.parser import sub_command_in
from bot.runtime.figures import Figures
from bot.runtime.log_context import about_nothing

KINDS: Final[Mapping[str, str]] = {
    "block_actions": "press",
    "block_suggestion": "menu",
    "event_callback": "event",
    "message_action": "shortcut",
    "view_closed": "form",
    "view_submission": "form",
}
OTHER: Final = "other"
COMMAND: Final = "command"
ALONE: Final = "start"
"""What is said of `/workflow` alone."""


class MeasuredApp(AsyncApp):
    """It tells `figures` of each payload."""

    def __init__(self, figures: Figures, **given: Any) -> None:
        super().__init__(**given)
        self._figures = figures

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """From when Bolt has the payload, by whichever door, until its answer is there to be sent."""
        with self._figures.ack(*told_of(req.body)):
            try:
                return await super().async_dispatch(req)
            finally:
                about_nothing()  # over a socket the next payload may come to the same task


def told_of(body: Mapping[str, Any]) -> tuple[str, str]:
    """What kind of payload it is, and the sub-command of a command: words that are known beforehand."""
    if "command" in body:
        text = str(body.get("text") or "").strip()
        return COMMAND, sub_command_in(text) or (OTHER if text else ALONE)
    return KINDS.get(str(body.get("type")), OTHER), ""
