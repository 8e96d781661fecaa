"""What goes to Slack, checked as Slack checks it: by `bot.demo.slack.blockkit`, at the stand-in's door."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from bot.commands.grammar import SUB_COMMANDS
from bot.commands.help import help_page
from bot.demo.slack.blockkit import attachment_problems, view_problems
from bot.demo.slack.model import SlackError
from bot.demo.slack.world import Draft
from bot.operations.events import Event
from bot.operations.model import State, Story
from bot.slack.cards.answers.help_answers import help_card
from bot.slack.cards.answers.home_page import home_view
from bot.slack.cards.answers.private_answers import ANSWERS, private_answer
from bot.slack.cards.answers.registers import approvals_card
from bot.slack.cards.answers.what_is_this import explanation, not_ours
from bot.slack.cards.blocks.addressing import addressed
from bot.slack.cards.blocks.plainer import as_sections, forms, that_counts
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.forms.create_view import Offer, form_view
from bot.slack.cards.forms.draft import Draft as FormDraft
from bot.slack.cards.forms.draft import FormOrigin
from bot.slack.cards.forms.modals import (
    Held,
    ask_because_view,
    deny_because_view,
    deny_reason_view,
    other_version_view,
    say_why_view,
)
from bot.slack.cards.operation.card import operation_card
from bot.slack.cards.operation.confirm import confirm_question
from bot.slack.cards.operation.lists import (
    all_tables,
    cutover_needs,
    details,
    full_text,
    tables_parts,
    tables_reply,
)
from bot.slack.cards.operation.threads import event_message
from bot.slack.cards.watch.live import live_card
from bot.slack.cards.watch.news import news_message
from bot.slack.cards.workflow.listing import list_card
from bot.slack.cards.workflow.show import brief_card, show_card
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.own import workflow_of
from tests.builders import REF
from tests.rows import each_row
from tests.slack.cards.live_scenes import all_scenes
from tests.slack.cards.news_scenes import all_news
from tests.slack.cards.scenes import ALL
from tests.slack.cards.stories import at
from tests.slack.cards.test_home import a_page, a_watch
from tests.slack.forms.test_create_view import THREE
from tests.slack.test_list_card import entries

NOW = at(20, 35)
STORIES = [(name, stage, story) for name, scenes in ALL.items() for stage, story in scenes()]
every_story = each_row(("name", "stage", "story"), STORIES, ids=[f"{one[0]}: {one[1]}" for one in STORIES])


def refusals(payload: Mapping[str, Any]) -> list[str]:
    """Why Slack would not take a message; nothing if it does."""
    sent = json.loads(json.dumps(payload))
    draft = Draft(text=sent["text"], blocks=sent.get("blocks", []), attachments=sent.get("attachments", []))
    try:
        draft.check()
    except SlackError as error:
        return [error.error, *error.details.get("errors", ())]  # type: ignore[misc]
    return []


def in_every_form(message: Message) -> Iterator[str]:
    """Why Slack would refuse it in any form, for another organization, or in place of an earlier one."""
    for one in (message, addressed(message, "elsewhere", "acme"), that_counts(message)):
        for payload in forms(one):
            yield from refusals(payload)


@every_story
def test_every_card(name: str, stage: str, story: Story) -> None:
    """The card of every action in every stage is taken by Slack, with its edge and in each plainer form; the
    same goes for what stands in its thread and behind its buttons."""
    card = operation_card(story, NOW)
    assert card.edge
    assert card.payload()["attachments"]
    messages = [card, *(show(story, NOW) for show in (details, all_tables, full_text, cutover_needs))]
    messages += [confirm_question(story, NOW)]
    messages += [tables_reply(story, NOW, part) for part in range(1, tables_parts(story) + 1)]
    assert [problem for message in messages for problem in in_every_form(message)] == [], (name, stage)
    assert view_problems(json.loads(json.dumps(explanation(story, NOW)))) == []


@every_story
def test_every_event_and_answer(name: str, stage: str, story: Story) -> None:
    """Whatever is told of a request, in its thread or to one person, is taken by Slack in every form."""
    events = [event for event in Event if event is not Event.TABLES]
    messages = [event_message({"event": event.value, "about": "U0CHI"}, story, NOW) for event in events]
    spoken = [what for what in sorted(ANSWERS) if what != "needs_force" or not story.operation.action.creates]
    messages += [private_answer(what, story, NOW) for what in spoken]
    assert [problem for message in messages for problem in in_every_form(message)] == [], (name, stage)


def test_every_live_message_and_all_news() -> None:
    """What is told of a watched workflow is taken by Slack in every stage and every form."""
    messages = {f"live: {name}": live_card(view) for name, view in all_scenes()}
    messages |= {f"news: {name}": news_message(news, view) for name, news, view in all_news()}
    wrong = {name: list(in_every_form(message)) for name, message in messages.items()}
    assert {name: problems for name, problems in wrong.items() if problems} == {}


@every_story
def test_every_show(name: str, stage: str, story: Story) -> None:
    """The answer to `show` about every workflow of the scenes is taken by Slack in every form."""
    if seen := workflow_of(story.operation.seen):
        assert list(in_every_form(show_card(REF, seen, NOW))) == [], (name, stage)


@every_story
def test_what_stands_under_a_link(name: str, stage: str, story: Story) -> None:
    """What is told under a pasted link is taken there in both of its forms, and has nothing to press."""
    if seen := workflow_of(story.operation.seen):
        card = brief_card(REF, seen, NOW, WorkflowKind.MOVE, None)
        for blocks in (card.blocks, as_sections(card).blocks):
            assert attachment_problems([{"blocks": list(blocks)}]) == [], (name, stage)
            assert not any(block["type"] == "actions" for block in blocks)


def test_every_list_and_page_of_help() -> None:
    """Lists of workflows and of what waits, and every page of help, are taken by Slack in every form."""
    stories = [story for _, _, story in STORIES]
    seen = [workflow for story in stories if (workflow := workflow_of(story.operation.seen))]
    numbered = [one.model_copy(update={"number": place}) for place, one in enumerate(seen, 1)]
    messages = [list_card("shop", entries(*numbered[:count]), NOW) for count in (0, 1, 30, len(seen))]
    messages += [approvals_card(stories[:count], {}, NOW) for count in (0, 1, len(stories))]
    messages += [help_card(help_page(topic)) for topic in (None, *(sub.name for sub in SUB_COMMANDS))]
    assert [problem for message in messages for problem in in_every_form(message)] == []


def test_every_home() -> None:
    """The Home is taken by Slack, empty, and with every request of the scenes in every part of it."""
    stories = [story for _, _, story in STORIES]
    waiting = [story for story in stories if story.operation.state is State.WAITING]
    watches = [a_watch(seen) for story in stories if (seen := workflow_of(story.operation.seen))]
    full = a_page(waits=waiting, asked=stories, running=watches, recent=stories)
    pages = [a_page(), full, *(a_page(waits=[one], asked=[one], recent=[one]) for one in stories)]
    assert [view_problems(json.loads(json.dumps(home_view(page).payload()))) for page in pages] == [
        [] for _ in pages
    ]


HELD = Held(action="op_deny", value="x" * 200, channel="C0DB", reply_to="https://hooks.slack.com/x")
WINDOWS = {
    "deny": deny_reason_view("op1"),
    "why": say_why_view("op1"),
    "deny because": deny_because_view(HELD),
    "ask because": ask_because_view(HELD, "Cut over", "x" * 400),
    "another version": other_version_view(),
    "not ours": not_ours(),
    "nothing to explain": explanation(None, NOW + timedelta(days=1)),
    "create": form_view(
        FormOrigin(
            channel="C0DB", reply_to="", database="shop", branch="main", draft=FormDraft(source="commerce")
        ),
        Offer(THREE),
    ),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_every_window(name: str) -> None:
    """Every form and every window is one that Slack opens."""
    assert view_problems(json.loads(json.dumps(WINDOWS[name]))) == []
