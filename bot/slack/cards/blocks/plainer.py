"""Plainer forms of a message, for where Slack refuses its blocks: its buttons survive as long as they can."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from bot.slack.cards.blocks.controls import plain_text
from bot.slack.cards.blocks.rich import Block, Card, Message, Monospaced, blocks, escape, rich_text
from bot.slack.cards.blocks.spans import unescape

CHART: Final = "data_visualization"
SECTION: Final = 3_000
"""Slack's limit for the text of a section."""
WITHOUT_BUTTONS: Final = (
    "Slack refused the buttons of this message, so nobody can press or decide anything here. I try again "
    "with them every 10 minutes. What waits for whom: /workflow approvals"
)
ANSWER_WITHOUT_BUTTONS: Final = "Slack refused the buttons of this answer. To get them, type it once more."
ONE_COUNTS: Final = "Slack does not let me change the earlier message about this. This one counts."


def has_buttons(message: Message) -> bool:
    """Whether there is something to press or to choose. What only opens a page is not missed."""
    rows = filter(_is_row, message.blocks)
    return any("url" not in element for row in rows for element in row["elements"])


def without_tables(message: Message) -> Message:
    """The same with its tables in lines of equal width, for where Slack has no tables."""
    tables = iter(message.tables)
    plain = [
        rich_text([Monospaced(next(tables).lines)]) if block.get("type") == "table" else block
        for block in message.blocks
    ]
    return replace(message, blocks=tuple(plain), tables=())


def without_charts(message: Message) -> Message:
    """The same without Slack's own charts: what they show stands in words too."""
    kept = tuple(block for block in message.blocks if block.get("type") != CHART)
    return replace(message, blocks=kept)


def as_sections(message: Message) -> Message:
    """The same as plain sections, with everything that can be pressed."""
    words = unescape(message.plain)
    parts = [words[start : start + SECTION] for start in range(0, len(words), SECTION)] or [message.text]
    sections: list[Block] = [{"type": "section", "text": plain_text(part, SECTION)} for part in parts]
    return replace(message, blocks=(*sections, *filter(_is_row, message.blocks)), edge=None)


def as_text(message: Message, instead: str = WITHOUT_BUTTONS) -> Message:
    """The same without blocks. Where that takes buttons away it begins with `instead`."""
    plain = f"{escape(instead)}\n{message.plain}" if has_buttons(message) else message.plain
    return replace(message, blocks=(), plain=plain, edge=None)


def that_counts(message: Message) -> Message:
    """The same message, which says that it counts, and not the one before it."""
    card = Card()
    card.context(ONE_COUNTS)
    plain = f"{escape(ONE_COUNTS)}\n{message.plain}"
    return replace(message, blocks=(*blocks(card.body), *message.blocks), plain=plain)


def forms(message: Message, instead: str = WITHOUT_BUTTONS) -> Iterator[dict[str, Any]]:
    """The message as Slack takes it, then plainer and plainer, as payloads."""
    yield message.payload()
    if any(block.get("type") == CHART for block in message.blocks):
        message = without_charts(message)
        yield message.payload()
    if message.tables:
        message = without_tables(message)
        yield message.payload()
    if has_buttons(message):
        yield as_sections(message).payload()
    yield as_text(message, instead).plain_payload()


def _is_row(block: Block) -> bool:
    return block.get("type") == "actions"
