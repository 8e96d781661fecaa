"""The button that shows a private answer to the whole channel, and what the channel then sees."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.slack.cards.answers.run_buttons import refresh_button
from bot.slack.cards.blocks.controls import Button, Control, LinkButton
from bot.slack.cards.blocks.rich import Card, Message, blocks, code, escape

SHARE: Final = "qa_share"
"""The value is the line that asks for the answer, with nothing left out."""


def offered(
    message: Message,
    line: str,
    steps: Sequence[Control] = (),
    link: LinkButton | None = None,
    *,
    shared: bool = True,
) -> Message:
    """A private answer with its buttons: what to go on with, the same again, the page, and for others too.

    `shared` is false for what is for its reader alone.
    """
    card = Card()
    card.actions(
        *steps, refresh_button(line), link, Button("Share in channel", SHARE, line) if shared else None
    )
    return replace(message, blocks=(*message.blocks, *blocks(card.body)))


def shared(message: Message, name: str, link: LinkButton | None = None) -> Message:
    """The same answer for everybody, and who shows it."""
    card = Card()
    card.actions(link)
    card.context(f"Shared by {name}")
    plain = f"{message.plain}\n{escape(card.plain)}"
    return replace(message, blocks=(*message.blocks, *blocks(card.body)), plain=plain)


def share_refused_card(error: str, *, certain: bool = True) -> Message:
    """Slack did not take it; or (not `certain`) nobody knows."""
    card = Card()
    if not certain:
        card.line("Slack did not say whether it took it. Look at the channel, then press again if need be.")
    elif error in {"not_in_channel", "channel_not_found"}:
        card.line("Slack does not let me post here. Invite me with ", code("/invite"), ", then press again.")
    else:
        card.line("Slack did not take it, so nothing was shared. Press again in a minute.")
    return card.message()


def seen_by_others_card() -> Message:
    """The channel is shared with other companies, and the policy does not allow that."""
    card = Card()
    card.line(
        "People of other companies see this channel, so nothing was shared. "
        "Share it in a channel of your own: type the command there."
    )
    return card.message()


def who_reads_here_card() -> Message:
    """Slack did not say whether other companies see the channel."""
    card = Card()
    card.line("Slack could not say who reads this channel, so nothing was shared. Press again in a minute.")
    return card.message()


def nobody_else_card(line: str) -> Message:
    """It was pressed in a direct message."""
    card = Card()
    card.line(
        "Nobody else reads this. In the channel that should see it, type ", code(line), " and share it."
    )
    return card.message()
