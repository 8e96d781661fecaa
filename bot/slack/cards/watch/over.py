"""The sentence that closes a message whose subject is over."""

from bot.slack.cards.blocks.rich import At, Part, one_line, shorten
from bot.slack.cards.blocks.templates import Parts
from bot.workflows.observing.closing import Closing

LONGEST = 120


def over(closing: Closing, moment: Part) -> Parts:
    """`Over: it has been running again since 03:12.` A moment with its day takes no "at" before it."""
    words = shorten(one_line(closing.words), LONGEST)
    dated = isinstance(moment, At) and "{date" in moment.format
    return (f"Over: {words.removesuffix(' at') if dated else words} ", moment, ".")
