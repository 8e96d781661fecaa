"""The lists of all databases in a Home: shown as they are known, completed by one pass, within bounds."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.demo.clock import ManualClock
from bot.demo.slack.people import ANA, BEN, GIL
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.models import DatabaseInfo, VDiff, Workflow
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.slack.lists.keeping import MOST, KeptLists
from bot.slack.lists.reading import ListReader
from tests.builders import NOW
from tests.slack.cards.stories import COPIED, COPYING, now_in
from tests.slack.courier_stage import copy_of
from tests.slack.home_stage import HomeStage, open_home_stage


class FakePlanetScale:
    """Databases with their workflows; counts what is asked."""

    def __init__(self, databases: Mapping[str, tuple[Workflow, ...]]) -> None:
        self.databases_known = dict(databases)
        self.failing: set[str] = set()
        self.asked: list[str] = []

    async def databases(self, _organization: str) -> tuple[DatabaseInfo, ...]:
        return tuple(DatabaseInfo(name=name) for name in self.databases_known)

    async def workflows(self, _organization: str, database: str) -> tuple[Workflow, ...]:
        self.asked.append(database)
        listed = {"streams": None, "tables": None, "vdiff": None}
        if database in self.failing:
            raise PlanetScaleError(FailureKind.TROUBLE, read=True, status=500)
        return tuple(one.model_copy(update=listed) for one in self.databases_known[database])

    async def workflow(self, ref: WorkflowRef) -> Workflow:
        found = self.databases_known[ref.database]
        return next(one for one in found if one.number == ref.number)


async def never(_seconds: float) -> None:
    """Nobody runs out of patience."""
    await asyncio.Event().wait()


def kept(planetscale: FakePlanetScale, clock: ManualClock) -> KeptLists:
    client: Any = planetscale
    organizations = Organizations({"acme": client}, "acme")
    return KeptLists(ListReader(organizations, clock, never), clock)


DATABASES: dict[str, tuple[Workflow, ...]] = {
    "shop": (COPIED,),
    "crm": (now_in(COPIED, "error").model_copy(update={"number": 7, "name": "contacts"}),),
    "old": (now_in(COPIED, "completed"),),
}


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> str:
    return copy_of(sqlite_template, tmp_path)


@pytest.fixture
def planetscale() -> FakePlanetScale:
    return FakePlanetScale(DATABASES)


@pytest.fixture
async def stage(sqlite: str, planetscale: FakePlanetScale) -> AsyncIterator[HomeStage]:
    clock = ManualClock()
    async with open_home_stage(sqlite, clock=clock, lists=kept(planetscale, clock)) as opened:
        yield opened


def workflows(home: str) -> str:
    return home.partition("Active workflows")[2].partition("Lately")[0]


async def test_all_workflows_are_there_not_only_watched_ones(stage: HomeStage) -> None:
    """What is active in any database stands in a Home, trouble first, with or without a watch."""
    await stage.watched(COPYING.model_copy(update={"number": 4}), 4)
    await stage.open(BEN)
    told = workflows(stage.reads(BEN)).splitlines()
    assert told[0] == " · 3"
    assert told[1].startswith("🔴 Error")
    assert "crm #7 contacts" in told[1]
    assert told[3].startswith("Copying · about 40 % · shop #4")
    assert "3 databases read, as of today 02:14" in told
    assert len(stage.drawn(BEN)) == 2


async def test_data_that_differs_is_trouble_there_too(stage: HomeStage, planetscale: FakePlanetScale) -> None:
    """What a list does not carry is read of a few: rows that differ show in a Home as they do in `list`."""
    differs = COPIED.model_copy(update={"vdiff": VDiff(completed_at=NOW, has_mismatch=True)})
    planetscale.databases_known["shop"] = (differs,)
    await stage.open(BEN)
    assert "🔴 Data differs · shop #3" in workflows(stage.reads(BEN))


async def test_it_is_drawn_before_anything_is_read(stage: HomeStage, planetscale: FakePlanetScale) -> None:
    """The first drawing waits for no database: it says that they are being read."""
    await stage.open(BEN)
    first = stage.post.slack.calls_to("views.publish")[0]
    assert "all databases are being read" in str(first.arguments)
    assert sorted(planetscale.asked) == ["crm", "old", "shop"]


async def test_many_people_are_one_pass(stage: HomeStage, planetscale: FakePlanetScale) -> None:
    """Within a minute lists are read once, however many people open their Homes."""
    for user in (ANA, BEN, *stage.crowd(10)):
        await stage.open(user)
    assert len(planetscale.asked) == 3
    stage.post.clock.advance(61)
    await stage.open(BEN)
    assert len(planetscale.asked) == 6


async def test_refresh_reads_again(stage: HomeStage, planetscale: FakePlanetScale) -> None:
    """Refresh reads what is older than a few seconds, and shows what is new."""
    await stage.open(BEN)
    planetscale.databases_known["new"] = (now_in(COPIED, "stopped"),)
    stage.post.clock.advance(20)
    await stage.refresh(BEN)
    assert "new #3" in workflows(stage.reads(BEN))
    asked = len(planetscale.asked)
    await stage.refresh(BEN)
    assert len(planetscale.asked) == asked


async def test_a_database_that_fails_keeps_what_was_known(
    stage: HomeStage, planetscale: FakePlanetScale
) -> None:
    """A list that cannot be read any more is named, and what it said last stays."""
    await stage.open(BEN)
    planetscale.failing.add("crm")
    stage.post.clock.advance(61)
    await stage.open(BEN)
    told = workflows(stage.reads(BEN))
    assert "crm #7 contacts" in told
    assert "2 databases read" in told
    assert "Not read: crm. PlanetScale has trouble of its own." in told


async def test_guests_make_nobody_read(stage: HomeStage, planetscale: FakePlanetScale) -> None:
    """Whoever may read nothing causes no request, also with Refresh."""
    await stage.open(GIL)
    await stage.refresh(GIL)
    assert planetscale.asked == []


async def test_one_of_the_databases(sqlite: str, planetscale: FakePlanetScale) -> None:
    """Of what was read for others, each sees what the policy lets them read; the rest is not even counted."""
    policy = f'[[database]]\nmatch = "crm"\nrequesters = ["{ANA}"]\n'
    clock = ManualClock()
    async with open_home_stage(sqlite, policy, clock, kept(planetscale, clock)) as stage:
        await stage.open(ANA)
        await stage.open(BEN)
        assert "crm" in stage.reads(ANA)
        assert "crm" not in stage.reads(BEN)
        assert "2 databases read" in stage.reads(BEN)


async def test_three_hundred_databases(sqlite: str) -> None:
    """A Home takes so many databases in a pass, names how many are left, and reads on from there."""
    many = FakePlanetScale({f"db-{number:03}": () for number in range(300)})
    clock = ManualClock()
    async with open_home_stage(sqlite, clock=clock, lists=kept(many, clock)) as stage:
        await stage.open(BEN)
        assert len(many.asked) == MOST
        assert "Not read, for lack of time: 240 databases" in stage.reads(BEN)
        for _ in range(4):
            stage.post.clock.advance(61)
            await stage.open(BEN)
        assert set(many.asked) == set(many.databases_known)
        assert "300 databases read" in stage.reads(BEN)


async def test_a_home_that_had_to_wait_is_completed_too(stage: HomeStage) -> None:
    """Where Slack's rates let a Home be drawn only later, all databases are read for it then."""
    stage.post.slack.slow_down("views.publish", retry_after=30)
    await stage.open(BEN)
    await stage.pass_time(40)
    await stage.tasks.idle()
    assert "3 databases read" in stage.reads(BEN)
    assert "being read" not in stage.reads(BEN)


async def test_a_pass_for_one_redraws_not_everybody(stage: HomeStage) -> None:
    """That lists were read again, and say the same, is no reason to draw the Homes of others at once."""
    await stage.open(ANA)
    stage.post.clock.advance(61)
    before = len(stage.drawn(ANA))
    await stage.open(BEN)
    await stage.pass_time(20)
    assert len(stage.drawn(ANA)) <= before + 1
