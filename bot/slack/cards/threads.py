"""What is told beside the card: replies in its thread, and calls in the channel."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.operations.events import Event
from bot.operations.model import DecisionKind, State, Story
from bot.slack.cards.buttons import ASK_SOMEONE
from bot.slack.cards.controls import PersonPicker
from bot.slack.cards.deeds import CUTOVERS, LEAVES_TRAFFIC_ALONE, MAKES_WRITES_WAIT, REVERSES, VERBS, Deed
from bot.slack.cards.lists import tables_reply
from bot.slack.cards.notices import is_so
from bot.slack.cards.operation import briefly, view_of
from bot.slack.cards.operation_ends import said_by_a_person
from bot.slack.cards.operation_stages import NOTHING_SENT, fact, stage_line, still
from bot.slack.cards.operation_trouble import it_said
from bot.slack.cards.owed import owed_by_message
from bot.slack.cards.rich import Card, Channel, Line, Link, Message, Part, Span, code, shorten
from bot.slack.cards.serving import serving, writes_now
from bot.slack.cards.view import Parts, View, quoted
from bot.slack.cards.words import duration
from bot.workflows.states import State as WorkflowState
from bot.workflows.states import state_of

TOLD_LATE = timedelta(minutes=5)
CAUSE_SHOWN, SAID_SHOWN = 110, 90
"""Characters: a reply has two lines and 200 characters."""

Lines = tuple[Parts, ...]
Data = Mapping[str, Any]


def event_message(event: Mapping[str, Any], story: Story, now: datetime, names: Mapping[str, str]) -> Message:
    """How an event reads. `event["event"]` is an `Event`; the rest is optional:

    `state`: the operation's state when it was told · `about`: whom `ask_someone` asks · `at`: when it
    happened, ISO 8601, so that a late message can say so · `link`: Slack's, to the card · `part`: of a list
    of tables that has several · `what`: which private answer. Raises `ValueError` for an event that there
    is not.
    """
    what = Event(event["event"])
    if what is Event.TABLES:
        return tables_reply(story, now, int(event.get("part", 1)))
    if what is Event.ANSWER:
        return owed_by_message(str(event.get("what", "ended_already")), story, now)
    view = view_of(story, now, names)
    lines, called = _TOLD[what](view, event), _called(what, view, event)
    card = Card()
    for parts in lines[:-1]:
        card.line(*parts)
    card.line(*lines[-1], *_late(view, event), *_mentions(called, view), *_link(event))
    if what is Event.REMINDER and view.operation.state is State.WAITING:
        picker = PersonPicker("Ask someone", ASK_SOMEONE)
        card.actions(picker, block_id=f"{ASK_SOMEONE}:{view.operation.id}")
    text = " ".join(Line(parts).plain for parts in lines)
    return card.message(text if view.ref in text else f"{VERBS[view.deed]}, {view.ref}: {text}")


def _called(what: Event, view: View, event: Data) -> list[str]:
    """Whom it mentions: people who must act now, nobody else."""
    requester = view.operation.requester
    match what:
        case Event.REMINDER | Event.DENIED | Event.EXPIRED | Event.TOO_LATE | Event.NOWHERE:
            return [requester]
        case Event.SUCCEEDED | Event.ELSEWHERE:
            return []
        case Event.ASK_SOMEONE:
            return [str(event["about"])] if event.get("about") else []
        case _:
            return list(dict.fromkeys([requester, *(one.user for one in view.story.approved_by)]))


def _mentions(called: list[str], view: View) -> Parts:
    parts: list[Part] = []
    for user in called:
        parts += [" ", view.mention(user)]
    return tuple(parts)


def _late(view: View, event: Data) -> Parts:
    at = datetime.fromisoformat(event["at"]) if event.get("at") else None
    late = at is not None and view.now - at > TOLD_LATE
    return (" (at ", view.at(at), ", told late)") if late else ()


def _link(event: Data) -> Parts:
    return (" · ", Link(str(event["link"]), "card")) if event.get("link") else ()


def _reminder(view: View, _: Data) -> Lines:
    operation = view.operation
    given, required = len(view.story.approved_by), max(1, operation.required)
    if operation.state is not State.WAITING or operation.expires_at is None:
        return ((f"Half of the waiting time was over with {given} of {required} approvals.",),)
    so_far = f"{given} of {required} approvals so far" if given else "Nobody has approved yet"
    return ((f"{so_far}; {duration(operation.expires_at - view.now)} left.",),)


def _ask_someone(view: View, _: Data) -> Lines:
    left = view.operation.expires_at
    until: Parts = (" until ", view.at(left)) if left else ()
    return ((*view.fill("{who} asks for your approval"), f" ({briefly(view)})", *until, "."),)


def _denied(view: View, _: Data) -> Lines:
    denied = view.story.last(DecisionKind.DENY)
    by: Parts = (" by ", view.called(denied.user)) if denied else ()
    reason: Parts = (": ", *said_by_a_person(denied.reason)) if denied and denied.reason else (".",)
    return (("Denied", *by, *reason), ("Nothing was sent.",))


def _not_sent(view: View, _: Data) -> Lines:
    stage = [part.replace(NOTHING_SENT, ".") if isinstance(part, str) else part for part in stage_line(view)]
    return ((*stage, " Nothing was sent."),)


def _superseded(view: View, _: Data) -> Lines:
    cause = shorten(view.operation.outcome.cause or "what changed is not recorded.", CAUSE_SHOWN)
    return (("Out of date: ", *quoted(cause)), ("Nothing was sent.",))


def _succeeded(view: View, _: Data) -> Lines:
    return (is_so(view),)


def _in_place(view: View, _: Data) -> Lines:
    return ((*stage_line(view), f": {briefly(view)}"), serving(view, view.operation.outcome.latest))


def _refused(view: View, _: Data) -> Lines:
    check = () if view.deed in LEAVES_TRAFFIC_ALONE else (" Check the application.",)
    said = _clipped(it_said(view))
    serves = "" if view.deed is Deed.CREATE else f" {writes_now(view)}."
    return (
        (f"Did not happen: {briefly(view)}. PlanetScale refused.{serves}",),
        (*said, "." if isinstance(said[-1], Span) else "", *check),
    )


def _broke_off(view: View, _: Data) -> Lines:
    latest = view.operation.outcome.latest
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


def _unknown(view: View, _: Data) -> Lines:
    if view.deed is Deed.CREATE:
        return (view.fill("Outcome not known: create {name}. Looking for it; it is not created twice."),)
    asked = (f"Outcome not known: {briefly(view)}, asked at ", *view.fill("{sent}. It is not sent again."))
    return (asked, ("Reading on.",) if view.deed in LEAVES_TRAFFIC_ALONE else ("Check the application now.",))


def _resolved(view: View, event: Data) -> Lines:
    """By the state in which it ended, which may be yet another one since."""
    state = State(event.get("state", view.operation.state))
    match state:
        case State.REFUSED:
            return _refused(view, event)
        case State.BROKE_OFF:
            return _broke_off(view, event)
        case State.NEEDS_PERSON | State.UNKNOWN:
            return _needs_person(view, event)
        case State.NOT_SEEN:
            return _did_not(view)
        case _ if view.operation.outcome.settled_by or state is State.IN_PLACE:
            return _in_place(view, event)
        case _:
            return (("It did happen: ", *fact(view), f". {writes_now(view)}."),)


def _did_not(view: View) -> Lines:
    by = view.operation.outcome.settled_by
    said: Parts = (", says ", view.called(by)) if by else ()
    if view.deed is Deed.CREATE and not by:
        created = view.fill("It was not created: {name} in {db}.")
        return (created, ("If it appears after all, that is told.",))
    check = "" if view.deed in LEAVES_TRAFFIC_ALONE else " Check the application."
    how = "This was not read back." if by else "Unchanged so far."
    serves = "" if view.deed is Deed.CREATE else f" {writes_now(view)}."
    return (("It did not happen", *said, f": {briefly(view)}.{serves}"), (f"{how}{check}",))


def _needs_person(view: View, _: Data) -> Lines:
    return (
        (f"Outcome not known: {briefly(view)}. Reads cannot settle it.",),
        ("Look at it, then say on the card what happened.",),
    )


def _slow(view: View, _: Data) -> Lines:
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


def _late_effect(view: View, _: Data) -> Lines:
    return ((f"{view.ref}: ", *stage_line(view)), (f"{writes_now(view)}. Check the application.",))


def _nowhere(view: View, _: Data) -> Lines:
    return (
        (
            f"Your request ({briefly(view)}) could not be shown: "
            "Slack takes no message from me in its channel.",
        ),
        ("Nothing was sent. Invite me there, then ask again.",),
    )


def _elsewhere(view: View, event: Data) -> Lines:
    channel = event.get("channel")
    if channel == view.operation.requester:
        alone = f"I may not post in the channel of your request ({briefly(view)}), so only you see it."
        return ((alone,), ("Invite me there for the next one.",))
    where: Parts = (" in ", Channel(str(channel))) if channel else (" elsewhere",)
    return ((f"I may not post where you asked, so your request ({briefly(view)}) is", *where),)


def _clipped(parts: Parts) -> Parts:
    """PlanetScale's words, short enough for a call."""
    return tuple(code(shorten(part.text, SAID_SHOWN)) if isinstance(part, Span) else part for part in parts)


_TOLD: Mapping[Event, Callable[[View, Data], Lines]] = {
    Event.REMINDER: _reminder,
    Event.ASK_SOMEONE: _ask_someone,
    Event.DENIED: _denied,
    Event.EXPIRED: _not_sent,
    Event.TOO_LATE: _not_sent,
    Event.SUPERSEDED: _superseded,
    Event.SUCCEEDED: _succeeded,
    Event.IN_PLACE: _in_place,
    Event.REFUSED: _refused,
    Event.BROKE_OFF: _broke_off,
    Event.UNKNOWN: _unknown,
    Event.RESOLVED: _resolved,
    Event.NEEDS_PERSON: _needs_person,
    Event.SLOW: _slow,
    Event.LATE_EFFECT: _late_effect,
    Event.NOWHERE: _nowhere,
    Event.ELSEWHERE: _elsewhere,
}
