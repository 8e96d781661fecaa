"""Reading the lists of many databases: side by side, bounded, and honest about what was not read."""

import asyncio
from typing import Any

import pytest

from bot.demo.clock import ManualClock
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.models import DatabaseInfo, Workflow
from bot.planetscale.organizations import Organizations
from bot.slack.lists.reading import AT_ONCE, PATIENCE, SECONDS, ListReader
from tests.builders import a_workflow

MANY = [f"db-{number:03}" for number in range(300)]


class Slow:
    """Answers so many lists; then it is silent, and time is up for whoever waits."""

    def __init__(self, answers: int) -> None:
        self._answers = answers
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0
        self.silent = asyncio.Event()

    async def databases(self, _organization: str) -> tuple[DatabaseInfo, ...]:
        return tuple(DatabaseInfo(name=name) for name in MANY)

    async def workflows(self, _organization: str, database: str) -> tuple[Workflow, ...]:
        self.asked.append(database)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if len(self.asked) > self._answers:
            self.silent.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        self.at_once -= 1
        return (a_workflow(name=database),)

    async def pause(self, seconds: float) -> None:
        """Patience with one database ends never, that with all of them when PlanetScale is silent."""
        await (self.silent.wait() if seconds == SECONDS else asyncio.Event().wait())


def reader_of(planetscale: Any, pause: Any) -> ListReader:
    return ListReader(Organizations({"acme": planetscale}, "acme"), ManualClock(), pause)


def anything(_name: str) -> bool:
    return True


async def test_what_there_was_no_time_for_is_named() -> None:
    """Of 300 databases those that the bot knows are read first, and all that were not read are named."""
    planetscale = Slow(40)
    lists = await reader_of(planetscale, planetscale.pause).read("acme", anything, ["db-250", "gone"])
    assert planetscale.asked[0] == "db-250"
    assert len(lists.listed) == 40
    assert "db-250" in lists.listed
    assert set(lists.listed) | set(lists.not_read) == set(MANY)
    assert lists.failed == {}


async def test_other_people_wait_behind_few_of_them() -> None:
    """However many databases there are, only some are asked for at the same time."""
    planetscale = Slow(300)
    lists = await reader_of(planetscale, planetscale.pause).read("acme", anything, ())
    assert len(lists.listed) == 300
    assert planetscale.most_at_once <= AT_ONCE


async def test_what_may_not_be_read_is_not_asked_for() -> None:
    """A database that the person may not read about is neither asked for nor named as missing."""
    planetscale = Slow(300)
    lists = await reader_of(planetscale, planetscale.pause).read("acme", lambda name: name == "db-007", ())
    assert planetscale.asked == ["db-007"]
    assert (list(lists.listed), lists.not_read) == (["db-007"], ())


async def test_one_that_is_slow_is_given_up_alone() -> None:
    """A database that does not answer costs its own patience, not that of the others."""

    class OneHangs(Slow):
        async def workflows(self, organization: str, database: str) -> tuple[Workflow, ...]:
            if database == "db-000":
                await asyncio.Event().wait()
            return await super().workflows(organization, database)

    async def pause(seconds: float) -> None:
        await (asyncio.sleep(0) if seconds == PATIENCE and not one.asked else asyncio.Event().wait())

    one = OneHangs(300)
    lists = await reader_of(one, pause).read("acme", anything, ())
    assert lists.failed == {"db-000": "PlanetScale did not answer within 8 s."}
    assert len(lists.listed) == 299


@pytest.mark.parametrize("kind", [FailureKind.BUDGET, FailureKind.LIMITED, FailureKind.UNAUTHORIZED])
async def test_what_fails_for_all_is_not_asked_again(kind: FailureKind) -> None:
    """After a spent limit or a refused token nothing more is asked: it would fail for the next one too."""

    class Refuses(Slow):
        async def workflows(self, organization: str, database: str) -> tuple[Workflow, ...]:
            await super().workflows(organization, database)
            raise PlanetScaleError(kind, read=True)

    planetscale = Refuses(300)
    lists = await reader_of(planetscale, planetscale.pause).read("acme", anything, ())
    assert len(planetscale.asked) <= AT_ONCE
    assert len(lists.failed) + len(lists.not_read) == 300


async def test_databases_that_are_not_listed() -> None:
    """Where PlanetScale does not list databases, those that the bot knows are read; the reason is told."""

    class Unlisted(Slow):
        async def databases(self, _organization: str) -> tuple[DatabaseInfo, ...]:
            raise PlanetScaleError(FailureKind.FORBIDDEN, read=True, status=403)

    planetscale = Unlisted(300)
    lists = await reader_of(planetscale, planetscale.pause).read("acme", anything, ["shop"])
    assert list(lists.listed) == ["shop"]
    assert lists.unlisted
