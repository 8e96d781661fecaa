"""What is told of how a request ended: whoever reads it has not looked at the card."""

from collections.abc import Mapping
from typing import Any

from bot.operations.model import State
from bot.slack.cards.blocks.rich import Span, code, shorten
from bot.slack.cards.operation.phrases import it_said
from bot.slack.cards.operation.serving import is_unchanged, serving, writes_now
from bot.slack.cards.operation.status_line import how_it_broke_off, stage_line
from bot.slack.cards.operation.view import Parts, View
from bot.workflows.actions.model import Touches

SAID_SHOWN = 90
"""Characters: a reply has two lines and 200 characters."""

Lines = tuple[Parts, ...]
Data = Mapping[str, Any]


def in_place(view: View, _: Data) -> Lines:
    """It is so, and not by this request, or no longer."""
    return ((*stage_line(view), f": {view.briefly}"), serving(view, view.read_back))


def refused(view: View, _: Data) -> Lines:
    """PlanetScale said no."""
    unchanged = is_unchanged(view)
    check = () if unchanged else (view.check_it,)
    said = _clipped(it_said(view))
    changed = " Nothing changed." if unchanged else ""
    serves = "" if view.action.creates else f" {writes_now(view)}."
    return (
        (f"Did not happen: {view.briefly}. PlanetScale refused.{changed}{serves}",),
        (*said, "." if isinstance(said[-1], Span) else "", *check),
    )


def broke_off(view: View, _: Data) -> Lines:
    """It was taken and did not end as asked."""
    touched = view.action.touches is not Touches.NOTHING
    check = "Check the application now." if touched else "Look at the card."
    return (view.fill(how_it_broke_off(view).told), (check,))


def unknown(view: View, _: Data) -> Lines:
    """Nobody knows whether it happened."""
    return _filled(view, view.action.otherwise.unknown_told)


def resolved(view: View, event: Data) -> Lines:
    """By the state in which it ended, which may be yet another one since."""
    state = State(event.get("state", view.operation.state))
    match state:
        case State.REFUSED:
            return refused(view, event)
        case State.BROKE_OFF:
            return broke_off(view, event)
        case State.NEEDS_PERSON | State.UNKNOWN:
            return needs_person(view, event)
        case State.NOT_SEEN:
            return _did_not(view)
        case _ if view.operation.outcome.settled_by or state is State.IN_PLACE:
            return in_place(view, event)
        case _:
            return _did(view)


def _did(view: View) -> Lines:
    """Once it is known; who serves what is said once."""
    return (view.fill(view.action.after.found_told),)


def _did_not(view: View) -> Lines:
    by = view.operation.outcome.settled_by
    if not by:
        return _filled(view, view.action.otherwise.not_seen_told)
    serves = "" if view.action.creates else f" {writes_now(view)}."
    said = ("It did not happen, says ", view.called(by), f": {view.briefly}.{serves}")
    return (said, (f"This was not read back.{view.check_it}",))


def needs_person(view: View, _: Data) -> Lines:
    """Reads cannot settle it."""
    return (
        (f"Outcome not known: {view.briefly}. Reads cannot settle it.",),
        ("Look at it, then say on the card what happened.",),
    )


def slow(view: View, _: Data) -> Lines:
    """Under way for longer than usual."""
    return _filled(view, view.action.meanwhile.slow_told)


def late_effect(view: View, _: Data) -> Lines:
    """It happened after its end as not seen to happen."""
    late, latest = view.at(view.operation.outcome.late_effect_at), view.read_back
    happened = latest is not None and view.action.is_done(latest)
    what = "it happened after all" if happened else "it was taken after all"
    return (
        (f"{view.title}, {view.ref}: {what}, seen at ", late, "."),
        view.fill("{serving_sentence}{check_it}"),
    )


def _filled(view: View, templates: tuple[str, ...]) -> Lines:
    return tuple(view.fill(template) for template in templates)


def _clipped(parts: Parts) -> Parts:
    """PlanetScale's words, short enough for a call."""
    return tuple(code(shorten(part.text, SAID_SHOWN)) if isinstance(part, Span) else part for part in parts)
