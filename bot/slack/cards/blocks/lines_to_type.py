"""Lines that are handed out to be typed or copied."""

from typing import Final

from bot.slack.cards.blocks.spans import Part, code

ONE_LINE: Final = 40
"""About so many columns has a line on a phone."""


def to_type(line: str, *before: Part) -> tuple[tuple[Part, ...], ...]:
    """The line behind what it is for; one that a phone breaks anyway stands on a line of its own."""
    if len(line) <= ONE_LINE:
        return ((*before, code(line)),)
    last = before[-1]
    return ((*before[:-1], last.rstrip() if isinstance(last, str) else last), (code(line),))
