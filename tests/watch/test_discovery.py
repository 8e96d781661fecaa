"""Workflows that nobody told the bot of."""

from pathlib import Path

from bot.planetscale.refs import WorkflowRef
from bot.watch.model import Origin, Over
from bot.watch.storage import watch_repository
from bot.workflows.own import ref_of
from tests.watch.conftest import WatchStage, open_post


async def numbers(stage: WatchStage) -> list[tuple[str, int]]:
    running = await stage.database.read(watch_repository.running, "acme")
    return [(watch.ref.database, ref_of(watch.ref).number) for watch in running]


async def test_what_is_active_is_found(tmp_path: Path) -> None:
    """Active workflows of the named databases are watched within a minute, in the database's own channel, and
    nobody is called for them; what has ended, and other databases, are not.
    """
    policy = '[[database]]\nmatch = "shop"\nchannel = "C0SHOP"\n'
    async with open_post(tmp_path, databases=("shop", "blog"), policy=policy) as stage:
        stage.simulator.add_workflow("shop", 1, "completed")
        stage.simulator.add_workflow("shop", 2, "copying")
        stage.simulator.add_workflow("blog", 7, "running")
        stage.simulator.add_workflow("other", 9, "running")
        await stage.poller.settle()
        assert await numbers(stage) == [("blog", 7), ("shop", 2)]
        found, elsewhere = await stage.get(2), await stage.get(7, "blog")
        assert (found.places, found.origin, found.mention) == (("C0SHOP",), Origin.FOUND, None)
        assert elsewhere.places == ("C1",)
        assert found.observed is not None
        stage.simulator.add_workflow("shop", 3, "pending")
        await stage.pass_time(61)
        assert ("shop", 3) in await numbers(stage)
        assert stage.board.told == []


async def test_a_clock_that_is_set_back(tmp_path: Path) -> None:
    """When the machine's clock is set back by an hour, what is new is found within a minute all the same."""
    async with open_post(tmp_path, databases=("shop",)) as stage:
        await stage.poller.settle()
        stage.clock.set_back(3600)
        stage.simulator.add_workflow("shop", 2, "copying")
        await stage.pass_time(61, 5)
        assert await numbers(stage) == [("shop", 2)]


async def test_stopped_by_a_person_stays_stopped(tmp_path: Path) -> None:
    """A workflow that somebody does not want to be watched is not found again."""
    async with open_post(tmp_path, databases=("shop",)) as stage:
        stage.simulator.add_workflow("shop", 2, "running")
        await stage.poller.settle()
        ref = WorkflowRef("acme", "shop", 2)
        await stage.database.write(watch_repository.stop, ref, "U0ANA", stage.clock.now())
        await stage.pass_time(300, 10)
        assert (await stage.get(2)).over is Over.STOPPED


async def test_without_a_channel_nothing_is_watched(tmp_path: Path) -> None:
    """Where nobody could be told, nothing is watched, and the databases are listed all the same."""
    async with open_post(tmp_path, databases=("shop",), default_channel=None) as stage:
        stage.simulator.add_workflow("shop", 2, "running")
        await stage.pass_time(130, 10)
        assert await numbers(stage) == []
        assert stage.reads("list") == 3


async def test_a_list_is_shared(tmp_path: Path) -> None:
    """A database that is listed for its watched workflows is not listed once more to find others."""
    async with open_post(tmp_path, databases=("shop",)) as stage:
        for number in (1, 2, 3):
            await stage.watch(number)
        lists = stage.reads("list")
        await stage.pass_time(120)
        assert stage.reads("list") - lists <= 9  # each 15 s, and no more


async def test_a_database_that_cannot_be_listed(tmp_path: Path) -> None:
    """It is tried less and less often, at most each five minutes in the end, and the others are found."""
    async with open_post(tmp_path, databases=("nowhere", "shop")) as stage:
        stage.simulator.add_workflow("shop", 2, "running")
        asked = []
        for _ in range(3):
            before = len(stage.simulator.requests)
            await stage.pass_time(600, 5)
            asked.append(sum(one.database == "nowhere" for one in list(stage.simulator.requests)[before:]))
        assert await numbers(stage) == [("shop", 2)]
        assert 5 <= asked[0] <= 9
        assert 2 <= asked[2] <= 4


async def test_the_largest_number(tmp_path: Path) -> None:
    """A workflow is found whatever its number is, as large as PlanetScale may give one."""
    async with open_post(tmp_path, databases=("shop",)) as stage:
        stage.simulator.add_workflow("shop", 2**63 - 1, "copying")
        stage.simulator.add_workflow("shop", 2, "running", name="other", branch="other")
        await stage.poller.settle()
        assert await numbers(stage) == [("shop", 2), ("shop", 2**63 - 1)]
