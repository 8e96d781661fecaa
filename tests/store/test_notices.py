"""What one process commits, the parts of another look at: at once, or within a second."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Connection, text
from structlog.testing import capture_logs

from bot.clock import SystemClock
from bot.store.engine import listening
from bot.store.engine.database import Database
from bot.store.engine.listening import Listener
from bot.store.engine.notify import Part, notify
from tests.store.postgres import PostgresServer
from tests.store.rows import add_lease

PATIENCE = 20.0
"""Real seconds, on a busy machine: a server answers in none of them."""


@pytest.fixture
def url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A PostgreSQL database with the current schema."""
    name = postgres.create(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


class Process:
    """A process with a worker that only counts how often it is woken."""

    def __init__(self, database: Database, listener: Listener) -> None:
        self.database, self.listener = database, listener
        self.woken = asyncio.Event()
        loop = asyncio.get_running_loop()
        database.wakes.on(Part.WORKER, lambda: loop.call_soon_threadsafe(self.woken.set))

    async def until_woken(self) -> None:
        """Return once its worker is woken again."""
        async with asyncio.timeout(PATIENCE):
            await self.woken.wait()
        self.woken.clear()

    async def until_heard(self) -> None:
        """Return once notices reach it."""
        async with asyncio.timeout(PATIENCE):
            while not self.listener.hears:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)
        await asyncio.sleep(0)
        self.woken.clear()


@asynccontextmanager
async def listening_at(url: str) -> AsyncIterator[Process]:
    async with Database(url, begin_within=30) as database:
        listener, stop = Listener(url, database, SystemClock()), asyncio.Event()
        process = Process(database, listener)
        running = asyncio.create_task(listener.run(stop))
        yield process
        stop.set()
        await running


def _taken_down(connection: Connection, name: str) -> None:
    add_lease(connection, name)
    notify(connection, Part.WORKER)


async def test_a_worker_hears_of_what_another_process_takes_down(url: str) -> None:
    """Once it is committed, and not before: what is rolled back wakes nobody."""
    async with Database(url, begin_within=30) as web, listening_at(url) as process:
        await process.until_heard()

        def undone(connection: Connection) -> None:
            _taken_down(connection, "undone")
            raise LookupError

        with pytest.raises(LookupError):
            await web.write(undone)
        assert not process.woken.is_set()
        await web.write(_taken_down, "a")
        await process.until_woken()


async def test_a_connection_that_is_lost(
    postgres: PostgresServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its worker is woken for all that it may have missed, and hears again; one line tells of it."""
    monkeypatch.setattr(listening, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(listening, "LOOK_SECONDS", 3600.0)
    async with Database(url, begin_within=30) as web, listening_at(url) as process:
        await process.until_heard()
        process.listener._pause = 0.01
        with capture_logs() as lines:
            for pid in await web.read(_listening):
                postgres.end_connection(pid)
            await process.until_woken()
            await process.until_heard()
        assert [line["event"] for line in lines] == ["no_notices", "notices_heard"]
        await web.write(_taken_down, "a")
        await process.until_woken()


async def test_behind_a_pooler(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no notice comes all parts look each second, and one line says so."""
    monkeypatch.setattr(listening, "HEARD_WITHIN", 0.05)
    monkeypatch.setattr(listening, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(listening, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(listening, "CHANNEL", "another")
    with capture_logs() as lines:
        async with Database(url, begin_within=30) as web, listening_at(url) as process:
            for number in range(5):
                await web.write(_taken_down, str(number))
                await process.until_woken()
            await _until(lambda: any(line["event"] == "no_notices" for line in lines))
            trials = process.listener._trials
            await _until(lambda: process.listener._trials > trials)
    assert [line["event"] for line in lines].count("no_notices") == 1


async def _until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not met():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)


def _listening(connection: Connection) -> list[int]:
    found = connection.scalars(text("SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"))
    return list(found)
