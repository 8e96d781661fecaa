"""The live message, in every stage, compared with what a person reads."""

import re
from dataclasses import replace
from datetime import timedelta

from bot.slack.cards.blocks.rich import MAX_NOTICE
from bot.slack.cards.watch.live import live_card
from bot.slack.cards.watch.live_buttons import live_buttons
from bot.slack.cards.watch.live_view import LiveView
from bot.workflows.observing.estimate import Estimate
from bot.workflows.observing.stage import LiveStageName, stage_of
from tests.builders import a_workflow
from tests.rows import each_row
from tests.slack.cards.expecting import as_read, expected
from tests.slack.cards.live_scenes import a_view, ago, all_scenes, diff
from tests.slack.cards.stories import COPIED, COPYING, CUT_OVER, PRIMARIES_MOVED, elements, lines, texts

SCENES = all_scenes()
every_scene = each_row(("name", "view"), SCENES, ids=[name for name, _ in SCENES])


@every_scene
def test_the_live_message(name: str, view: LiveView) -> None:
    """Each stage reads exactly as it is written down, with its buttons and its notification."""
    assert as_read(live_card(view)) == expected("live")[name]


def test_nothing_is_written_down_in_vain() -> None:
    """Every stage that is written down is compared with a message, and every stage is written down."""
    assert set(expected("live")) == {name for name, _ in SCENES}
    drawn = {stage_of(view.observed, view.now) for _, view in SCENES if view.watch.observed}
    assert drawn == set(LiveStageName)


@every_scene
def test_it_fits_a_phone(name: str, view: LiveView) -> None:
    """With up to five tables it has at most 10 lines and 680 characters (one and 80 are the stages), with
    more 12 and 880."""
    read = texts(live_card(view))
    many = bool(view.watch.observed) and len(view.table_list) > 5
    most, characters = (12, 880) if many else (10, 680)
    assert (len(read) <= most, sum(map(len, read)) <= characters) == (True, True), name


@every_scene
def test_everybody_sees_who_serves_writes(name: str, view: LiveView) -> None:
    """Whatever the stage, it says who serves writes; only the link to a newer message does not."""
    if view.moved_to is None:
        assert re.search(r"Writes( \(then\))?: ", "\n".join(lines(live_card(view)))), name


@every_scene
def test_the_notification_stands_alone(name: str, view: LiveView) -> None:
    """A notification has at most 150 characters, names the workflow, and holds no sign and no bar."""
    text = live_card(view).text
    assert len(text) <= MAX_NOTICE
    assert "shop #3" in text
    assert not set(text) & set("⛔⚠❓✅↩·▓")


@every_scene
def test_the_cut_over_button_is_never_first(name: str, view: LiveView) -> None:
    """The way back comes first, no button is green or red, and there is at most one other step."""
    found = [one for one in elements(live_card(view)) if one["type"] == "button" and "url" not in one]
    assert all("style" not in one for one in found)
    assert len(found) <= 2
    labels = [one["text"]["text"] for one in found]
    assert labels[:1] != ["Cut over …"], name
    if len(labels) == 2:
        assert labels[0] in {"Reverse traffic", "Restore routing rules"}


def test_buttons_ask_as_commands_do() -> None:
    """A button carries the command line that it stands for; a choice of the menu, what it is about."""
    found = elements(live_card(a_view(PRIMARIES_MOVED, explicit_routing=False)))
    assert [(one["action_id"], one.get("value")) for one in found] == [
        ("op_next.reverse-traffic.switched_primaries", "/workflow reverse-traffic shop 3"),
        ("op_next.cutover", "/workflow cutover shop 3"),
        ("go_planetscale", None),
        ("wa_menu", None),
    ]
    assert [one["value"] for one in found[-1]["options"]] == [
        "mention:w1",
        "bottom:w1",
        "stop:w1",
        "streams:w1",
    ]
    clean = elements(live_card(a_view(COPIED)))[0]
    assert clean["value"] == "/workflow switch-traffic shop 3 --replicas-only"


def test_a_short_silence_is_not_shown() -> None:
    """Only after five minutes without an answer is what is shown called the last known."""
    quiet = a_view(COPYING, over={"silent_since": ago(4.9)})
    assert lines(live_card(quiet)) == lines(live_card(a_view(COPYING)))


def test_it_does_not_age() -> None:
    """The same knowledge reads the same an hour later: nothing in it grows old by itself."""
    aging = {"pending", "late to start", "switching", "switching, elsewhere", "silent", "throttled"}
    for name, view in SCENES:
        later = replace(view, now=view.now + timedelta(hours=1))
        if name not in aging:
            assert lines(live_card(later)) == lines(live_card(view)), name


def test_names_it_does_not_know_are_left_alone() -> None:
    """Somebody whose name is not known yet is a mention instead of an id."""
    view = a_view(COPYING, over={"names": {}, "started_by": "U0NEW"})
    kinds = [one["type"] for one in live_card(view).blocks[0]["elements"][-1]["elements"]]
    assert "user" in kinds


def test_many_differences_are_cut() -> None:
    """Of many differences a few are shown, and how many are not."""
    many = diff(*((f"t{number}", "-", number, 0, 0) for number in range(1, 21)))
    read = texts(live_card(a_view(a_workflow(vdiff=many))))
    assert "and 15 more" in read
    assert len(read) <= 10


def test_a_time_that_does_not_fit_the_rate_names_both_rates() -> None:
    """Where the time that is left goes by another rate than that of lately, both stand beside it."""
    slow = Estimate(rate=4_100, left=timedelta(hours=11), expected=30_200.0)
    read = live_card(a_view(COPYING, estimate=slow)).plain
    assert "About 11 h left · 30.2 k rows/s expected, 4.1 k rows/s lately" in read
    alike = replace(slow, expected=4_000.0)
    assert "About 11 h left · 4.1 k rows/s\n" in live_card(a_view(COPYING, estimate=alike)).plain


def test_nothing_is_offered_while_an_outcome_is_open() -> None:
    """While nobody knows how a request ended, no button asks for what would be refused."""
    for workflow in (COPIED, PRIMARIES_MOVED, CUT_OVER):
        view = a_view(workflow, over={"outcome_open": True})
        assert len(live_buttons(replace(view, outcome_open=False))) == 3 + (workflow is not COPIED)
        assert [type(one).__name__ for one in live_buttons(view)] == ["LinkButton", "Menu"]
