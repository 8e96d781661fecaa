"""Time that the processes of a test and their PostgreSQL share, and that moves only when the test says so."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg

from bot.runtime.metering import Flow, Portion, Rank
from bot.store.engine.database import Database
from bot.store.meters import SharedMeter, SharedMeters
from tests.store.postgres import PostgresServer

_BEGINNING = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
SIMULATED = """
CREATE SCHEMA simulated;
CREATE TABLE simulated.present (at timestamptz);
INSERT INTO simulated.present VALUES ('2026-11-23 02:14:00+00');
CREATE FUNCTION simulated.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT at FROM simulated.present';
"""


HOPS = 60
"""So many rounds of the loop in which nobody asks the database mean that all wait for time."""


class SharedTime:
    """A clock for all processes. The database's may differ from theirs by `database_ahead` seconds."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._passed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()
        self.asking = 0
        """Statements under way."""
        self.asked = 0
        """All that there were."""
        self.database_ahead = 0.0

    def now(self) -> datetime:
        return _BEGINNING + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._passed + seconds, next(self._order), wake))
        await wake

    async def advance(self, seconds: float) -> None:
        """Pass over every moment at which somebody wakes."""
        end = self._passed + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            moment = self._sleepers[0][0]
            self._move_to(max(self._passed, moment))
            while self._sleepers and self._sleepers[0][0] <= moment:
                _, _, wake = heapq.heappop(self._sleepers)
                if not wake.done():
                    wake.set_result(None)
            await self.settle()
        self._move_to(end)

    async def settle(self, people: int = 1) -> None:
        """Until everybody waits for time; `people`: so many may go on one after another."""
        quiet = 0
        while quiet < HOPS + 10 * people:
            quiet = 0 if self.asking else quiet + 1
            await asyncio.sleep(0.0002 if self.asking else 0)

    def _move_to(self, moment: float) -> None:
        if moment == self._passed:
            return
        self._passed = moment
        there = self.now() + timedelta(seconds=self.database_ahead)
        self._connection.execute("UPDATE simulated.present SET at = %s", (there,))


class CountedMeters:
    """One process's meters. A test sees when they are asked."""

    def __init__(self, meters: SharedMeters, time: SharedTime) -> None:
        self._meters = meters
        self._time = time

    def named(self, name: str, *, closed_with: str | None = None) -> "CountedMeter":
        return CountedMeter(self._meters.named(name, closed_with=closed_with), self._time)


class CountedMeter:
    """One of them."""

    def __init__(self, meter: SharedMeter, time: SharedTime) -> None:
        self._meter = meter
        self._time = time

    async def take(
        self, flow: Flow, *, wanted: int = 1, kept: float = 0.0, rank: Rank = Rank.LAST
    ) -> Portion:
        self._time.asking += 1
        self._time.asked += 1
        try:
            return await self._meter.take(flow, wanted=wanted, kept=kept, rank=rank)
        finally:
            self._time.asking -= 1

    async def close(self, seconds: float) -> None:
        self._time.asking += 1
        try:
            await self._meter.close(seconds)
        finally:
            self._time.asking -= 1


@asynccontextmanager
async def processes(
    server: PostgresServer, template: str, number: int
) -> AsyncIterator[tuple[SharedTime, list[CountedMeters]]]:
    """So many processes on a PostgreSQL of their own, whose clock is simulated."""
    name = server.create(template)
    with server.client(name) as connection:
        connection.execute(SIMULATED)
        connection.execute(f"ALTER DATABASE {name} SET search_path = simulated, pg_catalog, public")
        time = SharedTime(connection)
        async with AsyncExitStack() as stack:
            databases = [
                await stack.enter_async_context(Database(server.url(name), begin_within=30))
                for _ in range(number)
            ]
            yield time, [CountedMeters(SharedMeters(one), time) for one in databases]
    server.drop(name)
