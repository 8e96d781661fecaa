"""Answers to one person: through a `response_url`, or as a file in a direct message where it is long."""

import asyncio
from dataclasses import dataclass
from enum import Enum

import httpx
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.cards.rich import Message
from bot.slack.errors import SLACK_FAILURES

log = structlog.stdlib.get_logger(__name__)

TIMEOUT_SECONDS = 10.0
AT_ONCE = 20
"""Replies under way at the same time: more would queue inside the client and slow everything down."""
LONGEST_WAIT = 5.0
"""Seconds that Slack may ask to wait before a reply is given up."""
_SPENT = ("expired_url", "used_url")


@dataclass(frozen=True, slots=True)
class File:
    """A file for one person."""

    name: str
    content: str | bytes
    alt: str | None = None
    """What a picture shows, for whoever cannot see it."""


@dataclass(frozen=True, slots=True)
class Attached:
    """An answer that is more than a message."""

    file: File
    message: Message
    """What is said once Slack has taken the file."""
    otherwise: Message
    """What is said if it has not."""


class _Sent(Enum):
    TAKEN = "taken"
    REFUSED = "refused"
    """Slack did not like it: plain text may fare better."""
    LOST = "lost"
    """Nobody knows, or nothing helps. It is not sent again: the person could read it twice."""


class Replies:
    """Sends what only the person who asked may see."""

    def __init__(self, client: AsyncWebClient, http: httpx.AsyncClient) -> None:
        self._client = client
        self._http = http
        self._doors = asyncio.Semaphore(AT_ONCE)

    async def send(self, response_url: str, message: Message, *, instead: bool = False) -> bool:
        """Post `message`, visible to its reader only. Whether Slack took it; a refusal is logged.

        What Slack refused is sent once more, as plain text: it may be the blocks.
        `instead`: it takes the place of the message whose button was pressed.
        """
        sent = _Sent.LOST
        for payload in (message.payload(), message.plain_payload()):
            async with self._doors:
                sent = await self._post(response_url, {"replace_original": instead, **payload})
            if sent is not _Sent.REFUSED:
                break
        return sent is _Sent.TAKEN

    async def _post(self, response_url: str, payload: dict[str, object], *, patient: bool = True) -> _Sent:
        body = {"response_type": "ephemeral"} | payload
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                answer = await self._http.post(response_url, json=body, timeout=TIMEOUT_SECONDS)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("reply_not_sent", error=type(error).__name__)
            return _Sent.LOST
        if answer.status_code == httpx.codes.TOO_MANY_REQUESTS and patient:
            await asyncio.sleep(_wait(answer.headers.get("Retry-After")))
            return await self._post(response_url, payload, patient=False)
        said = answer.text[:300].replace(" ", "")
        if answer.is_success and '"ok":false' not in said:
            return _Sent.TAKEN
        log.warning("reply_refused", status=answer.status_code)
        return _Sent.LOST if any(word in said for word in _SPENT) else _Sent.REFUSED

    async def send_file(self, user_id: str, file: File) -> bool:
        """Upload `file` into the direct message with `user_id`. Whether Slack took it."""
        try:
            opened = await self._client.conversations_open(users=user_id)
            channel = opened.get("channel")
            place = channel.get("id") if isinstance(channel, dict) else None
            if not place:
                log.warning("file_not_sent", error="no direct message")
                return False
            await self._client.files_upload_v2(
                channel=place,
                filename=file.name,
                title=file.name,
                content=file.content,
                alt_txt=file.alt,
                initial_comment="What you asked for with /workflow:",
            )
        except (*SLACK_FAILURES, KeyError) as error:
            log.warning("file_not_sent", error=type(error).__name__)
            return False
        return True


def _wait(retry_after: str | None) -> float:
    given = retry_after or ""
    return min(LONGEST_WAIT, float(given)) if given.isascii() and given.isdigit() else 1.0
