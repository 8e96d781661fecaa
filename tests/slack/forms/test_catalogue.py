"""Lists that forms choose from: read once, kept for a short while, never half-way."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.demo.clock import ManualClock
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.models import Branch, DatabaseInfo, Keyspace, SchemaTable
from bot.runtime.tasks import Tasks
from bot.slack.handlers.forms.catalogue import FRESH_FOR, MOST_KEPT, Catalogue


class Shelves:
    """A PlanetScale that counts what it is asked, and answers when a test lets it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.fails = False
        self.answers = asyncio.Event()
        self.answers.set()

    async def _answer(self, *what: str) -> None:
        self.asked.append(what)
        await self.answers.wait()
        if self.fails:
            raise PlanetScaleError(FailureKind.TROUBLE, read=True)

    async def databases(self, organization: str) -> tuple[DatabaseInfo, ...]:
        await self._answer("databases", organization)
        return (DatabaseInfo(name="shop"), DatabaseInfo(name="crm"))

    async def branches(self, organization: str, database: str) -> tuple[Branch, ...]:
        await self._answer("branches", database)
        return (Branch(name="main"),)

    async def keyspaces(self, *place: str) -> tuple[Keyspace, ...]:
        await self._answer("keyspaces", *place[1:])
        return (Keyspace(name="commerce"),)

    async def schema(self, *place: str) -> tuple[SchemaTable, ...]:
        await self._answer("schema", *place[1:])
        return (SchemaTable(name="users"), SchemaTable(name="users_seq"))


@pytest.fixture
async def shelves() -> Shelves:
    return Shelves()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def catalogue(shelves: Any, clock: ManualClock) -> AsyncIterator[Catalogue]:
    tasks = Tasks()
    yield Catalogue(shelves, "acme", clock, tasks)
    shelves.answers.set()
    await tasks.idle()


async def test_names_are_read_once_and_again_when_they_are_old(
    catalogue: Catalogue, shelves: Shelves, clock: ManualClock
) -> None:
    """Within a minute nothing is asked twice; after it, it is."""
    assert not catalogue.has_tables("shop", "main", "commerce")
    for _ in range(2):
        assert (await catalogue.tables("shop", "main", "commerce")).names == ("users",)
    assert catalogue.has_tables("shop", "main", "commerce")
    assert shelves.asked == [("schema", "shop", "main", "commerce")]
    clock.advance(FRESH_FOR)
    assert not catalogue.has_tables("shop", "main", "commerce")
    await catalogue.tables("shop", "main", "commerce")
    assert len(shelves.asked) == 2


async def test_each_list_is_its_own(catalogue: Catalogue, shelves: Shelves) -> None:
    """Databases, branches, keyspaces and tables of one place are never those of another."""
    assert await catalogue.databases() == ("crm", "shop")
    assert await catalogue.branches("shop") == ("main",)
    assert [k.name for k in await catalogue.keyspaces("shop", "main")] == ["commerce"]
    assert catalogue.has_keyspaces("shop", "main")
    assert not catalogue.has_keyspaces("crm", "main")
    assert not catalogue.has_keyspaces("shop", "next")
    await catalogue.branches("crm")
    assert shelves.asked[-1] == ("branches", "crm")


async def test_who_asks_at_the_same_time_waits_for_the_same(catalogue: Catalogue, shelves: Shelves) -> None:
    """Ten people opening the form at once are one request."""
    shelves.answers.clear()
    waiting = [asyncio.create_task(catalogue.keyspaces("shop", "main")) for _ in range(10)]
    await asyncio.sleep(0)
    shelves.answers.set()
    found = await asyncio.gather(*waiting)
    assert len(set(found)) == 1
    assert len(shelves.asked) == 1


async def test_a_reading_outlives_who_gave_up(catalogue: Catalogue, shelves: Shelves) -> None:
    """Slack waits three seconds only: what comes later is there for the next letter that is typed."""
    shelves.answers.clear()
    impatient = asyncio.create_task(catalogue.databases())
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    shelves.answers.set()
    assert await catalogue.databases() == ("crm", "shop")
    assert len(shelves.asked) == 1


async def test_a_failure_is_told_and_not_kept(catalogue: Catalogue, shelves: Shelves) -> None:
    """Whoever waits hears of it; the next to ask has it read anew."""
    shelves.fails = True
    with pytest.raises(PlanetScaleError):
        await catalogue.databases()
    shelves.fails = False
    assert await catalogue.databases() == ("crm", "shop")


async def test_trying_again_reads_again(catalogue: Catalogue, shelves: Shelves) -> None:
    """What is known of one branch is forgotten, and of that branch only."""
    await catalogue.keyspaces("shop", "main")
    await catalogue.keyspaces("crm", "main")
    catalogue.forget("shop", "main")
    assert not catalogue.has_keyspaces("shop", "main")
    assert catalogue.has_keyspaces("crm", "main")


async def test_memory_is_bounded(catalogue: Catalogue, shelves: Shelves) -> None:
    """However many databases people look at, only the latest are remembered."""
    for number in range(MOST_KEPT + 1):
        await catalogue.keyspaces(f"db{number}", "main")
    assert not catalogue.has_keyspaces("db0", "main")
    assert catalogue.has_keyspaces("db1", "main")
