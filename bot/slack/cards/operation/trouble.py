"""What a card says when it did not go as asked, or when nobody knows: first of all what to look at."""

import re

from bot.slack.cards.blocks.rich import Line
from bot.slack.cards.operation.again import may_be_asked_again
from bot.slack.cards.operation.by_hand import by_hand
from bot.slack.cards.operation.ends import settled
from bot.slack.cards.operation.phrases import instead, it_said
from bot.slack.cards.operation.serving import is_unchanged
from bot.slack.cards.operation.status_line import how_it_broke_off
from bot.slack.cards.operation.view import View

_CHECKS = ("Check ", "⚠️ Check ")
_ASKS_AGAIN = re.compile(r"\bask again\b|still possible|still be possible")
"""What is said only where the same, or the way back, would be taken."""


def slow(view: View) -> list[Line]:
    """Under way for longer than usual."""
    return view.lines(view.action.meanwhile.slow)


def unknown(view: View) -> list[Line]:
    """Nobody knows whether it happened."""
    return _doubt(view)


def needs_person(view: View) -> list[Line]:
    """Reads cannot settle it."""
    asks = "Look at it in the dashboard and in the application, then say here what happened."
    meanwhile = "" if view.action.creates else " Until then other requests to {ref} are refused."
    who = f"Whoever may approve this may say it.{meanwhile}"
    return [*_doubt(view), *view.lines((asks, who))]


def refused(view: View) -> list[Line]:
    """PlanetScale said no. Where a read showed that it is as it was, there is nothing to check."""
    templates = view.action.otherwise.refused
    if not may_be_asked_again(view):
        templates = (*(one for one in templates if not _ASKS_AGAIN.search(one)), instead(view))
    if is_unchanged(view):
        templates = tuple(one for one in templates if not one.startswith(_CHECKS))
    cause = view.operation.outcome.cause
    if cause:
        templates = tuple(one for one in templates if not one.startswith("Next:"))
    why = [Line(view.sentence(cause))] if cause else []
    otherwise = by_hand(view) if cause and is_unchanged(view) else []
    return [Line(it_said(view)), *why, *otherwise, *view.lines(templates)]


def broke_off(view: View) -> list[Line]:
    """It was taken and did not end as asked."""
    return view.lines(how_it_broke_off(view).card)


def not_seen(view: View) -> list[Line]:
    """Two minutes of reads show it unchanged. It could still happen late."""
    if view.operation.outcome.settled_by:
        return settled(view)
    return view.lines(view.action.otherwise.not_seen)


def their_words(view: View) -> list[Line]:
    """PlanetScale's words, where there are any."""
    return [Line(it_said(view))] if view.operation.outcome.said else []


def _doubt(view: View) -> list[Line]:
    words = view.action.otherwise
    return view.lines((*words.unknown, words.check))
