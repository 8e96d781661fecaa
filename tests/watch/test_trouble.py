"""PlanetScale does not answer, answers nonsense, or asks for patience."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.watch.ports import Loudness
from bot.workflows.observing.happenings import Happening
from bot.workflows.own import observed_of
from tests.watch.conftest import WatchStage, open_post

SILENCES = ["down", "server-error", "not-json", "surprising", "unauthorized"]


@pytest.mark.parametrize("kind", SILENCES)
async def test_five_minutes_of_silence(stage: WatchStage, kind: str) -> None:
    """After five minutes without an answer that makes sense the live message says so, and the channel is
    told, both once; and both are put right when PlanetScale is back.
    """
    await stage.watch(3)
    await stage.watch(4)
    drawn = len(stage.board.drawn)
    trouble = stage.simulator.trouble(kind, times=None)
    await stage.pass_time(240, 15)
    assert len(stage.board.drawn) == drawn
    assert not stage.board.outages
    await stage.pass_time(1500, 60)
    assert sorted(stage.board.drawn[drawn:]) == [(3, True), (4, True)]
    (outage,) = stage.board.outages
    assert (outage.place, outage.workflows, outage.back_at) == ("C1", 2, None)
    assert (await stage.get()).silent_since is not None
    stage.simulator.lift(trouble)
    await stage.pass_time(360, 15)
    assert sorted(stage.board.drawn[drawn:]) == [(3, True), (3, True), (4, True), (4, True)]
    assert [one.id for one in stage.board.outages] == [outage.id, outage.id]
    assert stage.board.outages[-1].back_at is not None
    assert (await stage.get()).silent_since is None
    assert stage.board.told == []


async def test_a_database_that_fails_is_left_alone_more_and_more(stage: WatchStage) -> None:
    """Ten copies in a database that does not answer cost a few requests a minute, not hundreds."""
    for number in range(10):
        await stage.watch(number, "copying")
    stage.simulator.trouble("server-error", times=None, database="shop")
    await stage.pass_time(600, 15)
    before = len(stage.simulator.requests)
    await stage.pass_time(600, 5)
    assert len(stage.simulator.requests) - before <= 60
    await stage.watch(1, database="other")
    assert (await stage.get(1, "other")).observed is not None


async def test_one_workflow_that_cannot_be_read(stage: WatchStage) -> None:
    """An answer that makes no sense for one workflow takes nothing from the others, and is no outage."""
    await stage.watch(3, "copying")
    await stage.watch(4, "copying")
    stage.simulator.trouble("wrong-types", times=None, database="shop", number=3, on="get")
    await stage.pass_time(900, 15)
    other = await stage.get(4)
    assert other.observed is not None
    assert (stage.clock.now() - other.observed.read_at).total_seconds() <= 20
    assert (await stage.get(3)).silent_since is not None
    assert not stage.board.outages


async def test_a_429_is_obeyed(stage: WatchStage) -> None:
    """While PlanetScale asks for patience no watched workflow is read; then it goes on by itself."""
    await stage.watch(3, "copying")
    stage.simulator.trouble("rate-limited", seconds=120, times=1)
    stage.clock.advance(15)
    await stage.poller.settle()
    asked = len(stage.simulator.requests)
    await stage.pass_time(110, 1)
    assert len(stage.simulator.requests) == asked
    await stage.pass_time(60, 1)
    assert len(stage.simulator.requests) > asked
    assert (await stage.get()).silent_since is None


async def test_never_more_than_the_budget(tmp_path: Path) -> None:
    """However many workflows copy, no 60 s see more requests than allowed, and none is forgotten."""
    async with open_post(tmp_path, per_minute=60) as stage:
        for number in range(40):
            stage.simulator.add_workflow("shop" if number < 20 else f"db{number}", number, "copying")
            await stage.begin(number, "shop" if number < 20 else f"db{number}")
        await stage.pass_time(300, 1)
        moments = [request.at for request in stage.simulator.requests]
        most = max(sum(0 <= (other - one).total_seconds() <= 60 for other in moments) for one in moments)
        assert most <= 60
        seen = {(request.database, request.number) for request in stage.simulator.requests}
        assert len([one for one in seen if one[1] is not None]) == 40


async def test_a_change_after_a_silence_is_told(stage: WatchStage) -> None:
    """What happened while PlanetScale did not answer is told when it does."""
    await stage.watch(state="verified_data")
    trouble = stage.simulator.trouble("down", times=None)
    await stage.pass_time(30, 5)
    stage.simulator.outside("shop", 3, "switch-replicas")
    await stage.pass_time(300, 15)
    stage.simulator.lift(trouble)
    await stage.pass_time(360, 15)
    assert stage.board.told == [(Happening.REPLICAS_SWITCHED, Loudness.CALL)]


async def test_a_404_of_a_moment(stage: WatchStage) -> None:
    """A workflow that a read in full does not find, but the list does, is not gone."""
    await stage.watch()
    stage.simulator.trouble("not-found", times=None, database="shop", number=3, on="get")
    await stage.pass_time(600, 15)
    watch = await stage.get()
    assert watch.over is None
    assert stage.board.told == []


async def test_a_number_that_is_used_again(stage: WatchStage) -> None:
    """When a database was made anew, its #3 is another workflow: nothing is told as done to the old one."""
    await stage.watch(3, "switched_primaries")
    drawn = len(stage.board.drawn)
    del stage.simulator.world.databases["shop"].workflows[3]
    stage.clock.advance(30)
    stage.simulator.add_workflow("shop", 3, "copying", percent=10)
    await stage.pass_time(60, 5)
    after = await stage.get(3)
    assert stage.board.told == []
    assert (after.live_number, len(stage.board.drawn) > drawn) == (2, True)
    assert after.observed is not None
    assert after.observed.snapshot.state == "copying"


async def test_a_clock_that_is_set_back(stage: WatchStage) -> None:
    """When the bot's clock is set back by half an hour, what is watched is read all the same."""
    await stage.watch(3, "copying")
    await stage.pass_time(60, 5)
    stage.clock.set_back(1800)
    before = len(stage.simulator.requests)
    await stage.pass_time(120, 5)
    assert 4 <= len(stage.simulator.requests) - before <= 12


async def test_a_time_written_more_precisely_is_the_same(stage: WatchStage) -> None:
    """That a list gives the time of creation in whole seconds makes it no other workflow."""
    watch = await stage.watch(3, "verified_data")
    observed = observed_of((await stage.get()).observed)
    assert observed is not None
    assert observed.workflow.created_at is not None
    rounded = observed.workflow.created_at + timedelta(milliseconds=400)
    assert not stage.services.kind.is_another(
        observed.workflow, observed.workflow.model_copy(update={"created_at": rounded})
    )
    assert watch.live_number == 1
