"""What is told of how a request ended: whoever reads it has not looked at the card."""

from collections.abc import Mapping
from typing import Any

from bot.operations.model import State
from bot.slack.cards.blocks.rich import Line, Span, code, shorten
from bot.slack.cards.operation.card import briefly
from bot.slack.cards.operation.deeds import (
    CUTOVERS,
    LEAVES_TRAFFIC_ALONE,
    MAKES_WRITES_WAIT,
    REVERSES,
    SWITCHES_WRITES,
    VERBS,
    Deed,
    is_so,
)
from bot.slack.cards.operation.facts_in_words import fact, still
from bot.slack.cards.operation.serving import is_unchanged, serving, writes_now
from bot.slack.cards.operation.status_line import stage_line
from bot.slack.cards.operation.trouble import it_said
from bot.slack.cards.operation.view import Parts, View
from bot.workflows.facts.states import State as WorkflowState
from bot.workflows.facts.states import state_of

SAID_SHOWN = 90
"""Characters: a reply has two lines and 200 characters."""

Lines = tuple[Parts, ...]
Data = Mapping[str, Any]


def in_place(view: View, _: Data) -> Lines:
    """It is so, and not by this request, or no longer."""
    return ((*stage_line(view), f": {briefly(view)}"), serving(view, view.read_back))


def refused(view: View, _: Data) -> Lines:
    """PlanetScale said no."""
    unchanged = is_unchanged(view)
    check = () if unchanged or view.deed in LEAVES_TRAFFIC_ALONE else (" Check the application.",)
    said = _clipped(it_said(view))
    changed = " Nothing changed." if unchanged else ""
    serves = "" if view.deed is Deed.CREATE else f" {writes_now(view)}."
    return (
        (f"Did not happen: {briefly(view)}. PlanetScale refused.{changed}{serves}",),
        (*said, "." if isinstance(said[-1], Span) else "", *check),
    )


def broke_off(view: View, _: Data) -> Lines:
    """It was taken and did not end as asked."""
    latest = view.read_back
    if view.deed in CUTOVERS:
        first = f"Broke off: {briefly(view)}. Part of it may have happened. Do not reverse traffic."
    elif latest is not None and state_of(latest.state) is WorkflowState.ERROR:
        first = f"Broke off: {briefly(view)}. PlanetScale shows an error. {writes_now(view)}."
    elif view.deed in REVERSES:
        first = f"Did not finish: {briefly(view)}. {writes_now(view)}, as PlanetScale reports it."
    else:
        first = f"Did not happen: {briefly(view)}. It broke off. {writes_now(view)}."
    check = "Look at the card." if view.deed in LEAVES_TRAFFIC_ALONE else "Check the application now."
    return ((first,), (check,))


def unknown(view: View, _: Data) -> Lines:
    """Nobody knows whether it happened."""
    if view.deed is Deed.CREATE:
        return (view.fill("Outcome not known: create {name}. Looking for it; it is not created twice."),)
    asked = (f"Outcome not known: {briefly(view)}, asked at ", *view.fill("{sent}. It is not sent again."))
    return (asked, ("Reading on.",) if view.deed in LEAVES_TRAFFIC_ALONE else ("Check the application now.",))


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
    if view.deed is Deed.CREATE:
        return ((*view.fill("Found: PlanetScale had created {ref} {name}. "), f"{writes_now(view)}."),)
    did = f"{VERBS[view.deed]}, {view.ref}: it did happen. "
    if view.deed in SWITCHES_WRITES | REVERSES | {Deed.REPLICAS}:
        return ((did, *_serving(view)),)
    return ((did, *fact(view), f". {writes_now(view)}."),)


def _did_not(view: View) -> Lines:
    by = view.operation.outcome.settled_by
    how_known: Parts = ("It did not happen, says ", view.called(by)) if by else ("Not seen to happen",)
    if view.deed is Deed.CREATE and not by:
        created = view.fill("Not seen to be created: {name} in {db}.")
        return (created, ("If it appears after all, that is told.",))
    check = "" if view.deed in LEAVES_TRAFFIC_ALONE else " Check the application."
    how = "This was not read back." if by else "Unchanged so far."
    serves = "" if view.deed is Deed.CREATE else f" {writes_now(view)}."
    return ((*how_known, f": {briefly(view)}.{serves}"), (f"{how}{check}",))


def needs_person(view: View, _: Data) -> Lines:
    """Reads cannot settle it."""
    return (
        (f"Outcome not known: {briefly(view)}. Reads cannot settle it.",),
        ("Look at it, then say on the card what happened.",),
    )


def slow(view: View, _: Data) -> Lines:
    """Under way for longer than usual."""
    if view.deed is Deed.CANCEL:
        return (
            view.fill(
                "Still cancelling {ref}. Building indexes can hold this up. {source} serves everything."
            ),
        )
    waits = " Writes may be waiting." if view.deed in MAKES_WRITES_WAIT else ""
    return (
        (f"{still(view)} after 60 s: {view.ref}.{waits}",),
        ("Look at the application now. Do not cancel.",),
    )


def late_effect(view: View, _: Data) -> Lines:
    """It happened after its end as not seen to happen."""
    late, latest = view.at(view.operation.outcome.late_effect_at), view.read_back
    happened = latest is not None and is_so(view.deed, latest)
    what = "it happened after all" if happened else "it was taken after all"
    check = "" if view.deed in LEAVES_TRAFFIC_ALONE else " Check the application."
    return (
        (f"{VERBS[view.deed]}, {view.ref}: {what}, seen at ", late, "."),
        (*_serving(view), check),
    )


def _serving(view: View) -> Parts:
    """Who serves what, as a sentence."""
    serves = serving(view, view.read_back)
    return serves if Line(serves).plain.endswith(".") else (*serves, ".")


def _clipped(parts: Parts) -> Parts:
    """PlanetScale's words, short enough for a call."""
    return tuple(code(shorten(part.text, SAID_SHOWN)) if isinstance(part, Span) else part for part in parts)
