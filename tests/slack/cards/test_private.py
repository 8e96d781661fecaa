"""What one person is told after a press or a command."""

import re
from typing import Any

import pytest

from bot.approvals.decide import Reason
from bot.operations.model import Decided as Press
from bot.operations.model import DecisionKind, State, Story
from bot.operations.ports import PrivateAnswer
from bot.planetscale.calls import WorkflowCall
from bot.slack.cards.answers.private_answers import ANSWERS, private_answer
from bot.subjects.findings import block, warn_force
from tests.rows import each_row
from tests.slack.cards.stories import (
    COPIED,
    REPLICAS_MOVED,
    a_story,
    an_operation,
    approved,
    at,
    denied,
    lines,
    report,
)

EXTRA = {"channel": "C0DB", "link": "https://acme.slack.com/archives/C0DB/p1"}


def _story(state: State = State.WAITING, *decisions: Press, **differs: Any) -> Story:
    call = differs.pop("call", WorkflowCall.SWITCH_PRIMARIES)
    return a_story(an_operation(call, REPLICAS_MOVED, state, **differs), *decisions)


def _told(what: str, story: Story | None, **extra: Any) -> list[str]:
    return lines(private_answer(what, story, at(30), extra))


DBAS = ("S0DBAS",)
DIFFERS = warn_force("differs", "17 rows differ in line_items (2 shards). Do not switch before you know why.")
SENTENCES: list[tuple[str, Story, list[str]]] = [
    (
        Reason.REQUESTER_CANNOT_APPROVE,
        _story(),
        ["You asked for this, so somebody else has to approve it. You can withdraw it."],
    ),
    (
        Reason.NOT_AN_APPROVER,
        _story(approvers=DBAS),
        ["Approving this needs a member of @dbas. Ask one of them in the thread."],
    ),
    (
        Reason.NOT_AN_APPROVER,
        _story(approvers=("U0BEN", "U0CHI")),
        ["Approving this needs Ben or Chioma. Ask one of them in the thread."],
    ),
    (
        Reason.NOT_A_MEMBER,
        _story(),
        ["Only full members of this workspace can approve. Nothing was changed. Ask one of them."],
    ),
    (
        Reason.NOT_A_MEMBER,
        _story(State.BLOCKED),
        ["Only full members of this workspace can ask for this. Nothing was sent. Ask one of them."],
    ),
    (
        Reason.COUNTED_ALREADY,
        _story(State.WAITING, approved(), required=2),
        ["Your approval is counted already (1 of 2)."],
    ),
    (
        Reason.APPROVED_ALREADY,
        _story(State.READY, approved()),
        ["It is approved already, by Ben. No more approvals are needed."],
    ),
    (
        Reason.ENDED_ALREADY,
        _story(State.DENIED, denied(), ended_at=at(19)),
        ["Too late: Ben denied this at 02:19."],
    ),
    (
        Reason.ENDED_ALREADY,
        _story(State.WITHDRAWN, Press("U0ANA", DecisionKind.WITHDRAW, at(19)), ended_at=at(19)),
        ["Too late: Ana withdrew this at 02:19."],
    ),
    (
        Reason.ENDED_ALREADY,
        _story(State.SUPERSEDED, ended_at=at(21)),
        ["Too late: it is out of date since 02:21. Nothing was sent."],
    ),
    (
        Reason.ENDED_ALREADY,
        _story(State.EXPIRED, ended_at=at(-24 * 60)),
        ["This card is from yesterday and has ended. Current state: /workflow show shop 3"],
    ),
    (
        Reason.RUNNING_ALREADY,
        _story(State.SENDING, sent_at=at(20, 5)),
        ["Too late: PlanetScale was asked at 02:20:05."],
    ),
    (Reason.EXPIRED, _story(), ["Too late: this expired at 02:44. Nothing was sent."]),
    (
        Reason.DENY_NOT_ALLOWED,
        _story(),
        ["Only people who could approve this, or Ana by withdrawing it, can stop it."],
    ),
    (Reason.WITHDRAW_NOT_ALLOWED, _story(), ["Only Ana, who asked for this, can withdraw it."]),
    (
        Reason.UNKNOWN_PERSON,
        _story(),
        ["Slack could not say who you are just now, so this did not count. Press again in a minute."],
    ),
    (
        "ask_in_a_channel",
        _story(),
        ["A second person has to see this, so ask in a channel: #C0DB watches shop. Nothing was sent."],
    ),
    (
        "nobody_here",
        _story(approvers=DBAS),
        ["Nobody in this channel may approve this (it needs @dbas). The card is in #C0DB · open"],
    ),
    ("card_posted", _story(), ["The card is in #C0DB · open"]),
    (
        "blocked",
        _story(report=report(block("state", "Still copying, about 41 %."))),
        ["Still copying, about 41 %.", "Nothing was sent."],
    ),
    (
        "blocked",
        _story(report=report(block("a", "One."), block("b", "Two."), block("c", "Three."))),
        ["One.", "Two.", "Three.", "Nothing was sent."],
    ),
    (
        "blocked",
        _story(report=report(*(block(str(n), f"Reason {n}.") for n in range(1, 8)))),
        [*(f"Reason {n}." for n in range(1, 6)), "And 2 more reasons.", "Nothing was sent."],
    ),
    (
        "needs_force",
        _story(report=report(DIFFERS)),
        [
            "1 warning needs --force: 17 rows differ in line_items (2 shards). "
            "Do not switch before you know why.",
            'To go on, type it again with --force --reason="…". A second person still has to approve.',
        ],
    ),
    (
        "needs_force",
        _story(report=report(DIFFERS), reason="the sale begins at 9"),
        [
            "1 warning needs --force: 17 rows differ in line_items (2 shards). "
            "Do not switch before you know why.",
            "To go on in spite of it, type it again with --force. A second person still has to approve.",
        ],
    ),
    (
        "needs_reason",
        _story(force=True),
        [
            "A forced request needs a reason, for those who approve it. Nothing was sent.",
            "Type it again with --force, and say why. Without that flag: "
            '/workflow switch-traffic shop 3 --reason="…"',
        ],
    ),
    (
        "needs_reason",
        _story(),
        [
            "Switch primaries needs a reason: the policy asks why. Nothing was sent. "
            'Press the button, or type: /workflow switch-traffic shop 3 --reason="…"',
            "[Say why …]",
        ],
    ),
    (
        "asked_already",
        _story(requester="U0CHI", asked_at=at(5)),
        ["Chioma asked for this at 02:05; it waits for 1 approval · open"],
    ),
    (
        "unreadable",
        _story(),
        [
            "PlanetScale did not answer, so nothing could be checked and nothing was sent. "
            "Try again in a minute."
        ],
    ),
]


@pytest.mark.parametrize(
    ("what", "story", "read"), SENTENCES, ids=[f"{what} {n}" for n, (what, *_) in enumerate(SENTENCES)]
)
def test_the_sentence(what: str, story: Story, read: list[str]) -> None:
    """A press or a command that does not count is answered in one exact sentence, seen by nobody else."""
    assert _told(what, story, **EXTRA) == read


@each_row("what", sorted(ANSWERS | set(Reason) | set(PrivateAnswer) - {PrivateAnswer.CONFIRM}))
@each_row("state", [State.WAITING, State.DENIED, State.SUCCEEDED])
def test_there_is_an_answer_to_everything(what: str, state: State) -> None:
    """Whatever comes of a press is answered, in two lines and 200 characters at most."""
    for extra in ({}, EXTRA):
        told = _told(what, _story(state, report=report(DIFFERS)), **extra)
        assert 1 <= len(told) <= 2
        assert 0 < sum(map(len, told)) <= 200


def test_without_its_database_the_bot_says_what_is_left() -> None:
    """A request that cannot be taken down is answered with the way around the bot."""
    assert _told("no_database", None) == [
        "I cannot take this down right now, so nothing was done. Try again; in an emergency use pscale."
    ]


def test_a_long_line_stands_alone() -> None:
    """A line to be typed that a phone would break stands on a line of its own, ready to be copied."""
    asked = an_operation(WorkflowCall.SWITCH_REPLICAS, COPIED, State.WITHDRAWN)
    assert _told("not_now", a_story(asked)) == [
        "All right. Nothing was sent. To ask again:",
        "/workflow switch-traffic shop 3 --replicas-only",
    ]


@pytest.mark.parametrize("what", ["needs_force", "needs_reason", "not_now", "which"])
@pytest.mark.parametrize("force", [True, False])
def test_no_line_with_force_is_handed_out(what: str, force: bool) -> None:
    """That there is a flag is said in words; the line to paste never holds it."""
    operation = an_operation(
        WorkflowCall.SWITCH_REPLICAS,
        COPIED,
        State.BLOCKED,
        report=report(DIFFERS),
        force=force,
        choices=((5, "catalog-split"),),
    )
    told = "\n".join(_told(what, a_story(operation)))
    assert "shop 3 --replicas-only" in told or "shop 5 --replicas-only" in told or what == "needs_force"
    assert not re.search(r"/workflow [^\n]*--force", told)


def test_the_link_is_live_and_nothing_else() -> None:
    """An answer links to Slack's own address only."""
    message = private_answer("card_posted", _story(), at(30), EXTRA)
    found = message.blocks[0]["elements"][0]["elements"]
    assert [one["url"] for one in found if one["type"] == "link"] == [EXTRA["link"]]
