"""What is told beside the card: replies in its thread, and calls in the channel."""

from typing import Any

import pytest

from bot.approvals.terms import Gate
from bot.operations.events import Event
from bot.operations.model import Decided, DecisionKind, Outcome, State, Story
from bot.planetscale.calls import WorkflowCall
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.operation.buttons import ASK_SOMEONE
from bot.slack.cards.operation.card import operation_card
from bot.slack.cards.operation.threads import event_message
from bot.workflows.facts.moments import stamp
from tests.rows import each_row
from tests.slack.cards.scenes import ALL
from tests.slack.cards.stories import (
    COPYING,
    PRIMARIES_MOVED,
    REPLICAS_MOVED,
    SENT,
    a_story,
    an_operation,
    approved,
    at,
    denied,
    lines,
    read_back,
)

W = WorkflowCall
MOVED = PRIMARIES_MOVED.model_copy(update={"switch_primaries_at": at(20, 13)})


def _primaries(state: State, *decisions: Any, **differs: Any) -> Story:
    return a_story(an_operation(W.SWITCH_PRIMARIES, REPLICAS_MOVED, state, **differs), *decisions)


def _told(event: Event, story: Story, minutes: float = 29, **data: Any) -> list[str]:
    return lines(event_message({"event": event.value, **data}, story, at(minutes)))


def _mentioned(message: Message) -> list[str]:
    return [
        one["user_id"]
        for block in message.blocks
        if block["type"] == "rich_text"
        for section in block["elements"]
        for one in section["elements"]
        if one["type"] == "user"
    ]


BACK = read_back(REPLICAS_MOVED, 44, accepted_at=at(20, 6))
TOLD: list[tuple[Event, Story, list[str]]] = [
    (
        Event.REMINDER,
        _primaries(State.WAITING),
        ["Nobody has approved yet; the request expires at 02:44. Ask someone on the card. @Ana"],
    ),
    (
        Event.REMINDER,
        _primaries(State.WAITING, approved(), required=2),
        ["1 of 2 approvals so far; the request expires at 02:44. Ask someone on the card. @Ana"],
    ),
    (
        Event.REMINDER,
        _primaries(State.DENIED, denied(), ended_at=at(19)),
        ["Half of the waiting time was over."],
    ),
    (
        Event.DENIED,
        _primaries(State.DENIED, denied("Not during the sale."), ended_at=at(19)),
        ["Denied by Ben: “Not during the sale.”", "Nothing was sent. @Ana"],
    ),
    (
        Event.EXPIRED,
        _primaries(State.EXPIRED, ended_at=at(44)),
        ["Expired at 02:44 with 0 of 1 approvals. Nothing was sent. @Ana"],
    ),
    (
        Event.TOO_LATE,
        _primaries(State.TOO_LATE, approved(), approved_at=at(20), execute_by=at(25), ended_at=at(25)),
        ["Approved at 02:20, but it could not be sent by 02:25. Nothing was sent. @Ana"],
    ),
    (
        Event.SUPERSEDED,
        _primaries(
            State.SUPERSEDED,
            approved(),
            ended_at=at(21),
            outcome=Outcome(cause=f"Chioma switched replica reads at {stamp(at(18))}."),
        ),
        ["Out of date: Chioma switched replica reads at 02:18.", "Nothing was sent. @Ana @Ben"],
    ),
    (
        Event.SLOW,
        _primaries(State.UNDER_WAY, approved(), **SENT),
        [
            "Still switching after 60 s: shop #3. Writes may be waiting.",
            "Look at the application now. Do not cancel. @Ana @Ben",
        ],
    ),
    (
        Event.SUCCEEDED,
        _primaries(State.SUCCEEDED, approved(), **SENT, ended_at=at(20, 19), outcome=read_back(MOVED)),
        [
            "Writes of shop #3 have been on customer since 02:20. "
            "Way back, until the cutover: /workflow reverse-traffic shop 3"
        ],
    ),
    (
        Event.REFUSED,
        _primaries(
            State.REFUSED,
            approved(),
            **SENT,
            ended_at=at(21),
            outcome=read_back(REPLICAS_MOVED, said="timed out waiting for replication to catch up"),
        ),
        [
            "Did not happen: switch primaries, shop #3. PlanetScale refused. "
            "Nothing changed. Writes: commerce.",
            "It said: timed out waiting for replication to catch up. @Ana @Ben",
        ],
    ),
    (
        Event.BROKE_OFF,
        _primaries(State.BROKE_OFF, approved(), **SENT, ended_at=at(20, 44), outcome=BACK),
        [
            "Did not happen: switch primaries, shop #3. It broke off. Writes: commerce.",
            "Check the application now. @Ana @Ben",
        ],
    ),
    (
        Event.BROKE_OFF,
        a_story(
            an_operation(
                W.CUTOVER,
                PRIMARIES_MOVED,
                State.BROKE_OFF,
                **SENT,
                ended_at=at(21),
                outcome=read_back(PRIMARIES_MOVED),
            ),
            approved(),
        ),
        [
            "Broke off: cut over, shop #3. Part of it may have happened. Do not reverse traffic.",
            "Check the application now. @Ana @Ben",
        ],
    ),
    (
        Event.UNKNOWN,
        _primaries(State.UNKNOWN, approved(), **SENT),
        [
            "Outcome not known: switch primaries, shop #3, asked at 02:20:05. It is not sent again.",
            "Check the application now. @Ana @Ben",
        ],
    ),
    (
        Event.RESOLVED,
        _primaries(
            State.SUCCEEDED, approved(), **SENT, ended_at=at(22), outcome=read_back(MOVED, known_at=at(22))
        ),
        ["Switch primaries, shop #3: it did happen. Writes: customer · Replica reads: customer. @Ana @Ben"],
    ),
    (
        Event.RESOLVED,
        _primaries(State.NOT_SEEN, approved(), **SENT, ended_at=at(22), outcome=read_back(REPLICAS_MOVED)),
        [
            "Not seen to happen: switch primaries, shop #3. Writes: commerce.",
            "Unchanged so far. Check the application. @Ana @Ben",
        ],
    ),
    (
        Event.NEEDS_PERSON,
        _primaries(State.NEEDS_PERSON, approved(), **SENT, outcome=BACK),
        [
            "Outcome not known: switch primaries, shop #3. Reads cannot settle it.",
            "Look at it, then say on the card what happened. @Ana @Ben",
        ],
    ),
    (
        Event.LATE_EFFECT,
        _primaries(
            State.NOT_SEEN,
            approved(),
            **SENT,
            ended_at=at(22),
            outcome=read_back(MOVED, late_effect_at=at(29)),
        ),
        [
            "Switch primaries, shop #3: it happened after all, seen at 02:29.",
            "Writes: customer · Replica reads: customer. Check the application. @Ana @Ben",
        ],
    ),
    (
        Event.SUCCEEDED,
        a_story(
            an_operation(
                W.CANCEL,
                COPYING,
                State.SUCCEEDED,
                **SENT,
                ended_at=at(21),
                outcome=read_back(COPYING.model_copy(update={"state": "cancelled"})),
            )
        ),
        ["shop #3 is cancelled: the copies in customer are deleted. Writes: commerce."],
    ),
    (
        Event.SUCCEEDED,
        a_story(
            an_operation(
                W.REVERSE_TRAFFIC,
                PRIMARIES_MOVED,
                State.SUCCEEDED,
                **SENT | {"gate": Gate.CONFIRM},
                ended_at=at(21),
                outcome=read_back(None),
            )
        ),
        ["commerce has served everything of shop #3 again since 02:21. Nothing was deleted."],
    ),
]


@pytest.mark.parametrize(
    ("event", "story", "read"), TOLD, ids=[f"{event.value} {n}" for n, (event, *_) in enumerate(TOLD)]
)
def test_what_is_told(event: Event, story: Story, read: list[str]) -> None:
    """Each event reads as it is written down, and mentions those who must act now, nobody else."""
    assert _told(event, story) == read


@each_row("event", [event for event in Event if event is not Event.TABLES])
@each_row("name", ALL)
def test_it_is_short(event: Event, name: str) -> None:
    """Whatever has become of the request since, an event has three lines and 300 characters at most."""
    for _, story in ALL[name]():
        message = event_message({"event": event.value, "about": "U0CHI"}, story, at(29))
        told = lines(message)
        assert len(told) <= 3
        assert sum(map(len, told)) <= 300
        assert "shop" in message.text


def test_the_picker_knows_its_request() -> None:
    """The choice of a person says which request it is about: the picker itself carries no value."""
    for approvers, kind in (((), "users_select"), (("S0DBAS",), "external_select")):
        card = operation_card(_primaries(State.WAITING, approvers=approvers), at(29))
        row = next(block for block in card.blocks if block["type"] == "actions")
        assert row["block_id"] == f"{ASK_SOMEONE}:op1"
        assert row["elements"][-1]["type"] == kind


def test_a_question_that_is_over() -> None:
    """Once nobody is waited for, the question says whom it asked, and mentions nobody."""
    for to, read in (
        ({}, "Ana asked Chioma to approve this (switch primaries, shop #3)."),
        (
            {"to": "U0CHI"},
            "Ana asked for your approval (switch primaries, shop #3). It waits for nobody any more.",
        ),
    ):
        asked = {"event": "ask_someone", "about": "U0CHI", **to}
        message = event_message(asked, _primaries(State.DENIED, denied(), ended_at=at(19)), at(29))
        assert lines(message) == [read]
        assert _mentioned(message) == []


def test_only_the_one_who_was_picked_is_mentioned() -> None:
    """Asking someone mentions exactly that person."""
    message = event_message({"event": "ask_someone", "about": "U0CHI"}, _primaries(State.WAITING), at(29))
    assert _mentioned(message) == ["U0CHI"]
    assert lines(message) == ["Ana asks for your approval (switch primaries, shop #3) until 02:44. @Chioma"]


def test_what_is_told_late_says_so() -> None:
    """An event that Slack could not take at the time carries the time when it happened."""
    story = _primaries(State.DENIED, denied(), ended_at=at(19))
    assert _told(Event.DENIED, story, 90, at=at(19).isoformat()) == [
        "Denied by Ben.",
        "Nothing was sent. (at 02:19, told late) @Ana",
    ]


def test_the_call_links_to_the_card() -> None:
    """Where the card's address is known, a call leads to it."""
    story = _primaries(State.BROKE_OFF, approved(), **SENT, ended_at=at(20, 44), outcome=BACK)
    told = _told(Event.BROKE_OFF, story, link="https://acme.slack.com/archives/C0DB/p1")
    assert told[-1] == "Check the application now. @Ana @Ben · open"


def test_a_reminder_that_is_over() -> None:
    """Afterwards it says how many had approved when it was told, whoever has come or gone since."""
    reminded = {"event": "reminder", "at": at(29).isoformat()}
    taken_back = Decided("U0BEN", DecisionKind.TAKE_BACK, at(31))
    story = _primaries(
        State.EXPIRED, approved(), approved("U0CHI", 30), taken_back, required=2, ended_at=at(44)
    )
    message = event_message(reminded, story, at(45))
    assert lines(message) == ["1 of 2 had approved at 02:29."]
    nobody = _primaries(State.SENDING, approved(minutes=30), **SENT)
    assert lines(event_message(reminded, nobody, at(45))) == ["Nobody had approved at 02:29."]
