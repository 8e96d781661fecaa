"""What waits for people: the private answer to `approvals`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.operations.model import State, Story
from bot.slack.cards.blocks.rich import Card, Line, Link, Message, Part, bold, code
from bot.slack.cards.blocks.words import plural
from bot.slack.cards.operation.card import title, view_of, who_may_approve
from bot.slack.cards.operation.reason import why
from bot.slack.cards.operation.status_line import stage_line

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
            card.body += [Line(parts) for parts in why(view)]
    if len(stories) > SHOWN:
        card.line(f"and {len(stories) - SHOWN} more")
    card.line("Next: look at a card, and decide there.")
    return card.message(f"{plural(len(stories), 'request')} waiting for people.")


def _link(links: Mapping[str, str], story: Story) -> tuple[Part, ...]:
    link = links.get(story.operation.id)
    return (" · ", Link(link)) if link else ()
