"""What a newcomer is told about a message of the bot: the two-person rule, and where this request stands."""

from datetime import datetime
from typing import Any, Final

from bot.approvals.terms import Gate
from bot.operations.model import State, Story
from bot.slack.cards.blocks.controls import plain_text
from bot.slack.cards.blocks.rich import Card, blocks, bold, code
from bot.slack.cards.operation.card import title, view_of, who_may_approve
from bot.slack.cards.operation.status_line import stage_line

WHAT_IS_THIS: Final = "what_is_this"
"""The callback id of the message shortcut."""

_A_REQUEST: Final = "Somebody asked this bot to change a workflow at PlanetScale. A workflow moves tables."
_NO_REQUEST: Final = (
    "This bot tells about a workflow at PlanetScale, which moves tables: one live message for each, which "
    "changes in place, and news as they are seen. Reading them changes nothing."
)
_RULE: Final = (
    (
        "Two people. ",
        "What can hurt production is sent only when somebody other than the person who asked has looked at "
        "the card and pressed Approve.",
    ),
    (
        "Who may press. ",
        "Any full member of this workspace, or only the people whom the team's policy names; the card says "
        "which. Nobody can approve their own request.",
    ),
    (
        "Approve ",
        "stands for exactly what the card shows. With the last approval it is sent at once, within five "
        "minutes or not at all. If anything changes before, nothing is sent.",
    ),
    (
        "Not sure? ",
        "Press nothing: after a while the request ends by itself. Deny stops it now. You can take your "
        "approval back until it is sent.",
    ),
    (
        "After that ",
        "the card says what happened, read back from PlanetScale, and how to go back. Where there is no way "
        "back, it says so before anybody approves.",
    ),
)


def explanation(story: Story | None, now: datetime) -> dict[str, Any]:
    """The window. `story`: the request that the message is about, where it is about one."""
    card = Card()
    if story is not None:
        _this(card, story, now)
    card.line(bold("What it is. "), _NO_REQUEST if story is None else _A_REQUEST)
    for word, sentence in _RULE:
        card.line(bold(word), sentence)
    card.line("See for yourself: ", code("/workflow"), " shows what runs and what waits.")
    return _window(card)


def not_ours() -> dict[str, Any]:
    """For a message that the bot did not write."""
    card = Card()
    card.line("This message is not from this bot, so there is nothing to explain about it.")
    card.line("What the bot does: ", code("/workflow help"))
    return _window(card)


def _this(card: Card, story: Story, now: datetime) -> None:
    view = view_of(story, now)
    operation = story.operation
    card.line(bold("This card: "), title(view), " · asked by ", view.who)
    waits = operation.state is State.WAITING and operation.gate is Gate.PEER
    card.line(*stage_line(view), *((" · ", *who_may_approve(view)) if waits else ()))
    card.line()


def _window(card: Card) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain_text("What is this?", 24),
        "close": plain_text("Close", 24),
        "blocks": list(blocks(card.body)),
    }
