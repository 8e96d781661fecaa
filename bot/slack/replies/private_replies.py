"""Answers to one person: through a `response_url`, or as a file in a direct message where it is long."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import httpx
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack.cards.blocks.plainer import ANSWER_WITHOUT_BUTTONS, forms
from bot.slack.cards.blocks.rich import Message
from bot.slack.codes import Trouble, meaning
from bot.slack.delivery.slack_failures import failure_of, retry_after
from bot.slack.errors import SLACK_FAILURES

log = structlog.stdlib.get_logger(__name__)

TIMEOUT_SECONDS = 10.0
AT_ONCE = 20
"""Replies under way at the same time: more would queue inside the client and slow everything down."""
LONGEST_WAIT = 5.0
"""Seconds: however long Slack asks to wait, a person looks at an empty place meanwhile."""
LONGEST_CODE = 60
_A_CODE = re.compile("[a-z_]+")
PAUSES = (1.0, 3.0)
"""Seconds between tries while Slack is busy."""
_SPENT = frozenset({"expired_url", "used_url"})
NOT_FOR_ONE = frozenset({"mrkdwn"})
"""What `chat.postMessage` takes and `chat.postEphemeral` does not."""
_PASSES = frozenset({Trouble.LIMITED, Trouble.UNSENT, Trouble.UNCERTAIN})


@dataclass(frozen=True, slots=True)
class File:
    """A file for one person."""

    name: str
    content: str | bytes
    alt: str | None = None
    """What a picture shows, for whoever cannot see it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody asked in a message: they alone are answered there."""

    user: str
    channel: str
    thread: str | None
    """The message under which it was asked, if it was in a thread."""

    @property
    def alone(self) -> bool:
        """Whether nobody else reads there: the direct message with the bot."""
        return self.channel.startswith("D")


ReplyTo = str | Spot
"""Slack's `response_url` of a command or a press, or a place."""


@dataclass(frozen=True, slots=True)
class Attached:
    """An answer that is more than a message."""

    file: File
    message: Message
    """What is said once Slack has taken the file."""
    otherwise: Message
    """What is said if it has not."""


@dataclass(frozen=True, slots=True)
class Native:
    """An answer with a block that not every workspace has."""

    message: Message
    otherwise: Callable[[], Awaitable[Message | Attached]]
    """Makes what is said where Slack refuses that."""


class _Sent(Enum):
    TAKEN = "taken"
    REFUSED = "refused"
    """Slack did not like it: a plainer form may fare better."""
    BUSY = "busy"
    """It may go well a little later."""
    LOST = "lost"
    """Nobody knows, or nothing helps. It is not sent again: the person could read it twice."""


_Attempt = tuple[_Sent, float | None]
_FAILED: Mapping[Trouble, _Sent] = {
    Trouble.LIMITED: _Sent.BUSY,
    Trouble.UNSENT: _Sent.BUSY,
    Trouble.CONTENT: _Sent.REFUSED,
}
"""What failed in Slack's Web API. What may have been done is not done again: it would be read twice."""


class Replies:
    """Sends what only the person who asked may see."""

    def __init__(self, client: AsyncWebClient, http: httpx.AsyncClient, clock: Clock) -> None:
        self._client = client
        self._http = http
        self._clock = clock
        self._doors = asyncio.Semaphore(AT_ONCE)

    async def send(self, to: ReplyTo, message: Message, *, instead: bool = False) -> bool:
        """Post `message`, visible to its reader only. Whether Slack took it; a refusal is logged.

        What Slack refused is sent plainer; where it is busy it is asked again, for some seconds.
        `instead`: it takes the place of the message whose button was pressed.
        """
        sent = _Sent.LOST
        for payload in forms(message, ANSWER_WITHOUT_BUTTONS):
            sent = await self._patiently(to, payload, instead=instead)
            if sent is not _Sent.REFUSED:
                break
        return sent is _Sent.TAKEN

    async def send_native(self, to: ReplyTo, message: Message) -> bool:
        """Post `message` as it is and no plainer. `False`: Slack refused it, and another may fare better."""
        return await self._patiently(to, message.payload(), instead=False) is not _Sent.REFUSED

    async def _patiently(self, to: ReplyTo, payload: Mapping[str, Any], *, instead: bool) -> _Sent:
        for pause in PAUSES:
            sent, seconds = await self._once(to, payload, instead=instead)
            if sent is not _Sent.BUSY:
                return sent
            await self._clock.sleep(min(LONGEST_WAIT, seconds or pause))
        return (await self._once(to, payload, instead=instead))[0]

    async def _once(self, to: ReplyTo, payload: Mapping[str, Any], *, instead: bool) -> _Attempt:
        async with self._doors:
            if isinstance(to, Spot):
                return await self._say(to, payload)
            return await self._post(to, {"replace_original": instead, **payload})

    async def _say(self, spot: Spot, payload: Mapping[str, Any]) -> _Attempt:
        """In a message of its own: for one person's eyes where others read along."""
        try:
            if spot.alone:
                await self._client.chat_postMessage(channel=spot.channel, thread_ts=spot.thread, **payload)
            else:
                body = {name: value for name, value in payload.items() if name not in NOT_FOR_ONE}
                await self._client.chat_postEphemeral(
                    channel=spot.channel, user=spot.user, thread_ts=spot.thread, **body
                )
        except SLACK_FAILURES as error:
            failure = failure_of(error)
            log.warning("reply_refused", error=failure.code, reasons=failure.reasons)
            return _FAILED.get(failure.trouble, _Sent.LOST), failure.seconds or None
        return _Sent.TAKEN, None

    async def _post(self, response_url: str, payload: Mapping[str, Any]) -> _Attempt:
        """What came of it; and in how many seconds it may be sent again, where Slack says so."""
        body = {"response_type": "ephemeral", **payload}
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                answer = await self._http.post(response_url, json=body, timeout=TIMEOUT_SECONDS)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("reply_not_sent", error=type(error).__name__)
            return _Sent.LOST, None
        code = _code(answer)
        if answer.is_success and code is None:
            return _Sent.TAKEN, None
        log.warning("reply_refused", status=answer.status_code, error=code and code[:LONGEST_CODE])
        asked = retry_after(answer.headers) if "retry-after" in answer.headers else None
        return _came_of(answer.status_code, code), asked

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


def _code(answer: httpx.Response) -> str | None:
    """Why Slack did not take it: in JSON, or as a bare word. `None` where it says nothing of the kind."""
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        said = answer.text[:LONGEST_CODE]
        return said if not answer.is_success and _A_CODE.fullmatch(said) else None
    if not isinstance(said, dict) or said.get("ok") is not False:
        return None
    return str(said.get("error"))


def _came_of(status: int, code: str | None) -> _Sent:
    if code in _SPENT:
        return _Sent.LOST
    trouble = meaning(code) if code else None
    busy = status == httpx.codes.TOO_MANY_REQUESTS or status >= httpx.codes.INTERNAL_SERVER_ERROR
    return _Sent.BUSY if busy or trouble in _PASSES else _Sent.REFUSED
