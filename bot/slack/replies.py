"""Answers to one person: through a `response_url`, or as a file in a direct message where it is long."""

from dataclasses import dataclass

import httpx
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.cards.rich import Message
from bot.slack.errors import SLACK_FAILURES

log = structlog.stdlib.get_logger(__name__)

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class File:
    """A text file for one person."""

    name: str
    content: str


class Replies:
    """Sends what only the person who asked may see."""

    def __init__(self, client: AsyncWebClient, http: httpx.AsyncClient) -> None:
        self._client = client
        self._http = http

    async def send(self, response_url: str, message: Message, *, instead: bool = False) -> bool:
        """Post `message`, visible to its reader only. Whether Slack took it; a refusal is logged.

        What was not taken is sent once more, as plain text: Slack may have refused the blocks.
        `instead`: it takes the place of the message whose button was pressed.
        """
        for payload in (message.payload(), message.plain_payload()):
            if await self._post(response_url, {"replace_original": instead, **payload}):
                return True
        return False

    async def _post(self, response_url: str, payload: dict[str, object]) -> bool:
        body = {"response_type": "ephemeral"} | payload
        try:
            answer = await self._http.post(response_url, json=body, timeout=TIMEOUT_SECONDS)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("reply_not_sent", error=type(error).__name__)
            return False
        refused = not answer.is_success or '"ok":false' in answer.text[:200].replace(" ", "")
        if refused:
            log.warning("reply_refused", status=answer.status_code)
        return not refused

    async def send_file(self, user_id: str, file: File) -> bool:
        """Upload `file` into the direct message with `user_id`. Whether Slack took it."""
        try:
            opened = await self._client.conversations_open(users=user_id)
            channel: dict[str, str] = opened.get("channel") or {}
            await self._client.files_upload_v2(
                channel=channel.get("id"),
                filename=file.name,
                title=file.name,
                content=file.content,
                initial_comment="What you asked for with /workflow:",
            )
        except SLACK_FAILURES as error:
            log.warning("file_not_sent", error=type(error).__name__)
            return False
        return True
