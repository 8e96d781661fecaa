"""A form that is filled while its reader goes on: the last choice wins, whatever is slow."""

import asyncio
from datetime import UTC
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.demo.clock import ManualClock
from bot.planetscale.models import Keyspace, SchemaTable
from bot.planetscale.organizations import Organizations
from bot.slack.cards.forms.draft import Draft, Origin
from bot.slack.forms.catalogue import Catalogues
from bot.slack.forms.filling import Filling
from bot.slack.forms.window import Window
from bot.slack.people import Person, Standing
from bot.tasks import Tasks

PLACE = Origin(channel="C1", database="shop", branch="main")


class Desktop:
    """One open view at Slack, and a PlanetScale whose tables come when a test lets them."""

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []
        self.version = 0
        self.closed = False
        self.gates = {name: asyncio.Event() for name in ("commerce", "lookup", "customer")}
        self.asked = {name: asyncio.Event() for name in self.gates}
        self.tasks = Tasks()
        parts: Any = self
        self.client: Any = self
        self.filling = Filling(
            Catalogues(Organizations({"acme": parts}, "acme"), ManualClock(), self.tasks), parts
        )

    async def views_update(self, *, view_id: str, view: dict[str, Any], **how: str) -> dict[str, Any]:
        if self.closed:
            raise SlackApiError("no", {"ok": False, "error": "not_found"})
        if how.get("hash") not in {None, str(self.version)}:
            raise SlackApiError("no", {"ok": False, "error": "hash_conflict"})
        self.version += 1
        self.shown.append(view)
        return {"ok": True, "view": {"id": view_id, "hash": str(self.version)}}

    async def admit(self, user_id: str, *_place: str | None) -> Person:
        return Person(user_id, Standing.MEMBER, UTC, "Ana")

    async def keyspaces(self, *_place: str) -> tuple[Keyspace, ...]:
        return tuple(Keyspace(name=name, sharded=name == "customer", ready=True) for name in self.gates)

    async def schema(self, *place: str) -> tuple[SchemaTable, ...]:
        self.asked[place[-1]].set()
        await self.gates[place[-1]].wait()
        return (SchemaTable(name=f"{place[-1]}_table"),)

    def choose(self, source: str) -> asyncio.Task[None]:
        """Somebody chooses a source keyspace."""
        origin = PLACE.holding(Draft(source=source))
        return asyncio.create_task(self.filling.fill("U0ANA", Window(self.client, "V1"), origin))

    def read(self) -> str:
        return str(self.shown[-1]["blocks"])


async def test_the_last_choice_wins() -> None:
    """Tables that come late, for a source keyspace that was chosen before, replace nothing."""
    desktop = Desktop()
    first = desktop.choose("commerce")
    await desktop.asked["commerce"].wait()
    assert "Reading the tables of commerce …" in desktop.read()
    second = desktop.choose("lookup")
    await desktop.asked["lookup"].wait()
    desktop.gates["lookup"].set()
    await second
    assert "The one table of lookup" in desktop.read()
    desktop.gates["commerce"].set()
    await first
    assert "The one table of lookup" in desktop.read()


async def test_back_to_the_first_choice() -> None:
    """Who changes their mind twice waits for one reading only, and gets it."""
    desktop = Desktop()
    first = desktop.choose("commerce")
    await desktop.asked["commerce"].wait()
    desktop.gates["lookup"].set()
    await desktop.choose("lookup")
    third = desktop.choose("commerce")
    desktop.gates["commerce"].set()
    await asyncio.gather(first, third)
    assert "The one table of commerce" in desktop.read()


async def test_a_form_that_was_closed() -> None:
    """Nothing more is read for a form that nobody sees any more."""
    desktop = Desktop()
    desktop.closed = True
    await desktop.choose("commerce")
    assert not desktop.asked["commerce"].is_set()
    assert desktop.shown == []
