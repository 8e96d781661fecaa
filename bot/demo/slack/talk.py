"""What people write in the small Slack, as Slack keeps it, and the events that tell the app of it."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from bot.demo.slack.model import BOT_USER, TEAM, Channel, Json, Message, Person

UNFURLED: Final = "app.planetscale.com"
"""The domain whose links the app is told of."""
_ADDRESS: Final = re.compile(r"https?://[^\s<>|`]+[^\s<>|`.,;:!?)]")
_LINK: Final = re.compile(r"<(https?://[^<>|]+)(?:\|[^<>]*)?>")


def kept(typed: str, people: Mapping[str, Person]) -> str:
    """What somebody typed, with names and addresses in Slack's markup, and the rest escaped."""
    text = escape(typed, quote=False)
    for person in sorted(people.values(), key=lambda one: -len(one.name)):
        text = re.sub(rf"(?<!\w)@{re.escape(escape(person.name))}(?!\w)", f"<@{person.id}>", text)
    return _ADDRESS.sub(lambda match: f"<{match[0]}>", text)


def events_of(message: Message, channel: Channel, author: Person) -> Iterator[Json]:
    """What the app hears of a new message, where it may hear it. Its own in a direct message are among it."""
    if BOT_USER not in channel.members:
        return
    written: Json = message.json() | {"channel": message.channel, "event_ts": message.ts}
    if author.team != TEAM:
        written |= {"user_team": author.team, "source_team": author.team}
    if author.bot and author.id != BOT_USER:
        written |= {"bot_id": f"B{author.id[1:]}", "subtype": "bot_message"}
    if channel.kind == "dm":
        yield written | {"channel_type": "im"}
    elif f"<@{BOT_USER}" in message.text:
        yield written | {"type": "app_mention"}
    links = [url for url in _LINK.findall(message.text) if url.split("/")[2] == UNFURLED]
    if links:
        yield link_shared(message, links)


def link_shared(message: Message, links: list[str]) -> Json:
    """The event of a message with links."""
    thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
    return {
        "type": "link_shared",
        "user": message.user,
        "channel": message.channel,
        "message_ts": message.ts,
        "is_bot_user_member": True,
        "unfurl_id": f"{message.channel}.{message.ts}",
        "source": "conversations_history",
        "links": [{"domain": UNFURLED, "url": url} for url in dict.fromkeys(links)],
    } | thread


def changed(message: Message, channel: Channel) -> Json:
    """The event of an edit in a direct message."""
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": channel.id,
        "channel_type": "im",
        "ts": message.edited or message.ts,
        "message": message.json(),
    }
