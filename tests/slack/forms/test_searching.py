"""Options for what is typed into a select: in time, or why not."""

import asyncio
from typing import Any

import pytest

from bot.demo.clock import ManualClock
from bot.planetscale.organizations import Organizations
from bot.runtime.tasks import Tasks
from bot.slack.cards.forms.draft import FormOrigin
from bot.slack.directory import Home
from bot.slack.handlers.forms.catalogue import Catalogues
from bot.slack.handlers.forms.searching import OptionSearch

SUGGESTION = {
    "user": {"id": "U0ANA"},
    "team": {"id": "T0ACME"},
    "action_id": "cf_database",
    "block_id": "cf_database",
    "value": "",
    "view": {"private_metadata": FormOrigin(channel="C1").metadata()},
}


class Silent:
    """A PlanetScale that does not answer, to whoever may ask it."""

    def __init__(self, *, held_back: bool) -> None:
        self.held_back = held_back
        self.over = asyncio.Event()

    async def databases(self, organization: str) -> tuple[()]:
        await self.over.wait()
        return ()

    async def to_look(self, *_: object) -> None:
        """They may."""


@pytest.mark.parametrize(
    ("held_back", "said"),
    [
        (False, "PlanetScale is slow just now. Type again in a moment."),
        (True, "The bot may not ask PlanetScale more at the moment. Type again in a moment."),
    ],
)
async def test_nothing_comes_in_time(held_back: bool, said: str) -> None:
    """It is said who keeps people waiting: PlanetScale, or the bot's own limit of requests."""
    silent: Any = Silent(held_back=held_back)
    tasks = Tasks()
    catalogues = Catalogues(Organizations({"acme": silent}, "acme"), ManualClock(), tasks)
    home = Home("T0ACME", None, "U0BOT", "B0BOT", "https://acme.slack.com")
    (only,) = await OptionSearch(catalogues, silent, home).options(SUGGESTION, within=0.0)
    assert (only["text"]["text"], only["value"]) == (said, "/")
    silent.over.set()
    await tasks.idle()
