"""What all processes share is counted where no process can hold up another."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from bot.runtime.metering import Flow, NotCountedError, Rank
from bot.store.engine import engines
from bot.store.engine.database import Database
from bot.store.meters import SharedMeters
from tests.store.postgres import PostgresServer
from tests.store.shared_time import SIMULATED

FLOW = Flow(10.0, 1.0, at_first=10.0)


@pytest.fixture
def name(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A PostgreSQL database with the current schema."""
    name = postgres.create(postgres_template)
    yield name
    postgres.drop(name)


@pytest.fixture
def url(postgres: PostgresServer, name: str) -> str:
    return postgres.url(name)


async def test_a_statement_alone_leaves_nothing_locked(url: str) -> None:
    """A process that stands still between two counts holds up nobody: each count ended with its statement."""

    def stands_still(connection: Connection) -> None:
        connection.execute(text("UPDATE meters SET level = level"))
        inside.set()
        go_on.wait(30)

    inside, go_on = threading.Event(), threading.Event()
    async with Database(url, begin_within=30) as stopped, Database(url, begin_within=30) as other:
        meter = SharedMeters(other).named("planetscale:acme")
        assert (await meter.take(FLOW)).granted == 1
        standing = asyncio.create_task(stopped.write_alone(stands_still))
        await asyncio.to_thread(inside.wait, 30)
        assert (await meter.take(FLOW)).granted == 1
        go_on.set()
        await standing


async def test_a_row_that_is_locked_is_given_up(
    url: str, postgres: PostgresServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the count for long (an operator's open transaction) does not hold the bot: it is told."""
    monkeypatch.setattr(engines, "_POSTGRES_LIMITS", "SET lock_timeout = '20ms'")
    async with Database(url, begin_within=30) as database:
        meter = SharedMeters(database).named("planetscale:acme")
        await meter.take(FLOW)
        with postgres.client(name) as held, held.transaction():
            held.execute("SELECT * FROM meters FOR UPDATE")
            with pytest.raises(NotCountedError):
                await meter.take(FLOW)
        assert (await meter.take(FLOW)).granted == 1


async def test_a_clock_of_the_database_that_goes_back(url: str, postgres: PostgresServer, name: str) -> None:
    """After a failover to a server whose clock is behind nobody waits for longer than was asked for."""
    with postgres.client(name) as beside:
        beside.execute(SIMULATED)
        beside.execute(f"ALTER DATABASE {name} SET search_path = simulated, pg_catalog, public")
        async with Database(url, begin_within=30) as database:
            meter, flow = SharedMeters(database).named("planetscale:acme"), Flow(10.0, 1.0)
            assert (await meter.take(flow, rank=Rank.FIRST)).granted == 0  # the others wait for a moment
            await meter.close(20)
            beside.execute("UPDATE simulated.present SET at = at - interval '10 minutes'")
            assert 19 < (await meter.take(flow, rank=Rank.LAST)).closed_for <= 20
            beside.execute("UPDATE simulated.present SET at = at + interval '21 seconds'")
            assert (await meter.take(flow, rank=Rank.LAST)).granted == 1
