"""The question to whoever asked, where nobody else has to agree: only they see it."""

from dataclasses import replace
from datetime import datetime

from bot.operations.model import Story
from bot.slack.cards.blocks.controls import Button
from bot.slack.cards.blocks.rich import Card, Message, bold
from bot.slack.cards.operation.buttons import CONFIRM, NOT_NOW, decision_value, open_page, say_why
from bot.slack.cards.operation.card import view_of
from bot.slack.cards.operation.consequences import warnings, what_happens
from bot.slack.cards.operation.reason import under_the_title
from bot.slack.cards.operation.view import Parts, View
from bot.workflows.facts.traffic import traffic


def confirm_question(story: Story, now: datetime, unread_since: datetime | None = None) -> Message:
    """The question before a way back, or whatever else the policy leaves to whoever asks.

    `unread_since`: PlanetScale could not be read; it goes by what was seen then, and may still be sent.
    """
    view = replace(view_of(story, now), private=True)
    words = view.action.before.question
    question = view.plain(words.text)
    card = Card()
    forced = "Forced: " if view.forced_over else ""
    card.line(bold(f"{forced}{question}"))
    card.body += under_the_title(view)
    if story.operation.assumed:
        card.line(story.operation.assumed)
    if unread_since:
        card.line(*_unread(view, unread_since))
    card.body += what_happens(view)
    for warning in warnings(view):
        card.line(*warning)
    heavy = bool(view.forced_over) or view.action.is_heavy
    value = decision_value(story.operation)
    card.actions(
        Button(words.yes, CONFIRM, value, "danger" if heavy else "primary"),
        Button("Not now", NOT_NOW, value),
        say_why(story.operation),
        *open_page(view),
    )
    return card.message(f"{forced}{question} Only you see this question.")


def _unread(view: View, since: datetime) -> Parts:
    known = traffic(view.seen) if view.seen else None
    if known is None:
        return ("❓ PlanetScale could not be read just now, and nothing is known from before.",)
    if known.writes is None:
        return ("❓ PlanetScale could not be read just now; last known ", view.at(since), ": not certain")
    last = f": {view.cut(known.writes)} serves writes"
    return ("❓ PlanetScale could not be read just now; last known ", view.at(since), last)
