"""Text whose foreign parts are dead by construction.

A card is written as lines of spans. Spans become elements of Slack's `rich_text` block, which are never
parsed as markup, and the same lines become the plain `text` that notifications and screen readers get, where
`&`, `<` and `>` are escaped (Slack's own rule) and markup is switched off by the sender.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Block = dict[str, Any]

MAX_PREFORMATTED = 2_800
"""Below the 3,000 characters that Slack allows a section; longer data travels as a file."""
MAX_TEXT = 3_500
"""Slack advises 4,000 characters for `text`."""
MAX_NOTICE = 150
"""What a phone shows of a notification."""

_DEAD = {"mrkdwn": False, "parse": "none"}
"""No markup in `text`, and no links made of what looks like one."""


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
        day = "" if self.format == "{time}" else f"{self.moment.day} {self.moment:%b} "
        return f"{day}{self.moment:%H:%M} UTC"


Part = str | Span | At


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card."""

    parts: tuple[Part, ...]

    @property
    def plain(self) -> str:
        """The line as a person without markup reads it, unescaped."""
        return "".join(_plain(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Monospaced:
    """Lines of equal width: tables and bars."""

    lines: tuple[str, ...]

    @property
    def plain(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to Slack: blocks, and a `text` that stands alone."""

    text: str
    """For notifications and screen readers; escaped."""
    blocks: tuple[Block, ...]
    plain: str
    """The whole message without blocks, for a client that refuses them; escaped."""

    def payload(self) -> dict[str, Any]:
        """The fields that every Slack method and `response_url` takes. Markup in `text` is off."""
        return {"text": self.text, "blocks": list(self.blocks), **_DEAD}

    def plain_payload(self) -> dict[str, Any]:
        """The same without blocks."""
        return {"text": self.plain, **_DEAD}


@dataclass(slots=True)
class Card:
    """A message under construction, from the top down."""

    body: list[Line | Monospaced] = field(default_factory=list)

    def line(self, *parts: Part | None) -> None:
        """Add a line; parts that are `None` are left out."""
        self.body.append(Line(tuple(_one_line(part) for part in parts if part is not None)))

    def monospaced(self, lines: Iterable[str]) -> None:
        """Add lines of equal width."""
        self.body.append(Monospaced(tuple(one_line(line) for line in lines)))

    def preformatted(self, text: str) -> None:
        """Add a text to copy, line by line as it is."""
        self.monospaced(text.splitlines())

    def message(self, text: str | None = None) -> Message:
        """The finished message. `text` is what a notification says; without it, the first lines do."""
        plain = "\n".join(part.plain for part in self.body)
        brief = plain.replace("\n", " · ") if text is None else one_line(text)
        return Message(
            escape(shorten(brief, MAX_NOTICE)), (rich_text(self.body),), escape(shorten(plain, MAX_TEXT))
        )


def bold(text: str) -> Span:
    return Span(text, bold=True)


def code(text: str) -> Span:
    return Span(text, code=True)


def escape(text: str) -> str:
    """Slack's escaping, exactly: `&` first, then `<` and `>`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def one_line(text: str) -> str:
    """`text` without what could fake a new line, hide or turn round its neighbours (controls, bidi signs)."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else "" for sign in text)


def _one_line(part: Part) -> Part:
    match part:
        case Span():
            return Span(one_line(part.text), part.bold, part.code)
        case str():
            return one_line(part)
        case At():
            return part


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters; what was cut is marked by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def rich_text(body: Sequence[Line | Monospaced]) -> Block:
    """One `rich_text` block: sections of lines, with monospaced parts between them."""
    elements: list[Block] = []
    lines: list[Line] = []
    for part in body:
        if isinstance(part, Line):
            lines.append(part)
            continue
        elements += _sections(lines)
        lines = []
        elements.append(
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": part.plain or " "}]}
        )
    return {"type": "rich_text", "elements": elements + _sections(lines)}


def _sections(lines: Sequence[Line]) -> list[Block]:
    if not lines:
        return []
    elements: list[Block] = []
    for index, line in enumerate(lines):
        if index:
            elements.append({"type": "text", "text": "\n"})
        elements += [_element(part) for part in line.parts if _plain(part)]
    return [{"type": "rich_text_section", "elements": elements}]


def _element(part: Part) -> Block:
    match part:
        case At():
            return {
                "type": "date",
                "timestamp": int(part.moment.timestamp()),
                "format": part.format,
                "fallback": part.fallback,
            }
        case Span(text, is_bold, is_code):
            style = {"bold": True} if is_bold else {"code": True} if is_code else None
            return {"type": "text", "text": text} | ({"style": style} if style else {})
        case str():
            return {"type": "text", "text": part}


def _plain(part: Part) -> str:
    match part:
        case At():
            return part.fallback
        case Span():
            return part.text
        case str():
            return part
