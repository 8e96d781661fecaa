"""The private answer to `history`: who asked for what, who decided and why, and how it ended, in pages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.commands.lines import chat_line
from bot.commands.model import History, known
from bot.operations.history import Page
from bot.operations.model import DecisionKind, State, Story
from bot.slack.cards.blocks.controls import BUTTON_VALUE, Button
from bot.slack.cards.blocks.rich import At, Card, Link, Message, Part, bold, code, one_line
from bot.slack.cards.blocks.words import plural
from bot.slack.cards.operation.card import title, view_of
from bot.slack.cards.operation.status_line import stage_line
from bot.slack.cards.operation.view import Parts, View, joined

TURN: Final = "qa_page"
"""Action ids are this, a dot and where it leads; the value is the line that asks for that page."""
MOST_NAMES: Final = 10
_ID: Final = re.compile(r"[UW][A-Z0-9]{2,20}")

Called = Mapping[str, frozenset[str]]
"""The user ids of people, by what they are called."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom `--by` means: their ids, and what they are called."""

    ids: frozenset[str]
    name: str


def whose(typed: str, people: Called) -> Whose | None:
    """Whom a mention or a name means; `None` for a name that nobody has who asked or decided here.

    A name is known in any case, and by its first word. What several are called, all of them are.
    """
    if _ID.fullmatch(typed):
        name = next((name for name, ids in people.items() if typed in ids), typed)
        return Whose(frozenset({typed}), name)
    wanted = _folded(typed)
    meant = {
        name: ids for name, ids in people.items() if wanted in {_folded(name), _folded(name.split(" ")[0])}
    }
    return Whose(frozenset().union(*meant.values()), " or ".join(sorted(meant))) if meant else None


def _folded(name: str) -> str:
    return re.sub(r"[\s._-]+", "", name).casefold()


def nobody_card(question: History, people: Called) -> Message:
    """Nobody of that name asked for anything or decided about it here."""
    names = sorted(people)[:MOST_NAMES]
    card = Card()
    card.line(
        f"Nobody called {question.by} has asked or decided on {known(question.database)} through this bot."
    )
    if names:
        card.line("Who has: ", *joined([(one_line(name),) for name in names], ", "))
    card.line("All of it: ", code(chat_line(_only(question))))
    return card.message()


def history_card(
    question: History, page: Page, links: Mapping[str, str], now: datetime, by: str | None = None
) -> Message:
    """A page, the newest first. `by`: what the person is called of whom alone it tells."""
    place, filters = _place(question), _filters(question, by)
    card = Card()
    if page.stories:
        card.line(bold(f"History of {place}"), *filters, _pages(page))
    elif filters:
        card.line(
            f"Nothing was found on {place}", *filters, ". All of it: ", code(chat_line(_only(question)))
        )
    else:
        card.line(f"Nothing was asked for on {place} through this bot. ", *_now(question))
    for story in page.stories:
        _entry(card, story, page.ignored.get(story.operation.id, 0), links, now)
    if page.refused:
        card.line(f"Left out: {plural(page.refused, 'request')} refused before anybody else saw it.")
    if page.stories:
        card.line(*_now(question))
    card.actions(*_buttons(question, page))
    return card.message(f"History of {place}: {plural(page.found, 'request')}.")


def _entry(card: Card, story: Story, ignored: int, links: Mapping[str, str], now: datetime) -> None:
    view = view_of(story, now)
    link = links.get(story.operation.id)
    card.line(At(story.operation.asked_at), " · ", bold(title(view)), *((" · ", Link(link)) if link else ()))
    card.line(*stage_line(view))
    if story.operation.outcome.cause and story.operation.state in {State.BLOCKED, State.SUPERSEDED}:
        card.line(*view.sentence(story.operation.outcome.cause))
    card.line(*_people(view, ignored))


def _people(view: View, ignored: int) -> Parts:
    story, parts = view.story, ["Asked by ", view.who]
    if story.operation.reason:
        parts.append(f" “{story.operation.reason}”")
    if story.approved_by:
        parts += [" · approved by ", *view.approvers_by_name]
    denied = story.last(DecisionKind.DENY)
    if denied:
        parts += [" · denied by ", view.called(denied.user)]
        if denied.reason:
            parts.append(f" “{denied.reason}”")
    if story.operation.force:
        parts.append(" · with --force")
    if ignored:
        parts.append(f" · {plural(ignored, 'press', 'presses')} did not count")
    return tuple(parts)


def _place(question: History) -> str:
    number = f" #{question.number}" if question.number else ""
    return f"{known(question.database)}{number}"


def _filters(question: History, by: str | None) -> Parts:
    found: list[Part] = []
    if by:
        found.append(f" · by {one_line(by)}")
    if question.action:
        found.append(f" · {question.action.value}")
    if question.since:
        found.append(f" · since {question.since.isoformat()}")
    if question.denied:
        found.append(" · denied")
    if question.refused:
        found.append(" · refused at once")
    return tuple(found)


def _pages(page: Page) -> str | None:
    return f" · page {page.number} of {page.of}" if page.of > 1 else None


def _now(question: History) -> Parts:
    """How `shop` or `shop #3` is looked at as it is now."""
    database = known(question.database)
    line = f"/workflow show {database} {question.number}" if question.number else f"/workflow list {database}"
    return ("Now: ", code(line))


def _buttons(question: History, page: Page) -> list[Button | None]:
    earlier = replace(question, page=page.number - 1) if page.number > 1 else None
    older = replace(question, page=page.number + 1) if page.number < page.of else None
    refused = replace(question, refused=True, page=1) if page.refused else None
    rest = replace(question, refused=False, page=1) if question.refused else None
    return [
        _turn("Newer", "newer", earlier),
        _turn("Older", "older", older),
        _turn(f"Refused at once ({page.refused})", "refused", refused),
        _turn("Back to the rest", "rest", rest),
    ]


def _turn(label: str, where: str, question: History | None) -> Button | None:
    """The organization is added to the finished message, as in every line."""
    line = chat_line(replace(question, organization=None)) if question else ""
    return Button(label, f"{TURN}.{where}", line) if 0 < len(line) <= BUTTON_VALUE else None


def _only(question: History) -> History:
    """The same place without a filter."""
    return History(database=question.database, number=question.number)
