"""Slack's mrkdwn, read into the parts of a rich text.

Source: docs.slack.dev, "Formatting text for app surfaces".
"""

import re
from collections.abc import Iterator

from bot.demo.slack.model import Json

PRE = re.compile(r"```\n?(.+?)\n?```", re.DOTALL)
INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<entity>[^<>\n]+)>"
    r"|(?P<url>https?://[^\s<>|`]+[^\s<>|`.,;:!?)])"
    r"|(?<![\w*])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^\s_](?:[^\n]*?[^\s_])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
    r"|:(?P<emoji>[a-z][a-z0-9_+-]*):"
)
ENTITY = re.compile(r"<(?P<entity>[^<>\n]+)>")
SAFE_URL = re.compile(r"(?:https?://|mailto:|tel:)\S+", re.IGNORECASE)
QUOTE = re.compile(r"(?:&gt;|>) ?")
BROADCASTS = ("here", "channel", "everyone")


def parse(text: str, *, verbatim: bool = False) -> list[Json]:
    """The parts of a rich text that show `text`. With `verbatim`, bare addresses are not made into links."""
    parts: list[Json] = []
    for place, chunk in enumerate(PRE.split(text)):
        if place % 2:
            parts.append({"type": "rich_text_preformatted", "elements": list(_entities(chunk, {}))})
        elif chunk.strip("\n"):
            parts += _paragraphs(chunk.strip("\n"), verbatim=verbatim)
    return parts


def unescape(text: str) -> str:
    """The three characters that mrkdwn escapes."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _paragraphs(text: str, *, verbatim: bool) -> Iterator[Json]:
    runs: list[tuple[bool, list[str]]] = []
    for line in text.split("\n"):
        quote = QUOTE.match(line)
        if not runs or runs[-1][0] != bool(quote):
            runs.append((bool(quote), []))
        runs[-1][1].append(line[quote.end() :] if quote else line)
    for quoted, lines in runs:
        kind = "rich_text_quote" if quoted else "rich_text_section"
        yield {"type": kind, "elements": list(_inline("\n".join(lines), {}, verbatim=verbatim))}


def _inline(text: str, style: Json, *, verbatim: bool) -> Iterator[Json]:
    end = 0
    for match in INLINE.finditer(text):
        if match.lastgroup == "url" and verbatim:
            continue
        yield from _text(text[end : match.start()], style)
        end = match.end()
        kind, inner = str(match.lastgroup), match[str(match.lastgroup)]
        if kind == "code":
            yield from _entities(inner, style | {"code": True})
        elif kind == "entity":
            yield _entity(inner, style)
        elif kind == "url":
            yield _styled({"type": "link", "url": unescape(inner)}, style)
        elif kind == "emoji":
            yield _styled({"type": "emoji", "name": inner}, style)
        else:
            yield from _inline(inner, style | {kind: True}, verbatim=verbatim)
    yield from _text(text[end:], style)


def _entities(text: str, style: Json) -> Iterator[Json]:
    end = 0
    for match in ENTITY.finditer(text):
        yield from _text(text[end : match.start()], style)
        end = match.end()
        yield _entity(match["entity"], style)
    yield from _text(text[end:], style)


def _text(text: str, style: Json) -> Iterator[Json]:
    if text:
        yield _styled({"type": "text", "text": unescape(text)}, style)


def _styled(element: Json, style: Json) -> Json:
    return element | {"style": dict(style)} if style else element


def _entity(inner: str, style: Json) -> Json:
    target, _, label = inner.partition("|")
    element: Json = {"type": "text", "text": f"<{unescape(inner)}>"}
    if target.startswith("@") and target[1:]:
        element = {"type": "user", "user_id": target[1:]}
    elif target.startswith("#") and target[1:]:
        element = {"type": "channel", "channel_id": target[1:]}
    elif target.startswith("!subteam^"):
        element = {"type": "usergroup", "usergroup_id": target.removeprefix("!subteam^")}
    elif target.startswith("!date^"):
        element = _date(target.split("^", 3)[1:], unescape(label))
    elif target[:1] == "!" and target[1:] in BROADCASTS:
        element = {"type": "broadcast", "range": target[1:]}
    elif SAFE_URL.fullmatch(target):
        element = {"type": "link", "url": unescape(target)} | ({"text": unescape(label)} if label else {})
    return _styled(element, style)


def _date(fields: list[str], fallback: str) -> Json:
    moment, form = fields[0], unescape(fields[1]) if len(fields) > 1 else ""
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 11 and form):
        return {"type": "text", "text": fallback}
    date: Json = {"type": "date", "timestamp": int(moment), "format": form, "fallback": fallback}
    if len(fields) > 2 and SAFE_URL.fullmatch(fields[2]):
        date["url"] = unescape(fields[2])
    return date
