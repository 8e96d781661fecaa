"""Why it was asked for, in its requester's own words: on the card, in its thread, in what calls people."""

from bot.commands.reason import LONGEST
from bot.operations.model import BEFORE_SENDING
from bot.slack.cards.blocks.rich import Line, one_line, shorten
from bot.slack.cards.operation.consequences import overridden
from bot.slack.cards.operation.view import Parts, View

_IN_A_CALL = 110
"""Characters of it where somebody is called; the card has all of it."""


def under_the_title(view: View) -> list[Line]:
    """What it is forced over, and `Why: “the sale is over”`, in full: before anything else is read."""
    forced = overridden(view) if view.operation.state in BEFORE_SENDING else []
    said = view.operation.reason
    if not said:
        return forced
    reason: Parts = ("Why: ", *said_by_a_person(said))
    return [Line((*line.parts, " ", *reason)) for line in forced] or [Line(reason)]


def as_asked(view: View) -> Parts:
    """`Asked by Ana at 02:14`, with why: where nothing was sent."""
    said = view.operation.reason
    return (*view.fill("Asked by {who} at {asked_at}"), *((" · ", *said_by_a_person(said)) if said else ()))


def why(view: View) -> tuple[Parts, ...]:
    """The same in brief, under a sentence that calls somebody: a line, or none."""
    said = view.operation.reason
    return (("Why: ", *said_by_a_person(said, _IN_A_CALL)),) if said else ()


def said_by_a_person(text: str, most: int = LONGEST) -> Parts:
    """`“wrong vindex on line_items”`"""
    return (f"“{shorten(one_line(text), most)}”",)
