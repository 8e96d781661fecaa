"""What stands in Slack is read hours later, in many zones: it says moments, no ages, and whose they are."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.commands.model import History
from bot.operations.events import Event
from bot.operations.history import Page
from bot.operations.model import Story
from bot.slack.cards.answers.history import history_card
from bot.slack.cards.answers.home_page import home_view
from bot.slack.cards.answers.private_answers import ANSWERS, private_answer
from bot.slack.cards.answers.registers import approvals_card
from bot.slack.cards.answers.watch_answers import all_tables, stream_messages
from bot.slack.cards.answers.what_is_this import explanation
from bot.slack.cards.blocks.plainer import forms
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.move.move_story import MoveStory
from bot.slack.cards.move.report import report_card
from bot.slack.cards.operation.card import operation_card
from bot.slack.cards.operation.confirm import confirm_question
from bot.slack.cards.operation.lists import details, full_text
from bot.slack.cards.operation.threads import event_message
from bot.slack.cards.watch.live import live_card
from bot.slack.cards.watch.news import news_message
from bot.slack.cards.workflow.listing import list_card
from bot.slack.cards.workflow.show import brief_card, show_card
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.own import workflow_of
from tests.builders import REF
from tests.slack.cards.expecting import EXPECTED, expected
from tests.slack.cards.live_scenes import all_scenes
from tests.slack.cards.news_scenes import all_news
from tests.slack.cards.scenes import ALL
from tests.slack.cards.stories import at
from tests.slack.cards.test_home import a_page, a_watch
from tests.slack.test_list_card import entries

NOW = at(20, 35)
STORIES = [story for scenes in ALL.values() for _, story in scenes()]

AGE = re.compile(r"\bago\b|\bonly \d+ (?:s|min|h|d)\b|\bfor \d+ (?:s|min|h|d)\b|\d (?:s|min|h) left\b")
ALLOWED = re.compile(
    r"^About .* left|, about \d+ (?:min|h) left"  # redrawn, and says as of when
    r"|was \w[\w ]* for \d|\bunchanged for 2 min\b|\blooked for 2 min\b"  # it is over
    r"|for more than 10 min"
)


@pytest.mark.parametrize("file", sorted(EXPECTED.glob("*.txt")), ids=lambda file: file.stem)
def test_no_posted_message_tells_an_age(file: Path) -> None:
    """Cards, threads, live messages and news say when something was, not how long ago."""
    lines = [line for scene in expected(file.stem).values() for line in scene]
    assert [line for line in lines if AGE.search(line) and not ALLOWED.search(line)] == []


TIME = re.compile(r"(?<![\d:])[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?![\d:])")
IS_UTC = re.compile(r" UTC| ?U?T?…$")
"""Behind a time, perhaps cut off at the end of a notification."""
NOT_READ = {"value", "action_id", "block_id", "url", "private_metadata", "callback_id", "fallback"}


def texts(node: Any, *, in_lines: bool = False) -> Iterator[tuple[str, bool]]:
    """All that is read in a payload but dates, and whether it stands where a date could."""
    if isinstance(node, list):
        for one in node:
            yield from texts(one, in_lines=in_lines)
    elif isinstance(node, dict) and node.get("type") != "date":
        in_lines = in_lines or node.get("type") == "rich_text_section"
        for name, value in node.items():
            if isinstance(value, str) and name not in NOT_READ:
                yield value, in_lines and "code" not in node.get("style", {})
            elif not isinstance(value, str):
                yield from texts(value, in_lines=in_lines)


def nobodys(payload: Any) -> list[str]:
    """Times of which a reader cannot know whose they are: a date could say it, or `UTC` does not."""
    return [
        text[max(0, found.start() - 40) : found.end() + 10]
        for text, in_lines in texts(json.loads(json.dumps(payload)))
        for found in TIME.finditer(text)
        if in_lines or not IS_UTC.match(text, found.end())
    ]


def of_a_request(story: Story) -> Iterator[Message]:
    """What is posted and answered about it."""
    yield from (show(story, NOW) for show in (operation_card, details, full_text, confirm_question))
    for event in Event:
        if event is not Event.TABLES:
            yield event_message({"event": event.value, "about": "U0CHI"}, story, NOW)
    for what in sorted(ANSWERS):
        if what != "needs_force" or not story.operation.action.creates:
            yield private_answer(what, story, NOW)
    if seen := workflow_of(story.operation.seen):
        yield show_card(REF, seen, NOW)
        yield show_card(REF, seen, NOW, stands=True)
        yield brief_card(REF, seen, NOW, WorkflowKind.MOVE, None)


def of_some(stories: Sequence[Story]) -> Iterator[Message]:
    """What is told of requests together."""
    yield approvals_card(stories, {}, NOW)
    yield report_card(MoveStory(ref=REF, now=NOW, requests=tuple(stories)))
    page = Page(stories=stories, number=1, of=1, found=len(stories), refused=0, ignored={})
    yield history_card(History(database="shop"), page, {}, NOW)


def of_watching() -> Iterator[Message]:
    """What is told of watched workflows."""
    for _, view in all_scenes():
        yield live_card(view)
        yield all_tables(view.watch, view.now)
        yield stream_messages(view.watch, view.now)
    for _, news, view in all_news():
        yield news_message(news, view)


def test_every_time_is_the_readers_own() -> None:
    """A time in a message is a date of Slack's, which everybody reads in their own zone; where Slack has none
    (notifications, text of equal width, windows), it says that it is UTC."""
    messages = [message for story in STORIES for message in of_a_request(story)]
    messages += [*of_watching(), *of_some(STORIES[:9]), *of_some(STORIES[-9:])]
    payloads = [payload for message in messages for payload in forms(message)]
    watches = [a_watch(seen) for story in STORIES if (seen := workflow_of(story.operation.seen))]
    home = a_page(waits=STORIES, asked=STORIES, running=watches, recent=STORIES)
    payloads += [home_view(home).payload(), *(explanation(story, NOW) for story in STORIES)]
    assert sorted({found for payload in payloads for found in nobodys(payload)}) == []


def test_a_list_says_whose_times_its_are() -> None:
    """A private list is in its reader's zone; where that is not known, and in one that many read, the
    column says UTC."""
    seen = [one for story in STORIES if (one := workflow_of(story.operation.seen))]
    shared = list_card("shop", entries(*seen[:5]), NOW, stands=True)
    (table,) = shared.tables
    assert table.rows[0][-1] == "Since (UTC)"
    for zone, heading in ((timezone(timedelta(hours=1)), "Since"), (UTC, "Since (UTC)")):
        (table,) = list_card("shop", entries(*seen[:5]), NOW.astimezone(zone)).tables
        assert table.rows[0][-1] == heading
    read = "".join(text for text, in_lines in texts(shared.payload()["blocks"]) if in_lines)
    assert not TIME.search(read)
