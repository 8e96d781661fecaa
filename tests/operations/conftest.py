"""The engine of operations alone: a real database, the small PlanetScale, and stand-ins for the ports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.approvals.digest import prefix
from bot.approvals.people import NamedPeople as Named
from bot.approvals.people import Person, Standing
from bot.approvals.policy import load_policy
from bot.commands.model import ActOnWorkflow, CreateWorkflow
from bot.commands.parser import parse
from bot.demo.clock import ManualClock
from bot.demo.planetscale import api
from bot.demo.planetscale.simulator import Simulator
from bot.kinds.workflow.asking import operation_of
from bot.kinds.workflow.operating import Workflows
from bot.kinds.workflow.workflow_forms import CARRIES
from bot.operations import intake
from bot.operations.events import Event
from bot.operations.model import Operation, Story
from bot.operations.ports import Known, Telling
from bot.operations.services import Services
from bot.operations.storage import press_rows, repository
from bot.operations.storage.press_rows import Press
from bot.operations.worker import Worker
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.planetscale.organizations import Organizations
from bot.runtime.tasks import Grace
from bot.store.engine.database import Database
from tests.builders import unnoticed
from tests.serve import serve
from tests.store.databases import database_url, new_file, postgres, postgres_template, sqlite_template
from tests.tls import no_tls

__all__ = ["database_url", "no_tls", "postgres", "postgres_template", "sqlite_template"]

ANA, BEN, CHIOMA, GIL = "U0ANA", "U0BEN", "U0CHIOMA", "U0GIL"
NAMES = {ANA: "Ana", BEN: "Ben", CHIOMA: "Chioma", GIL: "Gil"}


@dataclass
class StubPeople:
    """Everybody is a full member, but for those who are said to be something else."""

    standings: dict[str, Standing] = field(default_factory=lambda: {GIL: Standing.GUEST})
    groups: dict[str, frozenset[str]] = field(default_factory=dict)

    async def who(self, user_id: str, *named: Named) -> Known:
        wanted = {group for one in named for group in one.groups_to_ask(frozenset({user_id}))}
        mine = frozenset(group for group in wanted if user_id in self.groups.get(group, frozenset()))
        standing = self.standings.get(user_id, Standing.MEMBER)
        return Known(Person(user_id, standing, mine), NAMES.get(user_id, user_id))

    def was_member(self, user_id: str) -> bool:
        return self.standings.get(user_id, Standing.MEMBER) is Standing.MEMBER

    async def members(self, group: str) -> frozenset[str] | None:
        return self.groups.get(group)

    async def shared(self, channel: str) -> bool:
        return channel == "C0SHARED"

    async def may_not_post(self, channel: str) -> bool:
        return False


@dataclass
class StubResponder:
    """Remembers what was told, and to whom."""

    told: list[tuple[str, str]] = field(default_factory=list)

    async def tell(self, response_url: str, what: str, story: Story, detail: str | None = None) -> bool:
        self.told.append((response_url, str(what)))
        return True

    async def ask_why(self, trigger_id: str, operation_id: str) -> bool:
        self.told.append((trigger_id, "ask_why"))
        return True

    async def ask_why_first(self, press: Press) -> bool:
        self.told.append((press.trigger_id, "ask_why_first"))
        return True


class StubBoard:
    """Remembers which events were to be told."""

    def link(self, connection: Connection, operation_id: str) -> str | None:
        return f"https://slack/{operation_id}"

    def __init__(self) -> None:
        self.events: list[str] = []
        self.cards = 0

    def card(self, connection: Connection, operation: Operation, now: datetime) -> None:
        self.cards += 1

    def tell(self, connection: Connection, operation: Operation, telling: Telling, now: datetime) -> None:
        self.events.append(telling.event.value)

    def outdate(
        self, connection: Connection, operation_id: str, now: datetime, event: Event | None = None
    ) -> None:
        """Older messages are the courier's."""

    def adopt(
        self, connection: Connection, operation: Operation, channel: str, ts: str, now: datetime
    ) -> None:
        pass


class Engine:
    """The worker and what is around it, with the questions that tests ask."""

    def __init__(
        self, services: Services, organizations: Organizations, simulator: Simulator, clock: ManualClock
    ) -> None:
        self.services, self.organizations, self.simulator, self.clock = (
            services,
            organizations,
            simulator,
            clock,
        )
        self.worker = Worker(services, alone=True)
        self.triggers = 0

    @property
    def board(self) -> StubBoard:
        assert isinstance(self.services.board, StubBoard)
        return self.services.board

    @property
    def told(self) -> list[tuple[str, str]]:
        assert isinstance(self.services.responder, StubResponder)
        return self.services.responder.told

    def restart(self) -> None:
        """A new process over the same rows."""
        self.worker = Worker(self.services, alone=True)

    async def ask(self, text: str, user: str = ANA, channel: str = "C1", trigger: str | None = None) -> str:
        """Type a command; the operation's id, once the worker has come to rest."""
        operation = await self.take(text, user, channel, trigger)
        await self.worker.settle()
        return operation.id

    async def take(
        self, text: str, user: str = ANA, channel: str = "C1", trigger: str | None = None
    ) -> Operation:
        """Type a command, and leave it at its row."""
        command = parse(text)
        assert isinstance(command, (ActOnWorkflow, CreateWorkflow)), command
        self.triggers += 1
        request = intake.Request(
            requester=user,
            team_id="T0ACME",
            channel=channel,
            trigger_id=trigger or f"t{self.triggers}",
            organization="acme",
            reply_to=f"https://reply/{user}",
        )
        operation = operation_of(request, command, self.clock.now())
        await self.services.database.write(intake.take, operation, request.trigger_id)
        return operation

    async def press(self, operation_id: str, user: str, kind: str, *, prefix_of: str | None = None) -> None:
        """Press a button, and let the worker come to rest."""
        await self.put_press(operation_id, user, kind, prefix_of=prefix_of)
        await self.worker.settle()

    async def put_press(
        self, operation_id: str, user: str, kind: str, *, prefix_of: str | None = None
    ) -> None:
        """Press a button, and leave it at its row."""
        operation = await self.get(operation_id)
        self.triggers += 1
        press = Press(
            operation_id=operation_id,
            user_id=user,
            trigger_id=f"t{self.triggers}",
            kind=kind,
            prefix=prefix(prefix_of or operation.digest or "0" * 64),
            received_at=self.clock.now(),
            response_url=f"https://reply/{user}",
        )
        await self.services.database.write(press_rows.press, press)

    async def get(self, operation_id: str) -> Operation:
        """The operation as it is now."""
        operation = await self.services.database.read(repository.load, operation_id)
        assert operation is not None
        return operation

    async def pass_time(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass in steps, with the worker looking after each."""
        passed = 0.0
        while passed < seconds:
            self.clock.advance(min(step, seconds - passed))
            passed += step
            await self.worker.settle()

    def mutations(self) -> list[str]:
        """What was asked of PlanetScale that changes something."""
        return [request.operation for request in self.simulator.requests if request.method != "GET"]


@asynccontextmanager
async def open_engine(
    folder: Path, policy: str | None = None, url: str | None = None
) -> AsyncIterator[Engine]:
    """`url`: of the database; without it, a new file in `folder`."""
    clock = ManualClock()
    simulator = Simulator(clock)
    simulator.rate_limit = 100_000
    rows = Database(url or f"sqlite:///{new_file(folder)}", begin_within=30, carries=CARRIES)
    async with serve(api.app(simulator)) as address, rows as database:
        budget = Budget(100_000, clock)
        client = PlanetScale(
            base_url=address, token_id="demo-id", token="demo-secret", budget=budget, clock=clock
        )
        organizations = Organizations({"acme": client}, "acme")
        workflows = Workflows(organizations, clock)
        services = Services(
            database=database,
            kind_of=lambda _: workflows,
            people=StubPeople(),
            responder=StubResponder(),
            board=StubBoard(),
            policy=load_policy(policy),
            clock=clock,
            default_channel=None,
            worker="w1",
            can_tell=lambda: True,
            on_read=unnoticed,
        )
        engine = Engine(services, organizations, simulator, clock)
        clock.advance(10)  # the request budget is empty at start
        try:
            yield engine
        finally:
            await engine.worker.stop(Grace())
            await client.aclose()


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with open_engine(tmp_path) as opened:
        yield opened
