"""The private answers to `watch`, `unwatch` and the menu: what they say and which step they name."""

from dataclasses import replace

import pytest

from bot.slack.cards.answers import watch_answers
from bot.slack.cards.blocks.rich import Message
from bot.watch.model import Watch
from tests.builders import NOW, REF, a_workflow, copying
from tests.slack.cards.live_scenes import a_view
from tests.slack.cards.stories import COPIED, COPYING, lines, now_in

LINK = "https://acme.slack.com/archives/C0DB/p1"
WATCH = a_view(COPYING).watch


def _of(**differs: object) -> Watch:
    """The watch of a workflow in the middle of its copy, as it differs."""
    return a_view(copying(**differs)).watch


ANSWERS: list[tuple[Message, *tuple[str, ...]]] = [
    (
        watch_answers.watching_now(WATCH, COPIED),
        "Watching shop #3 orders-to-customer from now on, in #C0DB.",
        "You are mentioned when somebody must act. To stop: /workflow unwatch shop 3",
    ),
    (
        watch_answers.already_watched(WATCH, LINK, would_move=True),
        "shop #3 is watched already, in #C0DB · open",
        "To move it here: /workflow unwatch shop 3, then /workflow watch shop 3",
    ),
    (
        watch_answers.already_watched(WATCH, None, would_move=False),
        "shop #3 is watched already, in #C0DB.",
        "To be mentioned when somebody must act: “Mention me instead” in its menu. Look now: "
        "/workflow show shop 3",
    ),
    (
        watch_answers.shown_nowhere(WATCH),
        "Slack takes no message from me in #C0DB, so nobody sees shop #3 there.",
        "What needs somebody to act I tell you here. Invite me there, then: /workflow watch shop 3",
    ),
    (
        watch_answers.no_channel(REF),
        "There is no channel for shop #3: a live message is for everybody, so it is not kept here.",
        "Type it in a channel where I am a member: /workflow watch shop 3",
    ),
    (
        watch_answers.no_channel(REF, in_doubt=True),
        "Slack could not say who reads this channel, so nothing is watched here.",
        "Again in a minute: /workflow watch shop 3",
    ),
    (
        watch_answers.has_ended(REF, now_in(COPIED, "completed")),
        "shop #3 has ended (completed): there is nothing to watch.",
        "Look at it: /workflow show shop 3",
    ),
    (
        watch_answers.unwatched(WATCH),
        "shop #3 is not watched any more. The workflow itself goes on as it was.",
        "Again: /workflow watch shop 3",
    ),
    (watch_answers.not_watched(REF), "shop #3 is not watched. To watch it: /workflow watch shop 3"),
    (
        watch_answers.mentioned(WATCH),
        "From now on you, and nobody else, are mentioned when somebody must act on shop #3.",
        "Anybody can take over from you in the same menu. Look now: /workflow show shop 3",
    ),
    (
        watch_answers.brought_to_the_bottom(WATCH),
        "The live message of shop #3 is posted anew at the bottom; the old one links to it.",
        "For yourself only: /workflow show shop 3",
    ),
]


@pytest.mark.parametrize("answer", ANSWERS, ids=[str(number) for number in range(len(ANSWERS))])
def test_an_answer_names_the_next_step(answer: tuple[Message, *tuple[str, ...]]) -> None:
    """Every answer is short, reads as it is written down here, and names a command that can be pasted."""
    message, *wanted = answer
    assert lines(message) == wanted
    assert "/workflow " in message.plain
    assert len(wanted) <= 2


def test_all_tables() -> None:
    """Every table with its share; those that do not fit are counted."""
    assert lines(watch_answers.all_tables(WATCH, NOW)) == [
        "2 tables of shop #3 · Copying · about 40 % · read today 02:14",
        "orders      ▓▓▓▓▓▓░░░░  61 %  about 380 M of 620 M",
        "line_items  ░░░░░░░░░░   8 %  about 32 M of 390 M",
        "More: /workflow show shop 3",
    ]
    many = _of(tables=[{"name": f"table_{number:03}"} for number in range(500)])
    read = lines(watch_answers.all_tables(many, NOW))
    shown = sum(line.startswith("table_") for line in read)
    assert f"and {500 - shown} more tables" in read


def test_all_tables_of_a_complete_copy() -> None:
    """Once the copy is complete every table is at 100 %."""
    read = lines(watch_answers.all_tables(a_view(COPIED).watch, NOW))
    assert read[1:3] == ["orders      100 %", "line_items  100 %"]


def test_what_is_not_reported_is_said() -> None:
    """Where PlanetScale names no tables or streams, or nothing was read yet, that is what is answered."""
    bare = _of(tables=None, streams=None)
    for watch in (bare, replace(bare, observed=None)):
        assert lines(watch_answers.all_tables(watch, NOW)) == [
            "PlanetScale did not report the tables of shop #3. More: /workflow show shop 3"
        ]
        assert lines(watch_answers.stream_messages(watch, NOW)) == [
            "PlanetScale did not report the streams of shop #3. More: /workflow show shop 3"
        ]


def test_stream_messages() -> None:
    """Each stream says its state, its words, and its last messages, the newest first."""
    logs = [
        {"message": f"message {number}", "created_at": f"2026-11-23T02:0{number}:00Z"} for number in range(5)
    ]
    streams = [
        {"state": "Running", "target_shard": "-80", "info": "vplayer", "logs": logs},
        {"target_shard": "80-", "logs": [{"state": "x"}]},
    ]
    watch = a_view(a_workflow(streams=streams)).watch
    assert lines(watch_answers.stream_messages(watch, NOW)) == [
        "2 streams of shop #3 · read today 02:14",
        "-80  Running  vplayer",
        "  23 Nov 02:04 UTC  message 4",
        "  23 Nov 02:03 UTC  message 3",
        "  23 Nov 02:02 UTC  message 2",
        "80-  state not reported",
        "  no time  no words",
        "More: /workflow show shop 3",
    ]
