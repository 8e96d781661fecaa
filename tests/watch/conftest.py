"""A watcher alone: real rows, the small PlanetScale over real HTTP, and a board that remembers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.approvals.policy import load_policy
from bot.demo.clock import ManualClock
from bot.demo.planetscale import api
from bot.demo.planetscale.simulator import Simulator
from bot.kinds.workflow.watching import WatchedWorkflows
from bot.kinds.workflow.workflow_forms import CARRIES
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.planetscale.refs import WorkflowRef
from bot.runtime.tasks import Grace
from bot.store.engine.database import Database
from bot.subjects.model import Observed
from bot.watch.model import Origin, Watch
from bot.watch.polling.pace import Pace
from bot.watch.polling.poller import Poller
from bot.watch.ports import Loudness, News, Outage
from bot.watch.storage import watch_repository
from bot.watch.watch_services import WatchServices
from bot.workflows.own import ref_of
from tests.builders import unnoticed
from tests.serve import serve
from tests.store.databases import (
    database,
    database_url,
    new_file,
    postgres,
    postgres_template,
    sqlite_template,
)
from tests.tls import no_tls

__all__ = ["database", "database_url", "no_tls", "postgres", "postgres_template", "sqlite_template"]

ANA = "U0ANA"
PLENTY = 100_000


class MemoryBoard:
    """Remembers what was to be shown and told, in order. What is rolled back is remembered all the same."""

    def __init__(self) -> None:
        self.drawn: list[tuple[int, bool]] = []
        self.news: list[tuple[int, News]] = []
        self.outages: list[Outage] = []

    def live(self, connection: Connection, watch: Watch, now: datetime, *, urgent: bool) -> None:
        self.drawn.append((ref_of(watch.ref).number, urgent))

    def moved(self, connection: Connection, before: Watch, after: Watch, now: datetime) -> None:
        pass

    def tell(self, connection: Connection, watch: Watch, news: News, now: datetime) -> None:
        self.news.append((ref_of(watch.ref).number, news))

    def over(self, connection: Connection, watch: Watch, before: Observed, now: datetime) -> None:
        pass

    def outage(self, connection: Connection, outage: Outage, now: datetime) -> None:
        self.outages.append(outage)

    @property
    def told(self) -> list[tuple[str, Loudness]]:
        return [(news.happened.what, news.loudness) for _, news in self.news]


class WatchStage:
    """The watcher and what is around it, with the questions that tests ask."""

    def __init__(self, services: WatchServices, simulator: Simulator, clock: ManualClock) -> None:
        self.services, self.simulator, self.clock = services, simulator, clock
        self.database = services.database
        self.poller = Poller(services)

    @property
    def board(self) -> MemoryBoard:
        assert isinstance(self.services.board, MemoryBoard)
        return self.services.board

    def restart(self) -> None:
        """A new process over the same rows."""
        self.poller = Poller(self.services)

    async def watch(self, number: int = 3, state: str = "running", database: str = "shop") -> Watch:
        """Put a workflow into the world and watch it, for Ana; read it once."""
        self.simulator.add_workflow(database, number, state)
        watch = await self.begin(number, database)
        await self.poller.settle()
        return watch

    async def begin(self, number: int, database: str = "shop") -> Watch:
        def begun(connection: Connection) -> Watch:
            return watch_repository.begin(
                connection,
                WorkflowRef("acme", database, number),
                places=("C1",),
                origin=Origin.ASKED,
                now=self.clock.now(),
                mention=ANA,
            )

        return await self.database.write(begun)

    async def get(self, number: int = 3, database: str = "shop") -> Watch:
        """The watch as it is now."""
        watch = await self.database.read(watch_repository.find, WorkflowRef("acme", database, number))
        assert watch is not None
        return watch

    async def pass_time(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass in steps, with the watcher looking after each."""
        passed = 0.0
        while passed < seconds:
            self.clock.advance(min(step, seconds - passed))
            passed += step
            await self.poller.settle()

    def reads(self, operation: str, number: int | None = None) -> int:
        """How often something was asked of PlanetScale."""
        return sum(
            request.operation == operation and number in {None, request.number}
            for request in self.simulator.requests
        )


def services_of(
    opened: Database,
    client: PlanetScale,
    clock: ManualClock,
    worker: str = "w1",
    *,
    alone: bool = True,
    databases: tuple[str, ...] = (),
    default_channel: str | None = "C1",
    policy: str | None = None,
) -> WatchServices:
    return WatchServices(
        database=opened,
        kind=WatchedWorkflows(client, "acme", clock, Pace(15)),
        board=MemoryBoard(),
        policy=load_policy(policy),
        clock=clock,
        organization="acme",
        databases=databases,
        default_channel=default_channel,
        poll_seconds=15,
        worker=worker,
        alone=alone,
        random=lambda: 1.0,
        on_read=unnoticed,
    )


def client_of(url: str, clock: ManualClock, per_minute: int = PLENTY) -> PlanetScale:
    return PlanetScale(
        base_url=url,
        token_id="demo-id",
        token="demo-secret",
        budget=Budget(per_minute, clock),
        clock=clock,
    )


@asynccontextmanager
async def open_post(
    folder: Path,
    *,
    databases: tuple[str, ...] = (),
    default_channel: str | None = "C1",
    policy: str | None = None,
    per_minute: int = PLENTY,
) -> AsyncIterator[WatchStage]:
    clock = ManualClock()
    simulator = Simulator(clock)
    simulator.rate_limit = PLENTY
    async with (
        serve(api.app(simulator)) as url,
        Database(f"sqlite:///{new_file(folder)}", begin_within=30, carries=CARRIES) as opened,
        client_of(url, clock, per_minute) as client,
    ):
        clock.advance(30)  # the request budget is empty at start
        services = services_of(
            opened, client, clock, databases=databases, default_channel=default_channel, policy=policy
        )
        stage = WatchStage(services, simulator, clock)
        try:
            yield stage
        finally:
            await stage.poller.stop(Grace())


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[WatchStage]:
    async with open_post(tmp_path) as opened:
        yield opened
