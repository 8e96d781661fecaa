"""The long versions behind a card's buttons, the questions and the forms."""

from datetime import datetime
from typing import Any

import pytest

from bot.approvals.terms import Gate
from bot.commands.reason import LONGEST
from bot.demo.slack.blockkit import view_problems
from bot.operations.model import Decided, DecisionKind, State, Story
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.slack.cards.forms.modals import (
    Held,
    ask_because_view,
    deny_because_view,
    deny_reason_view,
    say_why_view,
)
from bot.slack.cards.operation.confirm import confirm_question
from bot.slack.cards.operation.lists import (
    MOST_CHARACTERS,
    all_tables,
    cutover_needs,
    details,
    full_text,
    tables_parts,
    tables_reply,
)
from bot.subjects.findings import Finding, Level, block, note, warn
from tests.rows import each_row
from tests.slack.cards.stories import (
    COPIED,
    COPYING,
    CUT_OVER,
    PRIMARIES_MOVED,
    REPLICAS_MOVED,
    a_story,
    an_operation,
    approved,
    at,
    lines,
    now_in,
    read_back,
    report,
)

W = WorkflowCall


def _story(call: W, seen: Workflow, **differs: Any) -> Story:
    return a_story(an_operation(call, seen, State.WAITING, **differs))


def _tables(*names: str) -> Workflow:
    tables = [{"name": name} for name in names]
    return Workflow.model_validate(PRIMARIES_MOVED.model_dump() | {"tables": tables})


def test_details() -> None:
    """Behind "Details" is in full what the card says in few words, and every check, the worst first, each
    with its sign and its sentence."""
    found = report(note("streams", "Streams: not reported."), warn("stale", "Verified 26 h ago."), passes=2)
    assert lines(details(_story(W.SWITCH_REPLICAS, COPIED, report=found), at(20))) == [
        "Switch replica reads, shop #3",
        "Replica and read-only queries for orders and line_items move from commerce to customer.",
        "Writes, and reads that do not ask for a replica, stay on commerce.",
        "Deletes nothing.",
        "↩️ Way back: /workflow reverse-traffic shop 3, at any time, without a second person.",
        "☐ Look first: replication lag in the dashboard. This bot does not read it.",
        "Checks of shop #3 · read 02:14",
        "⚠️ Verified 26 h ago.",
        "❓ Streams: not reported.",
        "✅ Check 1 is fine",
        "✅ The last one is fine",
    ]


def test_words_of_planetscale_stay_out_where_the_policy_says_so() -> None:
    """With `hide_errors` a check's sentence comes without the words that could hold values of rows."""
    quoting = Finding(Level.BLOCK, "x", "It says: `row 4711`", discreet="It reports an error.")
    story = _story(W.SWITCH_REPLICAS, COPIED, report=report(quoting), hide_errors=True)
    assert "⛔ It reports an error." in lines(details(story, at(20)))


def test_too_many_checks_are_counted() -> None:
    """A list that Slack would not take is cut, and says how much is missing."""
    found = report(*(block(f"b{n}", "no " * 40) for n in range(100)))
    read = lines(details(_story(W.SWITCH_REPLICAS, COPIED, report=found), at(20)))
    assert sum(map(len, read)) <= MOST_CHARACTERS + 100
    assert read[-1].startswith("and ")
    assert read[-1].endswith(" more checks")


def test_details_of_many_tables() -> None:
    """What is not named on the card is named there, every table."""
    many = tuple(f"t{n}" for n in range(40))
    read = lines(details(_story(W.CUTOVER, _tables(*many)), at(20)))
    assert read[read.index("40 tables of shop #3") + 1 :] == list(many)


def test_details_of_what_has_ended() -> None:
    """At its end a card says what is so now: its details are the checks as they were and what was taken
    back, and say no more what would happen."""
    ended = an_operation(W.CUTOVER, PRIMARIES_MOVED, State.EXPIRED, ended_at=at(44), report=report(passes=1))
    gone = Decided("U0BEN", DecisionKind.TAKE_BACK, at(17))
    assert lines(details(a_story(ended, approved(), gone), at(50))) == [
        "Ben approved at 02:16 and took it back at 02:17",
        "Checks of shop #3 · read 02:14",
        "✅ The last one is fine",
    ]


def test_all_tables() -> None:
    """Behind "All 40 tables" are their names."""
    read = lines(all_tables(_story(W.CUTOVER, _tables(*(f"t{n}" for n in range(40)))), at(20)))
    assert read[0] == "40 tables of shop #3"
    assert read[1:] == [f"t{n}" for n in range(40)]


@pytest.mark.parametrize(
    ("call", "seen", "first"),
    [
        (W.CUTOVER, PRIMARIES_MOVED, "⛔ shop #3: 2 tables are deleted from commerce when this is approved"),
        (
            W.CANCEL,
            COPYING,
            "⛔ shop #3: the copies of 2 tables are deleted from customer when this is approved",
        ),
    ],
)
def test_what_is_deleted_is_listed(call: W, seen: Workflow, first: str) -> None:
    """The first reply below a card that deletes names every table, and where."""
    story = _story(call, seen)
    assert tables_parts(story) == 1
    assert lines(tables_reply(story, at(20))) == [first, "orders", "line_items"]


def test_a_very_long_list_has_parts() -> None:
    """Hundreds of tables are all named, in as many replies as it takes."""
    everything = [f"{n:04}{'x' * 60}" for n in range(700)]
    story = _story(W.CUTOVER, _tables(*everything))
    parts = tables_parts(story)
    read = [line for part in range(1, parts + 1) for line in lines(tables_reply(story, at(20), part))[1:]]
    assert parts > 1
    assert read == everything
    with pytest.raises(ValueError, match="no such part"):
        tables_reply(story, at(20), parts + 1)


def test_where_nothing_is_deleted_there_is_no_list() -> None:
    """Only what deletes has a list of what is deleted."""
    assert tables_parts(_story(W.SWITCH_PRIMARIES, REPLICAS_MOVED)) == 0


def test_full_text() -> None:
    """PlanetScale's own words are kept whole for whoever asks, privately."""
    latest = now_in(COPIED, "error", workflow_errors="first line\nsecond line")
    story = a_story(
        an_operation(W.SWITCH_REPLICAS, COPIED, State.BROKE_OFF, outcome=read_back(latest, said="first line"))
    )
    assert lines(full_text(story, at(20))) == [
        "What PlanetScale said about shop #3",
        "first line",
        "first line",
        "second line",
    ]


def test_what_the_cutover_needs() -> None:
    """The button after a switch tells what has to be so before tables are deleted."""
    read = "\n".join(lines(cutover_needs(_story(W.SWITCH_PRIMARIES, PRIMARIES_MOVED), at(20))))
    assert "no longer names commerce" in read
    assert "require_explicit_routing" in read
    assert "/workflow cutover shop 3" in read


def _asked(call: W, seen: Workflow, unread: datetime | None = None, **differs: Any) -> list[str]:
    story = _story(call, seen, gate=Gate.CONFIRM, required=0, **differs)
    return lines(confirm_question(story, at(31), unread))


BACK = (
    "Deletes nothing. Replication back carries the writes made on customer since yesterday 00:14; "
    "PlanetScale waits until it has caught up."
)


def test_the_question_before_reversing() -> None:
    """Whoever reverses is told what moves, what waits, and what nobody knows."""
    assert _asked(W.REVERSE_TRAFFIC, PRIMARIES_MOVED) == [
        "Reverse traffic of shop #3 now?",
        "All queries for orders and line_items go back to commerce: primary, replica and read-only.",
        "Writes to these tables wait while it runs, usually for seconds. Some may fail.",
        BACK,
        "❓ Whether the replication back is healthy is not read by this bot.",
        "[Reverse now] [Not now] [Say why] [Open in PlanetScale]",
    ]


def test_reversing_when_writes_never_moved() -> None:
    """With replica reads alone on the target, nothing is said of writes that wait."""
    assert _asked(W.REVERSE_TRAFFIC, REPLICAS_MOVED) == [
        "Reverse traffic of shop #3 now?",
        "Replica and read-only queries for orders and line_items go back to commerce. "
        "Writes were never moved.",
        "Deletes nothing.",
        "[Reverse now] [Not now] [Say why] [Open in PlanetScale]",
    ]


def test_reversing_without_a_read() -> None:
    """The way back is offered although PlanetScale cannot be read, with what was known last."""
    read = _asked(W.REVERSE_TRAFFIC, PRIMARIES_MOVED, at(30))
    assert read[1] == "❓ PlanetScale could not be read just now; last known 02:30: customer serves writes"
    assert read[-1] == "[Reverse now] [Not now] [Say why] [Open in PlanetScale]"


def test_the_question_before_restoring_routing_rules() -> None:
    """Nobody restores routing rules in the belief that tables come back."""
    assert _asked(W.REVERSE_CUTOVER, CUT_OVER) == [
        "Restore the routing rules of shop #3?",
        "Queries that still name commerce for orders and line_items are routed to customer again.",
        "It does not bring back the tables in commerce: they were deleted (yesterday 00:20). "
        "All data stays in customer.",
        "Deletes nothing. Buys time to change the application.",
        "Way on: cut over again when the application no longer names commerce.",
        "[Restore routing rules] [Not now] [Say why] [Open in PlanetScale]",
    ]


def test_the_question_before_retrying() -> None:
    """Whoever retries is told that everything may be copied once more, and what stopped it."""
    stopped = now_in(COPYING, "stopped", workflow_errors="Table 'orders' … DDL encountered")
    assert _asked(W.RETRY, stopped, hide_errors=True) == [
        "Retry shop #3?",
        "PlanetScale decides: if the error allows it, the copy continues where it stopped; otherwise it "
        "starts over from the beginning.",
        "Starting over repeats about 412 M rows and its load on commerce.",
        "If it starts over, the copies in customer are thrown away and copied anew.",
        "It stopped with: Table 'orders' … DDL encountered",
        "Compare the schema of orders in commerce and customer first: a retry goes on after the change.",
        "[Retry] [Not now] [Say why] [Open in PlanetScale]",
    ]


def test_the_forms() -> None:
    """Both forms are what Slack takes, carry their request, and a denial needs no reason."""
    deny, why = deny_reason_view("op1"), say_why_view("op1")
    assert view_problems(deny) == view_problems(why) == []
    assert deny["private_metadata"] == why["private_metadata"] == "op1"
    assert deny["blocks"][0]["optional"]
    assert not why["blocks"][0]["optional"]


def test_the_forms_that_come_first() -> None:
    """Where the policy wants to know why, the form needs the words, and holds the press."""
    held = Held(
        action="op_next.cutover", value="/workflow cutover shop 3", channel="C1", reply_to="https://x"
    )
    for view in (deny_because_view(held), ask_because_view(held, "Restore the routing rules now", "x" * 500)):
        assert view_problems(view) == []
        assert not view["blocks"][0]["optional"]
        assert Held.read(view["private_metadata"]) == held
    assert len(view["blocks"][0]["element"]["initial_value"]) == LONGEST


@each_row("made_up", [None, "", "op1", "{}", "[]", '{"action": 1, "value": "x"}'])
def test_a_press_that_nobody_held(made_up: object) -> None:
    """What this bot did not write into a form is no press."""
    assert Held.read(made_up) is None
