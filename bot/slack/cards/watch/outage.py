"""The note that PlanetScale does not answer: one for each channel, edited when it is back."""

from datetime import datetime, timedelta

from bot.slack.cards.blocks.rich import (
    At,
    Card,
    GroupMention,
    Line,
    Message,
    Part,
    PersonMention,
    one_line,
    shorten,
)
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.blocks.words import names, plural
from bot.watch.ports import Outage

NEAR = timedelta(hours=12)
"""Moments as near as this stand without a date."""
NAME = 60


def outage_card(outage: Outage, now: datetime) -> Message:
    """The note as it stands. It calls the people whose requests have an open outcome meanwhile."""
    organization = shorten(one_line(outage.organization), NAME)
    card = Card()
    if outage.back_at is not None:
        back: Parts = (
            "Back since ",
            _at(outage.back_at, now),
            f": PlanetScale ({organization}) can be read again.",
        )
        card.line(*back)
        card.line("It could not be read since ", _at(outage.since, now), ".")
        return card.message(Line(back).plain)
    were = "1 workflow is shown as it was." if outage.workflows == 1 else _many(outage.workflows)
    silent: Parts = ("PlanetScale could not be read since ", _at(outage.since, now), f". {were}")
    card.line(*silent)
    card.line(f"Organization {organization}. Writes: as each live message says, then.")
    called = _called(outage.mentions)
    if called:
        on = names([shorten(one_line(one), NAME) for one in outage.open_on], 3) or "a request"
        card.line(f"The outcome of the request on {on} is not known. Check the application:", *called)
    return card.message(Line(silent).plain)


def _many(workflows: int) -> str:
    return f"{plural(workflows, 'workflow')} are shown as they were."


def _at(moment: datetime, now: datetime) -> At:
    return At(moment, "{time}") if abs(now - moment) < NEAR else At(moment)


def _called(mentions: tuple[str, ...]) -> Parts:
    parts: list[Part] = []
    for one in mentions:
        parts += [" ", GroupMention(one) if one.startswith("S") else PersonMention(one)]
    return tuple(parts)
