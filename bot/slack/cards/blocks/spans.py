"""Runs of text, and what they are in Slack's `rich_text`: literal elements, never parsed as markup."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Block = dict[str, Any]

MAX_URL = 3_000
_LATEST = 2**40
"""Seconds; Slack's own limit for a moment."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of literal text."""

    text: str
    bold: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class At:
    """A moment: every reader sees it in their own zone. The fallback is UTC."""

    moment: datetime
    format: str = "{date_short_pretty} {time}"

    @property
    def fallback(self) -> str:
        moment = self.moment.astimezone(UTC)
        day = f"{moment.day} {moment:%b} " if "{date" in self.format else ""
        time = f"{moment:%H:%M:%S}" if "{time_secs}" in self.format else f"{moment:%H:%M}"
        return f"{day}{time} UTC"

    @property
    def width(self) -> int:
        """How many characters it takes for a reader whose Slack writes the year, and AM or PM."""
        day = len("Nov 23, 2026 ") if "{date" in self.format else 0
        return day + len("10:14:05 PM" if "{time_secs}" in self.format else "10:14 PM")


@dataclass(frozen=True, slots=True)
class PersonMention:
    """A mention: in a new message it notifies that person, in an edited one nobody."""

    user_id: str
    name: str | None = None
    """For readers without blocks, where it is known."""


@dataclass(frozen=True, slots=True)
class GroupMention:
    """A mention of a user group."""

    usergroup_id: str
    handle: str | None = None
    """For readers without blocks, where it is known."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link. Only for addresses that Slack gave: never for one that came from elsewhere."""

    url: str
    text: str = "open"
    """One word for all that Slack can open: cards, live messages, earlier requests."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, which each reader sees by its name."""

    channel_id: str


Part = str | Span | At | PersonMention | GroupMention | Channel | Link


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card."""

    parts: tuple[Part, ...]

    @property
    def plain(self) -> str:
        """The line as a person without markup reads it, unescaped."""
        return "".join(plain_of(part) for part in self.parts)

    @property
    def width(self) -> int:
        """How many characters it has for a reader whose Slack writes moments the long way."""
        return sum(part.width if isinstance(part, At) else len(plain_of(part)) for part in self.parts)


def bold(text: str) -> Span:
    return Span(text, bold=True)


def code(text: str) -> Span:
    return Span(text, code=True)


def escape(text: str) -> str:
    """Slack's escaping, exactly: `&` first, then `<` and `>`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """What was escaped, as it was."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def escape_within(text: str, limit: int) -> str:
    """`text` escaped, in at most `limit` characters; no escape sign is cut in two."""
    whole = escape(text)
    if len(whole) <= limit:
        return whole
    room, kept = limit - 1, 0
    for sign in text:
        room -= len(escape(sign))
        if room < 0:
            break
        kept += 1
    return escape(text[:kept]) + "…"


def one_line(text: str) -> str:
    """`text` without what could fake a new line, hide or turn round its neighbours (controls, bidi signs)."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else "" for sign in text)


def clean_part(part: Part) -> Part:
    """The part with its text on one line."""
    match part:
        case Span():
            return Span(one_line(part.text), part.bold, part.code)
        case str():
            return one_line(part)
        case Link():
            return Link(one_line(part.url), one_line(part.text))
        case PersonMention():
            return PersonMention(part.user_id, part.name and one_line(part.name))
        case GroupMention():
            return GroupMention(part.usergroup_id, part.handle and one_line(part.handle))
        case _:
            return part


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters; what was cut is marked by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def element(part: Part) -> Block:
    """One inline element."""
    match part:
        case At() if 0 <= part.moment.timestamp() < _LATEST:
            return {
                "type": "date",
                "timestamp": int(part.moment.timestamp()),
                "format": part.format,
                "fallback": part.fallback,
            }
        case PersonMention(user_id):
            return {"type": "user", "user_id": user_id}
        case GroupMention(usergroup_id):
            return {"type": "usergroup", "usergroup_id": usergroup_id}
        case Channel(channel_id):
            return {"type": "channel", "channel_id": channel_id}
        case Link(url, text) if url.startswith(("https://", "http://")) and len(url) <= MAX_URL:
            return {"type": "link", "url": url, "text": text}
        case Span(text, is_bold, is_code):
            style = {"bold": True} if is_bold else {"code": True} if is_code else None
            return {"type": "text", "text": text} | ({"style": style} if style else {})
        case _:
            return {"type": "text", "text": plain_of(part)}


def plain_of(part: Part) -> str:
    """A part as a person without markup reads it, unescaped."""
    match part:
        case At():
            return part.fallback
        case Span():
            return part.text
        case PersonMention(user_id, name):
            return f"@{name or user_id}"
        case GroupMention(usergroup_id, handle):
            return f"@{handle or usergroup_id}"
        case Channel(channel_id):
            return f"#{channel_id}"
        case Link(url, text):
            return f"{text} ({url})"
        case str():
            return part
