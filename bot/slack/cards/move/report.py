"""`/workflow report`: the record of a move as an answer in chat, and as Markdown to keep."""

import re
from datetime import UTC, datetime
from typing import Final

from bot.slack.cards.blocks.rich import (
    At,
    Card,
    Line,
    Link,
    Message,
    Part,
    Span,
    bold,
    code,
    one_line,
    shorten,
)
from bot.slack.cards.blocks.spans import plain_of
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.move.move_story import MoveStory
from bot.slack.cards.move.record import NAME, record
from bot.slack.cards.move.stage_words import stage_line

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>#|~!])")


def report_card(move: MoveStory) -> Message:
    """The report for reading: every reader sees times in their own zone."""
    card = Card()
    if not move.is_known:
        return unknown_card(move)
    card.line(bold(f"The move of {_title(move)}"))
    if line := _line(move):
        card.line(*line)
    for section in record(move):
        card.line(bold(section.title))
        for parts in section.lines:
            card.line(*parts)
    card.line("Now: ", code(f"/workflow show {move.ref.database} {move.ref.number}"))
    return card.message(f"Report on {_title(move)}.")


def unknown_card(move: MoveStory) -> Message:
    """The bot has never seen it."""
    card = Card()
    card.line(
        f"This bot has seen nothing of {_ref(move)}: nobody asked for anything, and it was not watched."
    )
    card.line("Now: ", code(f"/workflow show {move.ref.database} {move.ref.number}"))
    return card.message()


def report_markdown(move: MoveStory) -> str:
    """The same as Markdown, with times in UTC. Names of others are escaped: nothing in them is markup."""
    lines = [f"# The move of {_escaped(_title(move))}", ""]
    if line := _line(move):
        lines += [_markdown(line), ""]
    for section in record(move):
        lines += [f"## {section.title}", ""]
        lines += [f"- {_markdown(parts)}" for parts in section.lines]
        lines.append("")
    lines.append(f"Written {_utc(move.now)} by Workflow Bot.")
    return "\n".join(lines) + "\n"


def _line(move: MoveStory) -> Parts:
    return stage_line([told.stage for told in move.stages])


def _title(move: MoveStory) -> str:
    name = move.workflow.name if move.workflow else None
    return f"{_ref(move)} {shorten(one_line(name), NAME)}" if name else _ref(move)


def _ref(move: MoveStory) -> str:
    return f"{shorten(one_line(move.ref.database), NAME)} #{move.ref.number}"


def _markdown(parts: Parts) -> str:
    return "".join(_piece(part) for part in Line(parts).parts)


def _piece(part: Part) -> str:
    match part:
        case At(moment):
            return _utc(moment)
        case Link(url, text):
            return f"[{_escaped(text)}]({url})"
        case Span(text, is_bold, _) if is_bold:
            return f"**{_escaped(text)}**"
        case _:
            return _escaped(plain_of(part))


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", one_line(text))
