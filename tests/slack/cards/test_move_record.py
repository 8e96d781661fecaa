"""The record of a move: what was seen is told, and nothing else."""

from dataclasses import replace

from bot.operations.model import Outcome, State, Story
from bot.planetscale.calls import WorkflowCall
from bot.slack.cards.blocks.rich import Line
from bot.slack.cards.move.move_story import MoveStory
from bot.slack.cards.move.record import record
from bot.slack.cards.move.report import report_card, report_markdown
from bot.subjects.findings import warn_force
from tests.builders import NOW, REF
from tests.slack.cards.stories import COPIED, SENT, a_story, an_operation, approved, at, denied, report

W = WorkflowCall


def a_move(*requests: Story) -> MoveStory:
    """One that was never watched: its requests are all that is known."""
    return MoveStory(ref=REF, now=NOW, requests=requests)


def told(move: MoveStory) -> dict[str, list[str]]:
    """What a person reads in each section."""
    return {one.title: [Line(parts).plain for parts in one.lines] for one in record(move)}


def test_what_was_never_read_is_called_unseen() -> None:
    """Without a read and without a watch nothing is said of the stages, nor that nothing else happened."""
    found = told(a_move())
    assert found["Stages"] == ["The workflow itself: not seen by this bot."]
    assert found["Went wrong"] == ["Nothing that its requests show."]
    assert found["What this is from"] == [
        "It was never watched: what happened without a request of this bot was not seen by this bot."
    ]


def test_what_was_forced_has_a_section() -> None:
    """It says what was forced over, by whom and when."""
    rows = "17 rows differ in line_items (2 shards)."
    forced = an_operation(
        W.SWITCH_REPLICAS,
        COPIED,
        State.SUCCEEDED,
        force=True,
        report=report(warn_force("differs", rows)),
        **SENT,
    )
    (line,) = told(a_move(a_story(replace(forced, ended_at=at(20, 19)), approved())))["Forced"]
    assert line.endswith(f"Switch replica reads, forced by Ana: {rows}")


def test_a_denial_is_told_with_its_reason() -> None:
    """Who denied it and why stand beside it, and it is no trouble."""
    story = a_story(an_operation(W.CUTOVER, COPIED, State.DENIED, ended_at=at(19)), denied("Not now."))
    found = told(a_move(story))
    assert "denied by Ben “Not now.”" in found["Requests"][1]
    assert found["Went wrong"] == ["Nothing that its requests show."]


def test_what_broke_off_went_wrong() -> None:
    """It is named with its time, as what it was seen to be."""
    story = a_story(
        an_operation(W.CUTOVER, COPIED, State.BROKE_OFF, outcome=Outcome(), **SENT | {"ended_at": at(21)}),
        approved(),
    )
    (line,) = told(a_move(story))["Went wrong"]
    assert line.endswith("Cut over: broke off")


def test_nothing_in_markdown_is_markup_of_others() -> None:
    """Names and words of others are escaped, whatever they hold."""
    story = a_story(
        an_operation(W.CUTOVER, COPIED, State.DENIED, ended_at=at(19)),
        denied("[x](http://e.example) **b** <img>"),
    )
    text = report_markdown(a_move(story))
    assert "](http://e.example)" not in text.replace("\\]", "")
    assert r"\*\*b\*\*" in text
    assert "[x](http" in report_card(a_move(story)).plain
