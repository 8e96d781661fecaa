"""The requests on a workflow that wait for people, as the live message links to their cards."""

from collections.abc import Iterator

from bot.operations.model import State
from bot.slack.cards.blocks.rich import Line, Link
from bot.slack.cards.operation.card import view_of
from bot.slack.cards.watch.live_view import LiveView

SHOWN = 2
"""So many are named; what else waits is counted."""


def waiting_lines(view: LiveView) -> Iterator[Line]:
    """`⏳ Waits for approval: Cut over, asked by Ana, until 02:44 · open`"""
    for one in view.waiting[:SHOWN]:
        told = view_of(one.story, view.now).clipped(view.room.name)
        until = (", until ", told.expires) if one.story.operation.expires_at else ()
        link = (" · ", Link(one.link, "open")) if one.link else ()
        if one.story.operation.state is State.WAITING:
            yield Line((f"⏳ Waits for approval: {told.title}, asked by ", told.who, *until, *link))
        else:
            yield Line((f"❓ Needs a person: {told.title}, asked by ", told.who, *link))
    more = len(view.waiting) - SHOWN
    if more > 0:
        yield Line((f"and {more} more: `/workflow approvals`",))
