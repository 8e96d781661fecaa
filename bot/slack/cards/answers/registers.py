"""What waits for people, and what was done: the private answers to `approvals` and `history`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.operations.model import DecisionKind, State, Story
from bot.slack.cards.blocks.rich import At, Card, Link, Message, Part, bold, code
from bot.slack.cards.blocks.words import plural
from bot.slack.cards.operation.card import title, view_of, who_may_approve
from bot.slack.cards.operation.status_line import stage_line
from bot.slack.cards.operation.view import View

SHOWN = 12
LEFT_OUT: Final = "What the policy does not let you read is left out."
"""Said under what is shown of all databases to somebody who may not read about all of them."""


def approvals_card(
    stories: Sequence[Story],
    links: Mapping[str, str],
    now: datetime,
    *,
    several_organizations: bool = False,
) -> Message:
    """What waits, for whom, until when, and where its card is; of several organizations, in which."""
    card = Card()
    if not stories:
        card.line("Nothing waits for anybody. What runs: ", code("/workflow"))
        return card.message()
    card.line(bold(f"Waiting for people · {len(stories)}"))
    for story in stories[:SHOWN]:
        view = view_of(story, now)
        where = f" · {view.cut(story.operation.organization)}" if several_organizations else None
        card.line(bold(title(view)), where, *_link(links, story))
        card.line(*stage_line(view))
        if story.operation.state is State.WAITING:
            card.line("Asked by ", view.who, " · ", *who_may_approve(view))
    if len(stories) > SHOWN:
        card.line(f"and {len(stories) - SHOWN} more")
    card.line("Next: look at a card, and decide there.")
    return card.message(f"{plural(len(stories), 'request')} waiting for people.")


def history_card(place: str, stories: Sequence[Story], links: Mapping[str, str], now: datetime) -> Message:
    """Who asked, who approved or denied and why, when, and how it ended; the newest first."""
    card = Card()
    if not stories:
        card.line(f"Nothing was asked for on {place} through this bot. ", *_now(place))
        return card.message()
    card.line(bold(f"History of {place}"))
    for story in stories[:SHOWN]:
        view = view_of(story, now)
        card.line(At(story.operation.asked_at), " · ", bold(title(view)), *_link(links, story))
        card.line(*stage_line(view))
        if story.operation.outcome.cause and story.operation.state in {State.BLOCKED, State.SUPERSEDED}:
            card.line(*view.sentence(story.operation.outcome.cause))
        card.line(*_people(view))
    if len(stories) > SHOWN:
        card.line("Older ones are in the audit log: ", code("workflow-bot audit"))
    card.line(*_now(place))
    return card.message(f"History of {place}: {plural(len(stories), 'request')}.")


def _now(place: str) -> tuple[Part, ...]:
    """How `shop` or `shop #3` is looked at as it is now."""
    database, _, number = place.partition(" #")
    return ("Now: ", code(f"/workflow show {database} {number}" if number else f"/workflow list {database}"))


def _people(view: View) -> tuple[Part, ...]:
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
    return tuple(parts)


def _link(links: Mapping[str, str], story: Story) -> tuple[Part, ...]:
    link = links.get(story.operation.id)
    return (" · ", Link(link)) if link else ()
