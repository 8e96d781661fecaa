"""Two processes that watch over one database."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, insert, select, text, update
from structlog.testing import capture_logs

from bot.demo.clock import ManualClock
from bot.demo.planetscale import api
from bot.demo.planetscale.simulator import Simulator
from bot.planetscale.refs import WorkflowRef
from bot.runtime.tasks import Grace
from bot.store.engine.database import Database
from bot.store.schema import leases, operations, watches
from bot.watch.model import Origin
from bot.watch.polling.poller import Poller
from bot.watch.storage import watch_repository
from bot.watch.watch_services import WatchServices
from bot.workflows.observing.happenings import Happening
from tests.serve import serve
from tests.store.rows import NOW, operation
from tests.watch.conftest import PLENTY, MemoryBoard, client_of, services_of


class Two:
    """Two watchers, and what they share."""

    def __init__(self, simulator: Simulator, clock: ManualClock, *services: WatchServices) -> None:
        self.simulator, self.clock, self.services = simulator, clock, services
        self.database = services[0].database
        self.watchers = tuple(Poller(one) for one in services)

    async def settle(self) -> None:
        await asyncio.gather(*(poller.settle() for poller in self.watchers))

    @property
    def told(self) -> list[str]:
        boards = [one.board for one in self.services]
        return [what for board in boards if isinstance(board, MemoryBoard) for what, _ in board.told]


@pytest.fixture
async def two(database: Database) -> AsyncIterator[Two]:
    clock = ManualClock()
    simulator = Simulator(clock)
    simulator.rate_limit = PLENTY
    async with serve(api.app(simulator)) as url, client_of(url, clock) as client:
        clock.advance(30)
        first = services_of(database, client, clock, alone=False)
        opened = Two(simulator, clock, first, replace(first, worker="w2", board=MemoryBoard()))
        yield opened
        for poller in opened.watchers:
            await poller.stop(Grace())


async def watch(two: Two, count: int) -> None:
    def begun(connection: Connection) -> None:
        for number in range(count):
            ref = WorkflowRef("acme", f"db{number}", 3)
            watch_repository.begin(connection, ref, places=("C1",), origin=Origin.ASKED, now=two.clock.now())

    for number in range(count):
        two.simulator.add_workflow(f"db{number}", 3, "verified_data")
    await two.database.write(begun)
    await two.settle()


async def test_nothing_is_read_or_told_twice(two: Two) -> None:
    """Of two processes one reads each database, and what happens is told once."""
    await watch(two, 6)
    reads = [str(one.database) for one in two.simulator.requests if one.operation == "get"]
    assert sorted(reads) == [f"db{number}" for number in range(6)]
    for number in range(6):
        two.simulator.outside(f"db{number}", 3, "switch-replicas")
    for _ in range(4):
        two.clock.advance(10)
        await two.settle()
    assert two.told == [Happening.REPLICAS_SWITCHED] * 6


async def test_the_other_goes_on(two: Two) -> None:
    """When one process dies, the other goes on a minute later; when it stops in order, at once."""
    await watch(two, 1)
    holders = [await two.database.read(_holds, one.worker) for one in two.services]
    holder = holders.index(True)
    left = two.watchers[1 - holder]
    two.simulator.outside("db0", 3, "switch-replicas")
    two.clock.advance(30)
    await left.settle()
    assert two.told == []  # it may still be read by the one who holds the lease
    two.clock.advance(31)
    await left.settle()
    assert two.told == [Happening.REPLICAS_SWITCHED]
    await left.stop(Grace())
    two.clock.advance(16)
    requests = len(two.simulator.requests)
    await two.watchers[holder].settle()
    assert len(two.simulator.requests) > requests


def _holds(connection: Connection, worker: str) -> bool:
    return connection.scalar(select(leases.c.name).where(leases.c.holder == worker)) is not None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_read_beside_a_request(two: Two) -> None:
    """What was read and what becomes of a request are noted in turn, in whatever moment: no deadlock."""
    await watch(two, 1)
    holds = threading.Event()

    def asked(connection: Connection) -> None:
        row = operation(database="db0", state="under_way", sent_at=NOW)
        connection.execute(insert(operations).values(row))

    def request_moves_on(connection: Connection) -> None:
        connection.execute(update(operations).values(fence=1))
        holds.set()
        while not connection.scalar(_WAITING):
            pass
        connection.execute(select(watches).with_for_update())

    def concludes(connection: Connection, *_: object) -> None:
        connection.execute(update(operations).values(fence=2))

    await two.database.write(asked)
    poller = Poller(replace(two.services[0], on_read=concludes))
    with capture_logs() as lines:
        moving = asyncio.create_task(two.database.write(request_moves_on))
        await asyncio.to_thread(holds.wait)
        two.clock.advance(60)
        await poller.settle()
        await moving
    await poller.stop(Grace())
    assert "transaction_repeated" not in {line["event"] for line in lines}


_WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
