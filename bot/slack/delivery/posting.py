"""The calls to Slack by which messages get there, and are found again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.delivery.slack_failures import SlackFailure, Trouble, failure_of
from bot.slack.errors import SLACK_FAILURES

CALL_SECONDS = 15.0
"""No call takes longer, whatever the client's own limit."""
SEARCH_SECONDS = 20.0
"""No search takes longer."""
EVENT_TYPE = "workflow_bot_delivery"
SKEW = timedelta(minutes=15)
"""How far Slack's clock may be from that of whoever posted."""
PAGES, PAGE = 10, 200
NOT_IN_UPDATES = frozenset({"mrkdwn"})
"""What can be said of a message only when it is posted."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message is."""

    channel: str
    ts: str


class MessagePoster:
    """Each method makes its calls once and raises `SlackFailure`. The client must not retry by itself."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def post(
        self,
        channel: str,
        thread_ts: str | None,
        payload: Json,
        delivery_id: str | None,
        *,
        broadcast: bool = False,
    ) -> Posted:
        """Post a message, with the delivery id in its metadata, which every app in the workspace can read.

        `None`: without metadata. Such a message cannot be found again. `broadcast`: a reply that is shown in
        the channel as well.
        """
        answer = await _call(
            self._client.chat_postMessage,
            channel=channel,
            thread_ts=thread_ts,
            reply_broadcast=True if broadcast else None,
            unfurl_links=False,
            unfurl_media=False,
            metadata=_metadata(delivery_id) if delivery_id else None,
            **payload,
        )
        return _posted(answer.get("channel"), answer.get("ts"))

    async def update(self, where: Posted, payload: Json, delivery_id: str | None) -> None:
        """Show something else in a message. What it has now and this has not is taken away: Slack would keep
        the attachments of which nothing is said."""
        metadata = _metadata(delivery_id) if delivery_id else None
        taken = {name: value for name, value in payload.items() if name not in NOT_IN_UPDATES}
        taken.setdefault("attachments", [])
        await _call(self._client.chat_update, channel=where.channel, ts=where.ts, metadata=metadata, **taken)

    async def delete(self, where: Posted) -> None:
        """Take a message away."""
        await _call(self._client.chat_delete, channel=where.channel, ts=where.ts)

    async def ask_for_token(self) -> None:
        """Whether Slack accepts the bot's token."""
        await _call(self._client.auth_test)

    async def find(
        self, channel: str, thread_ts: str | None, delivery_id: str, sent_at: datetime
    ) -> Posted | None:
        """The message with this delivery id, posted about `sent_at`, among the newest 2,000; else `None`."""
        try:
            async with asyncio.timeout(SEARCH_SECONDS):
                return await self._find(channel, thread_ts, delivery_id, sent_at)
        except TimeoutError as error:
            raise failure_of(error) from error

    async def _find(
        self, channel: str, thread_ts: str | None, delivery_id: str, sent_at: datetime
    ) -> Posted | None:
        place = await self._conversation(channel)
        wanted: dict[str, Any] = {
            "channel": place,
            "oldest": f"{(sent_at - SKEW).timestamp():.6f}",
            "include_all_metadata": True,
            "limit": PAGE,
        }
        method: Callable[..., Awaitable[AsyncSlackResponse]] = self._client.conversations_history
        if thread_ts:
            method = self._client.conversations_replies
            wanted["ts"] = thread_ts
        cursor = None
        for _ in range(PAGES):
            answer = await _call(method, cursor=cursor, **wanted)
            for message in answer.get("messages") or ():
                if _delivery_of(message) == delivery_id:
                    return _posted(place, message.get("ts"))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return None

    async def _conversation(self, place: str) -> str:
        """A channel's id; for a user's id that of the direct message with them."""
        if not place.startswith(("U", "W")):
            return place
        opened = (await _call(self._client.conversations_open, users=place)).get("channel") or {}
        return str(opened.get("id"))


async def _call(method: Callable[..., Awaitable[AsyncSlackResponse]], **arguments: Any) -> AsyncSlackResponse:
    try:
        async with asyncio.timeout(CALL_SECONDS):
            return await method(**arguments)
    except SLACK_FAILURES as error:
        raise failure_of(error) from error


def _metadata(delivery_id: str) -> Json:
    return {"event_type": EVENT_TYPE, "event_payload": {"delivery_id": delivery_id}}


def _delivery_of(message: Json) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    found: str | None = (metadata.get("event_payload") or {}).get("delivery_id")
    return found


def _posted(channel: object, ts: object) -> Posted:
    if isinstance(channel, str) and isinstance(ts, str) and channel and ts:
        return Posted(channel, ts)
    raise SlackFailure(Trouble.UNCERTAIN, "no_ts")
