"""The whole: PostgreSQL, the stand-ins, the bot's processes, people, what goes wrong, and what holds."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

from bot.kinds.workflow.workflow_forms import CARRIES
from bot.store.engine.database import Database
from bot.store.errors import StoreError
from bot.store.migrate import migrate
from tests.processes.chaos import Chaos, Weather
from tests.processes.cluster import Cluster
from tests.processes.people import Move, People, moves
from tests.processes.proof import Rows, beyond, faults, read_rows
from tests.processes.town import open_town
from tests.store.postgres import PostgresServer

LOOK_AGAIN: Final = 1.0
ROLES: Final[Mapping[str, int]] = {"web": 2, "worker": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much of it."""

    operations: int
    at_once: int
    """How many of them people care about at the same time."""
    weather: Weather
    settles_within: float
    """Seconds after which what is not settled never will be: far more than it ever takes."""
    to_the_end: bool
    """Whether also what was lost on its way is waited for, which takes minutes."""
    budget: int
    """How many requests all processes together may send to PlanetScale in any 60 s."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it."""

    faults: Sequence[str]
    ends: Mapping[str, int]
    happened: Mapping[str, int]
    seconds: float
    strange: Mapping[str, int]
    """Log lines with a traceback, by what they say."""


async def soak(
    plan: Plan, seed: int, server: PostgresServer, folder: Path, say: Callable[[str], None]
) -> Result:
    """Run all of it; what was broken is in the result."""
    random, began = Random(seed), time.monotonic()
    name = server.create()
    url = server.url(name)
    all_moves = moves(plan.operations)
    async with open_town(random) as town, Database(url, begin_within=30, carries=CARRIES) as database:
        await migrate(database)
        for move in all_moves:
            town.house.planetscale.add_workflow(move.database, 1, "verified_data")
        environment = town.house.connect(town.url) | {
            "DATABASE_URL": url,
            "WORKFLOW_BOT_API_BUDGET": str(plan.budget),
        }
        async with _cluster(environment, folder) as cluster:
            town.balancer.reach([one.url for one in cluster.webs])
            say(f"{len(cluster.processes)} processes work after {time.monotonic() - began:.0f} s")
            chaos = Chaos(town, cluster, server, name, plan.weather, random)
            await _carry_out(plan, all_moves, People(town, database, random), chaos)
            say(f"people are done after {time.monotonic() - began:.0f} s: {dict(chaos.done)}")
            rows = await _settled(plan, database, say)
            (folder / "postgresql.log").write_text(server.log)
            strange = Counter(str(line["event"]) for line in cluster.lines() if "exception" in line)
            found = [
                *faults(town, rows, all_moves),
                *beyond(plan.budget, town),
                *chaos.broken,
                *(f"in the log: {one}" for one in strange),
            ]
    ends = Counter(row["state"] for row in rows.operations)
    return Result(found, ends, chaos.done, time.monotonic() - began, strange)


@asynccontextmanager
async def _cluster(environment: Mapping[str, str], folder: Path) -> AsyncIterator[Cluster]:
    cluster = Cluster(ROLES, environment, folder)
    tending = asyncio.create_task(cluster.tend())
    try:
        await cluster.until_all_work()
        yield cluster
    finally:
        tending.cancel()
        cluster.kill()


async def _carry_out(plan: Plan, all_moves: Sequence[Move], people: People, chaos: Chaos) -> None:
    """People and what goes wrong, at the same time; people go on until they are done."""
    going_wrong = asyncio.create_task(chaos.run())
    with suppress(TimeoutError):  # what was not done by then is found in the rows
        async with asyncio.timeout(plan.settles_within), asyncio.TaskGroup() as all_of_it:
            all_of_it.create_task(people.carry_out(all_moves, plan.at_once))
            await going_wrong
            await chaos.heal()
    going_wrong.cancel()


async def _settled(plan: Plan, database: Database, say: Callable[[str], None]) -> Rows:
    """The rows, once nothing is left to do; or as they are when that takes too long."""
    deadline = time.monotonic() + plan.settles_within
    while True:
        with suppress(StoreError):
            rows = await read_rows(database)
            if rows.settled and not (plan.to_the_end and rows.open):
                return rows
            if time.monotonic() > deadline:
                say(f"not settled: {Counter(row['state'] for row in rows.operations)}")
                return rows
        await asyncio.sleep(LOOK_AGAIN)
