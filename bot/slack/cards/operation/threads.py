"""What is told beside the card: replies in its thread, and calls in the channel."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.operations.events import Event
from bot.operations.model import DecisionKind, State, Story
from bot.slack.cards.answers.pending_answers import owed_by_message
from bot.slack.cards.blocks.rich import Card, Channel, Line, Link, Message, Part, shorten
from bot.slack.cards.operation import threads_outcome as outcome
from bot.slack.cards.operation.called import mentioned
from bot.slack.cards.operation.card import view_of
from bot.slack.cards.operation.lists import tables_reply
from bot.slack.cards.operation.notices import that_it_is_so
from bot.slack.cards.operation.reason import said_by_a_person, why
from bot.slack.cards.operation.status_line import NOTHING_SENT, stage_line
from bot.slack.cards.operation.threads_outcome import Data, Lines
from bot.slack.cards.operation.view import Parts, View, quoted

TOLD_LATE = timedelta(minutes=5)
_SAY_WHEN = frozenset({Event.REMINDER, Event.ASK_SOMEONE, Event.SUCCEEDED})
"""Their own sentences have the time, and they are written anew when what they say is past."""
_OF_THE_CARD = frozenset(
    {Event.DENIED, Event.EXPIRED, Event.TOO_LATE, Event.SUPERSEDED, Event.WITHDRAWN, Event.BEGUN}
)
"""Their sentences do not say of which request they are."""
_ENDS = frozenset(
    {
        *(Event.SUCCEEDED, Event.BEGUN, Event.IN_PLACE, Event.DENIED, Event.WITHDRAWN, Event.EXPIRED),
        *(Event.TOO_LATE, Event.SUPERSEDED, Event.REFUSED, Event.BROKE_OFF),
    }
)
CAUSE_SHOWN = 110
"""Characters: a reply has two lines and 200 characters."""


def event_message(event: Mapping[str, Any], story: Story, now: datetime) -> Message:
    """How an event reads. `event["event"]` is an `Event`; the rest is optional:

    `of_move`: it stands below the live message of the workflow, not below the card · `state`: the operation's
    state when it was told · `about`: whom `ask_someone` asks · `at`: when it happened, ISO 8601, so that a
    late message can say so · `link`: Slack's, to the card · `part`: of a list of tables that has several ·
    `to`: who alone reads it · `what`: which private answer. Raises `ValueError` for an event that there is
    not.
    """
    what = Event(event["event"])
    if what is Event.TABLES:
        return tables_reply(story, now, int(event.get("part", 1)))
    if what is Event.ANSWER:
        return owed_by_message(str(event.get("what", "ended_already")), story, now)
    view = view_of(story, now)
    lines, called = _lines(what, view, event), [] if event.get("to") else _called(what, view, event)
    card = Card()
    for parts in lines[:-1]:
        card.line(*parts)
    card.line(*lines[-1], *_late(view, event), *_mentions(called, view), *_link(event))
    text = " ".join(Line(parts).plain for parts in lines)
    return card.message(text if view.ref in text else f"{view.title}, {view.ref}: {text}")


def _lines(what: Event, view: View, event: Data) -> Lines:
    """Away from its card, it says what it is about; and where it ends, why it was asked for."""
    first, *rest = _TOLD[what](view, event)
    if event.get("of_move") and what in _ENDS:
        rest = [*why(view), *rest]
    if event.get("of_move") and what in _OF_THE_CARD and isinstance(first[0], str):
        first = (f"{view.title}: {first[0][:1].lower()}{first[0][1:]}", *first[1:])
    return (first, *rest)


def _called(what: Event, view: View, event: Data) -> list[str]:
    """Whom it mentions: people who must act now, nobody else."""
    requester = view.operation.requester
    match what:
        case Event.REMINDER | Event.ASK_SOMEONE if view.operation.state is not State.WAITING:
            return []
        case Event.REMINDER:
            return _still_called(view)
        case Event.DENIED | Event.EXPIRED | Event.TOO_LATE | Event.NOWHERE:
            return [requester]
        case Event.SUCCEEDED | Event.ELSEWHERE | Event.WITHDRAWN | Event.BEGUN:
            return []
        case Event.ASK_SOMEONE:
            return [str(event["about"])] if event.get("about") else []
        case Event.BROKE_OFF:
            return list(dict.fromkeys([*_involved(view), *view.operation.to_call]))
        case _:
            return _involved(view)


def _involved(view: View) -> list[str]:
    """Who asked, and who approved."""
    return list(dict.fromkeys([view.operation.requester, *(one.user for one in view.story.approved_by)]))


def _still_called(view: View) -> list[str]:
    """Whom the policy calls and who has not approved; where it calls nobody, who asked: they can ask."""
    operation = view.operation
    approved = {user for one in view.story.approved_by for user in (one.user, operation.identity(one.user))}
    if not operation.to_call:
        return [operation.requester]
    return [one for one in operation.to_call if one not in approved]


def _mentions(called: list[str], view: View) -> Parts:
    parts: list[Part] = []
    for user in called:
        parts += [" ", mentioned(view, user)]
    return tuple(parts)


def _late(view: View, event: Data) -> Parts:
    at = _moment(event)
    late = at is not None and view.now - at > TOLD_LATE and event["event"] not in _SAY_WHEN
    return (" (at ", view.at(at), ", told late)") if late else ()


def _moment(event: Data) -> datetime | None:
    """When it was to be told."""
    return datetime.fromisoformat(event["at"]) if event.get("at") else None


def _link(event: Data) -> Parts:
    return (" · ", Link(str(event["link"]))) if event.get("link") else ()


def _reminder(view: View, event: Data) -> Lines:
    """Until when it waits; afterwards, what was so when it was told."""
    operation = view.operation
    given, required = len(view.story.approved_by), max(1, operation.required)
    if operation.state is not State.WAITING or operation.expires_at is None:
        return (_reminded(view, _moment(event)),)
    so_far = f"{given} of {required} approvals so far" if given else "Nobody has approved yet"
    ask = "" if operation.to_call or event.get("to") else " Ask someone on the card."
    return ((f"{so_far}; the request expires at ", view.expires, ".", ask), *why(view))


def _reminded(view: View, at: datetime | None) -> Parts:
    if at is None:
        return ("Half of the waiting time was over.",)
    then = replace(view.story, decisions=tuple(one for one in view.story.decisions if one.at <= at))
    given = len(then.approved_by)
    so_far = f"{given} of {max(1, view.operation.required)}" if given else "Nobody"
    return (f"{so_far} had approved at ", view.at(at), ".")


def _ask_someone(view: View, event: Data) -> Lines:
    """The question; once nobody is waited for, that it was asked."""
    if view.operation.state is not State.WAITING:
        whom = view.called(str(event.get("about")))
        if event.get("to"):
            asked = f" asked for your approval ({view.briefly}). It waits for nobody any more."
            return ((view.who, asked),)
        return ((view.who, " asked ", whom, f" to approve this ({view.briefly})."),)
    left = view.operation.expires_at
    until: Parts = (" until ", view.at(left)) if left else ()
    forced = ("Forced: ",) if view.forced_over else ()
    asks: Parts = (*forced, *view.fill("{who} asks for your approval"), f" ({view.briefly})", *until, ".")
    return (asks, *why(view))


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
    return (("Out of date: ", *quoted(cause, view.operation.asked_at)), ("Nothing was sent.",))


def _begun(view: View, _: Data) -> Lines:
    return ((*stage_line(view), "."),)


def _succeeded(view: View, _: Data) -> Lines:
    if view.is_overtaken:
        return (
            (f"{view.ref}: ", *stage_line(view), "."),
            ("Since then: ", *view.since_then, "."),
        )
    return (that_it_is_so(view),)


def _nowhere(view: View, _: Data) -> Lines:
    return (
        (
            f"Your request ({view.briefly}) could not be shown: "
            "Slack takes no message from me in its channel.",
        ),
        ("Nothing was sent. Invite me there, then ask again.",),
    )


def _elsewhere(view: View, event: Data) -> Lines:
    channel = event.get("channel")
    if channel == view.operation.requester:
        alone = f"I may not post in the channel of your request ({view.briefly}), so only you see it."
        return ((alone,), ("Invite me there for the next one.",))
    where: Parts = (" in ", Channel(str(channel))) if channel else (" elsewhere",)
    return ((f"I may not post where you asked, so your request ({view.briefly}) is", *where),)


_TOLD: Mapping[Event, Callable[[View, Data], Lines]] = {
    Event.REMINDER: _reminder,
    Event.ASK_SOMEONE: _ask_someone,
    Event.DENIED: _denied,
    Event.EXPIRED: _not_sent,
    Event.TOO_LATE: _not_sent,
    Event.SUPERSEDED: _superseded,
    Event.WITHDRAWN: _not_sent,
    Event.BEGUN: _begun,
    Event.SUCCEEDED: _succeeded,
    Event.IN_PLACE: outcome.in_place,
    Event.REFUSED: outcome.refused,
    Event.BROKE_OFF: outcome.broke_off,
    Event.UNKNOWN: outcome.unknown,
    Event.RESOLVED: outcome.resolved,
    Event.NEEDS_PERSON: outcome.needs_person,
    Event.SLOW: outcome.slow,
    Event.LATE_EFFECT: outcome.late_effect,
    Event.NOWHERE: _nowhere,
    Event.ELSEWHERE: _elsewhere,
}
