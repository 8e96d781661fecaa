"""Private answers about operations: `bot.operations.ports.Responder`, over `response_url` and forms."""

from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.operations.model import Story
from bot.operations.ports import PrivateAnswer
from bot.operations.storage.press_rows import Press
from bot.slack.cards.answers.pending_answers import owed_answer
from bot.slack.cards.blocks.addressing import for_one
from bot.slack.cards.forms.modals import Held, deny_because_view, deny_reason_view
from bot.slack.cards.operation.buttons import DENY
from bot.slack.errors import SLACK_FAILURES
from bot.slack.replies.private_replies import Replies

log = structlog.stdlib.get_logger(__name__)

_CLOSES_THE_QUESTION = frozenset({PrivateAnswer.CONFIRMED, PrivateAnswer.NOT_NOW})
"""A button disappears the moment it has no effect."""


class SlackResponder:
    """Tells one person something. What Slack does not take is logged; whoever called looks after it."""

    def __init__(
        self, replies: Replies, client: AsyncWebClient, clock: Clock, default_organization: str
    ) -> None:
        self._replies = replies
        self._client = client
        self._clock = clock
        self._default = default_organization

    async def tell(
        self, response_url: str, what: PrivateAnswer | str, story: Story, detail: str | None = None
    ) -> bool:
        """Answer at `response_url`, visible to that person only. Whether Slack took it."""
        message = owed_answer(str(what), story, self._clock.now(), detail)
        message = for_one(message, story.operation.organization, self._default)
        return await self._replies.send(response_url, message, instead=what in _CLOSES_THE_QUESTION)

    async def ask_why(self, trigger_id: str, operation_id: str) -> bool:
        """Ask whoever denied for a reason. Slack gives three seconds from their press. Whether it did."""
        return await self._open(trigger_id, deny_reason_view(operation_id))

    async def ask_why_first(self, press: Press) -> bool:
        """The same before it counts: what is submitted is the Deny."""
        held = Held(
            action=DENY,
            value=f"{press.operation_id}:{press.prefix}",
            channel=press.channel or "",
            reply_to=press.response_url or "",
        )
        return await self._open(press.trigger_id, deny_because_view(held))

    async def _open(self, trigger_id: str, view: dict[str, Any]) -> bool:
        try:
            await self._client.views_open(trigger_id=trigger_id, view=view)
        except SLACK_FAILURES as error:
            log.info("reason_not_asked", error=type(error).__name__)
            return False
        return True
