"""Another kind of subject goes through the whole engine, beside workflows and without a change to it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.approvals.digest import prefix
from bot.approvals.policy import load_policy
from bot.demo.clock import ManualClock
from bot.demo.slack import SmallSlack, api_routes
from bot.demo.slack.people import DB_MOVES
from bot.kinds.workflow.workflow_forms import WorkflowForms
from bot.operations import intake
from bot.operations.model import Operation, State
from bot.operations.services import Services
from bot.operations.steps.readback import Readback
from bot.operations.storage import press_rows, repository
from bot.operations.storage.kept_forms import CARRIED
from bot.operations.storage.press_rows import Press
from bot.operations.worker import Worker
from bot.runtime.tasks import Grace
from bot.slack.delivery.courier import Courier, Rates
from bot.slack.delivery.links import Links
from bot.slack.delivery.operation_board import OperationBoard
from bot.slack.delivery.operation_renderer import OperationRenderers
from bot.slack.delivery.rendering import joined
from bot.slack.delivery.watch_board import WatchBoard
from bot.slack.delivery.watch_renderer import WatchRenderers
from bot.store.engine.database import Database
from bot.store.engine.statements import new_id
from bot.store.migrate import migrate
from bot.subjects.model import Ref, Snapshot
from bot.watch.polling.poller import Poller
from bot.watch.shared_reads import WatchFollower
from bot.watch.storage import watch_repository
from bot.watch.watch_services import WatchServices
from tests.kinds.lamps import (
    DARKEN,
    HOUSE,
    LIGHT,
    Lamp,
    LampCards,
    LampForms,
    LampKind,
    Lamps,
    Light,
    WatchedLamps,
    Wish,
)
from tests.operations.conftest import ANA, BEN, StubPeople, StubResponder
from tests.serve import serve
from tests.store.databases import new_file

LAMP = Lamp("acme", HOUSE, 7)


def forms_of_row(row: Mapping[Any, Any]) -> Any:
    """The kind of subject is found from the row."""
    return LampForms() if row["database"] == HOUSE else WorkflowForms()


@dataclass
class Home:
    """The engine as it is composed, over lamps; with what a person does and reads."""

    lamps: Lamps
    database: Database
    services: Services
    watching: WatchServices
    courier: Courier
    slack: SmallSlack
    clock: ManualClock
    triggers: int = 0
    worker: Worker = field(init=False)
    poller: Poller = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """A new process over the same rows."""
        self.worker, self.poller = Worker(self.services, alone=True), Poller(self.watching)

    async def ask(self, action: Wish, ref: Lamp | None = LAMP) -> str:
        """Ask for something, and let the worker come to rest."""
        operation = Operation(
            id=new_id(),
            organization="acme",
            database=HOUSE,
            ref=ref,
            action=action,
            requester=ANA,
            team_id="T0ACME",
            channel=DB_MOVES,
            state=State.REQUESTED,
            asked_at=self.clock.now(),
        )
        await self.database.write(intake.take, operation, None)
        await self.worker.settle()
        return operation.id

    async def press(self, operation_id: str, user: str, kind: str) -> None:
        self.triggers += 1
        press = Press(
            operation_id=operation_id,
            user_id=user,
            trigger_id=f"t{self.triggers}",
            kind=kind,
            prefix=prefix((await self.get(operation_id)).digest or ""),
            received_at=self.clock.now(),
        )
        await self.database.write(press_rows.press, press)
        await self.worker.settle()

    async def get(self, operation_id: str) -> Operation:
        operation = await self.database.read(repository.load, operation_id)
        assert operation is not None
        return operation

    async def pass_time(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.advance(1)
            await self.worker.settle()
            await self.poller.settle()

    async def shown(self) -> list[str]:
        """What is read in the channel, from the top, once the courier has nothing left to do."""
        for _ in range(100):
            await self.courier.run_once()
            if self.courier.pause is None:
                break
            self.clock.advance(self.courier.pause)
        return [self.slack.visible_text(message) for message in self.slack.messages(DB_MOVES)]


@asynccontextmanager
async def open_home(folder: Path) -> AsyncIterator[Home]:
    clock, lamps, cards = ManualClock(), Lamps({7: Light("off")}), LampCards()
    slack, carries = SmallSlack(clock), {CARRIED: forms_of_row}
    async with AsyncExitStack() as resources:
        base = await resources.enter_async_context(
            serve(Starlette(routes=[Mount("/s", routes=api_routes(slack))]))
        )
        slack.connect(public_url=f"{base}/s")
        resources.push_async_callback(slack.aclose)
        rows = Database(f"sqlite:///{new_file(folder)}", begin_within=30, carries=carries)
        database = await resources.enter_async_context(rows)
        await migrate(database)
        links = Links("https://acme.slack.com")
        operation_board = OperationBoard(links, lambda _: cards, watch_repository.touched)
        watch_board = WatchBoard(lambda _: cards)

        def concluded(connection: Connection, ref: Ref, snapshot: Snapshot, began: datetime) -> None:
            readback.seen(connection, ref, snapshot, began)

        watching = WatchServices(
            database=database,
            kind=WatchedLamps(lamps),
            board=watch_board,
            policy=load_policy(None),
            clock=clock,
            organization="acme",
            databases=(HOUSE,),
            default_channel=DB_MOVES,
            poll_seconds=15,
            worker="w1",
            alone=True,
            random=lambda: 1.0,
            on_read=concluded,
        )
        kind = LampKind(lamps)
        services = Services(
            database=database,
            kind_of=lambda _: kind,
            people=StubPeople(),
            responder=StubResponder(),
            board=operation_board,
            policy=load_policy(None),
            clock=clock,
            default_channel=None,
            worker="w1",
            can_tell=lambda: True,
            on_read=WatchFollower([watching]),
        )
        readback = Readback(services)
        renderers = joined(
            OperationRenderers(operation_board, lambda _: cards, clock, "acme", lambda: None).subjects(),
            WatchRenderers(watch_board, links, lambda _: cards, clock, "acme").subjects(),
        )
        client = AsyncWebClient(token=slack.bot_token, base_url=f"{base}/s/api/", retry_handlers=[])
        courier = Courier(database, client, renderers, clock, Rates(jitter=lambda: 1.0))
        home = Home(lamps, database, services, watching, courier, slack, clock)
        yield home
        await home.worker.stop(Grace())
        await home.poller.stop(Grace())


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path) as opened:
        yield opened


async def test_asked_approved_sent_and_read_back(home: Home) -> None:
    """A lamp is switched on by two people, once, and its card says so when it was seen to be on."""
    home.lamps.warms_up = True
    operation_id = await home.ask(LIGHT)
    assert "lamp 7: light, waiting" in await home.shown()
    assert home.lamps.requests == []
    await home.press(operation_id, BEN, "approve")
    assert home.lamps.requests == ["light"]
    assert "lamp 7: light, under_way" in await home.shown()
    home.lamps.lights[7] = Light("on")
    await home.pass_time(5)
    operation = await home.get(operation_id)
    assert (operation.state, operation.seen, operation.outcome.latest) == (
        State.SUCCEEDED,
        Light("off"),
        Light("on"),
    )
    assert {"lamp 7: light, succeeded", "lamp 7: succeeded"} <= set(await home.shown())


async def test_what_the_checks_refuse_is_not_asked_of_anybody(home: Home) -> None:
    """A lamp that cannot be switched on is not put before people, in the words of its own checks."""
    home.lamps.lights[7] = Light("broken")
    operation = await home.get(await home.ask(LIGHT))
    assert operation.state is State.BLOCKED
    assert operation.outcome.cause == "The bulb is broken."


async def test_a_name_that_was_left_out_is_found_once(home: Home) -> None:
    """Where there is one lamp it need not be named; where there are two, whoever asks is told."""
    operation = await home.get(await home.ask(DARKEN, ref=None))
    assert (operation.ref, operation.assumed) == (LAMP, "It was the only lamp.")
    home.lamps.lights[8] = Light("on")
    assert (await home.get(await home.ask(DARKEN, ref=None))).state is State.BLOCKED


async def test_what_changed_before_it_was_sent(home: Home) -> None:
    """Nothing is sent for a lamp that is not as it was approved, and the card says what it is now."""
    operation_id = await home.ask(LIGHT)
    home.lamps.lights[7] = Light("on")
    await home.press(operation_id, BEN, "approve")
    operation = await home.get(operation_id)
    assert (operation.state, operation.outcome.cause) == (State.SUPERSEDED, "The lamp is on now.")
    assert home.lamps.requests == []


async def test_an_answer_that_is_lost_is_read_and_never_sent_again(home: Home) -> None:
    """Where nobody answered, the lamp is looked at until it is known what became of the one request."""
    operation_id = await home.ask(LIGHT)
    home.lamps.loses = True
    await home.press(operation_id, BEN, "approve")
    assert (await home.get(operation_id)).state is State.UNKNOWN
    home.restart()
    await home.pass_time(30)
    assert (await home.get(operation_id)).state is State.UNKNOWN
    home.lamps.lights[7] = Light("on")
    await home.pass_time(30)
    assert (await home.get(operation_id)).state is State.SUCCEEDED
    assert home.lamps.requests == ["light"]


async def test_watched_and_told(home: Home) -> None:
    """Lamps are found and watched; what people do to them is told as such, and what the bot did by its own
    result alone, in the lamps' words."""
    await home.pass_time(2)
    assert "lamp 7 is off" in await home.shown()
    home.lamps.lights[7] = Light("on")
    await home.pass_time(30)
    assert {"lamp 7 is on", "lamp 7 went on, without the bot"} <= set(await home.shown())
    await home.ask(DARKEN)
    await home.pass_time(5)
    assert {"lamp 7 is off", "lamp 7: succeeded"} <= set(await home.shown())
    assert "lamp 7 went off, by the bot" not in await home.shown()
    home.lamps.lights[7] = Light("broken")
    await home.pass_time(60)
    assert "lamp 7 went broken, without the bot" in await home.shown()
