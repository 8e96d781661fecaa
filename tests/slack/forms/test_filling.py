"""A form that is filled while its reader goes on: the last choice wins, whatever is slow."""

import asyncio
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.demo.clock import ManualClock
from bot.planetscale.models import Branch, Keyspace, SchemaTable, Workflow
from bot.planetscale.organizations import Organizations
from bot.runtime.tasks import Tasks
from bot.slack.cards.forms.draft import Draft, FormOrigin
from bot.slack.handlers.forms.catalogue import Catalogues
from bot.slack.handlers.forms.filling import FormFiller
from bot.slack.handlers.forms.form_payload import FormSender
from bot.slack.handlers.forms.window import MOST_KEPT, Window, Windows

ANA = FormSender("U0ANA", "T0ACME", None)
PLACE = FormOrigin(channel="C1", database="shop", branch="main")


class Desktop:
    """One open view at Slack, and a PlanetScale whose tables come when a test lets them."""

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []
        self.version = 0
        self.closed = False
        self.gates = {name: asyncio.Event() for name in ("commerce", "lookup", "customer")}
        self.asked = {name: asyncio.Event() for name in self.gates}
        self.tasks = Tasks()
        self.known: asyncio.Event | None = None
        """Slack says who looks only after this, if it is there."""
        parts: Any = self
        self.filling = FormFiller(
            Catalogues(Organizations({"acme": parts}, "acme"), ManualClock(), self.tasks),
            parts,
            look_within=0.0,
        )
        self.windows = Windows(parts)

    async def views_open(self, *, trigger_id: str, view: dict[str, Any]) -> dict[str, Any]:
        self.shown.append(view)
        return {"ok": True, "view": {"id": "V1", "hash": str(self.version)}}

    async def views_update(self, *, view_id: str, view: dict[str, Any], **how: str) -> dict[str, Any]:
        if self.closed:
            raise SlackApiError("no", {"ok": False, "error": "not_found"})
        if how.get("hash") not in {None, str(self.version)}:
            raise SlackApiError("no", {"ok": False, "error": "hash_conflict"})
        self.version += 1
        self.shown.append(view)
        return {"ok": True, "view": {"id": view_id, "hash": str(self.version)}}

    async def to_look(self, user_id: str, origin: FormOrigin) -> None:
        if self.known:
            await self.known.wait()

    def asks_why(self, origin: FormOrigin) -> bool:
        return False

    async def to_ask(self, sender: FormSender, origin: FormOrigin) -> None:
        pass

    async def workflows(self, *_place: str) -> tuple[Workflow, ...]:
        await asyncio.Event().wait()
        raise AssertionError

    async def branches(self, *_place: str) -> tuple[Branch, ...]:
        return (Branch(name="main"),)

    async def keyspaces(self, *_place: str) -> tuple[Keyspace, ...]:
        return tuple(Keyspace(name=name, sharded=name == "customer", ready=True) for name in self.gates)

    async def schema(self, *place: str) -> tuple[SchemaTable, ...]:
        self.asked[place[-1]].set()
        await self.gates[place[-1]].wait()
        return (SchemaTable(name=f"{place[-1]}_table"),)

    def choose(self, source: str) -> asyncio.Task[None]:
        """Somebody chooses a source keyspace."""
        return self.fill(self.windows.of("V1"), source)

    def fill(self, window: Window, source: str, *, moved: bool = False) -> asyncio.Task[None]:
        origin = PLACE.holding(Draft(source=source))
        return asyncio.create_task(self.filling.fill(ANA, window, origin, moved=moved))

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


async def test_slack_is_slow_to_say_who_looks() -> None:
    """A choice that was held up before it showed anything replaces nothing that was chosen after it."""
    desktop = Desktop()
    for gate in desktop.gates.values():
        gate.set()
    known = desktop.known = asyncio.Event()
    first = desktop.choose("commerce")
    await asyncio.sleep(0)
    desktop.known = None
    await desktop.choose("lookup")
    assert "The one table of lookup" in desktop.read()
    known.set()
    await first
    assert "The one table of lookup" in desktop.read()


async def test_a_form_that_is_slow_to_open() -> None:
    """Who presses in a form before Slack has told the bot that it opened it keeps what they get."""
    desktop = Desktop()
    for gate in desktop.gates.values():
        gate.set()
    choice = desktop.choose("lookup")
    opened = await desktop.windows.open("trigger", {})
    await choice
    await desktop.fill(opened, "commerce")
    assert "The one table of lookup" in desktop.read()


async def test_what_is_on_the_branch_is_slow_to_come() -> None:
    """The fields are shown without it: they do not wait for a long list of workflows."""
    desktop = Desktop()
    desktop.gates["lookup"].set()
    await desktop.fill(desktop.windows.of("V1"), "lookup", moved=True)
    assert "The one table of lookup" in desktop.read()


async def test_many_forms_at_once() -> None:
    """However many forms are open, each shows what was chosen in it."""
    desktop = Desktop()
    first = desktop.windows.of("V0")
    for number in range(MOST_KEPT + 1):
        desktop.windows.of(f"V{number + 1}")
    assert await first.show({"blocks": []})
    assert not first.overtaken


async def test_a_form_that_was_closed() -> None:
    """Nothing more is read for a form that nobody sees any more."""
    desktop = Desktop()
    desktop.closed = True
    await desktop.choose("commerce")
    assert not desktop.asked["commerce"].is_set()
    assert desktop.shown == []
