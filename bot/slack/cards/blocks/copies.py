"""The card as one person reads it in a direct message: the same, and where its thread is."""

from dataclasses import replace

from bot.slack.cards.blocks.rich import Card, Link, Message, blocks, escape


def as_copy(card: Message, link: str | None) -> Message:
    """`link`: Slack's, to the card in the channel, once that is there."""
    if link is None:
        return card
    more = Card()
    more.line("Its thread in the channel: ", Link(link, "open"))
    plain = f"{card.plain}\n{escape(more.plain)}"
    return replace(card, blocks=(*card.blocks, *blocks(more.body)), plain=plain)
