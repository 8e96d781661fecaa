"""The sentence that closes a message whose subject is over."""

from bot.slack.cards.blocks.rich import At, Part, one_line, shorten
from bot.slack.cards.blocks.templates import Parts
from bot.workflows.observing.closing import Closing

LONGEST = 64


def over(closing: Closing, moment: Part, longest: int = LONGEST) -> Parts:
    """`Over: it has been running again since 03:12.` A moment with its day takes no "at" before it.

    `longest`: how long a keyspace's name may be in it.
    """
    words = closing.words.replace("{place}", shorten(one_line(closing.place), longest))
    dated = isinstance(moment, At) and "{date" in moment.format
    return (f"Over: {words.removesuffix(' at') if dated else words} ", moment, ".")
