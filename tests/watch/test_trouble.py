"""PlanetScale does not answer, answers nonsense, or asks for patience."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.watch.ports import Loudness
from bot.workflows.observing.happenings import Happening
from bot.workflows.own import observed_of
from tests.watch.conftest import Post, open_post

SILENCES = ["down", "server-error", "not-json", "surprising", "unauthorized"]


@pytest.mark.parametrize("kind", SILENCES)
async def test_five_minutes_of_silence(post: Post, kind: str) -> None:
    """After five minutes without an answer that makes sense the live message says so, and the channel is
    told, both once; and both are put right when PlanetScale is back.
    """
    await post.watch(3)
    await post.watch(4)
    drawn = len(post.board.drawn)
    trouble = post.simulator.trouble(kind, times=None)
    await post.pass_time(240, 5)
    assert len(post.board.drawn) == drawn
    assert not post.board.outages
    await post.pass_time(1500, 5)
    assert sorted(post.board.drawn[drawn:]) == [(3, True), (4, True)]
    (outage,) = post.board.outages
    assert (outage.place, outage.workflows, outage.back_at) == ("C1", 2, None)
    assert (await post.get()).silent_since is not None
    post.simulator.lift(trouble)
    await post.pass_time(360, 5)
    assert sorted(post.board.drawn[drawn:]) == [(3, True), (3, True), (4, True), (4, True)]
    assert [one.id for one in post.board.outages] == [outage.id, outage.id]
    assert post.board.outages[-1].back_at is not None
    assert (await post.get()).silent_since is None
    assert post.board.told == []


async def test_a_database_that_fails_is_left_alone_more_and_more(post: Post) -> None:
    """Ten copies in a database that does not answer cost a few requests a minute, not hundreds."""
    for number in range(10):
        await post.watch(number, "copying")
    post.simulator.trouble("server-error", times=None, database="shop")
    await post.pass_time(600, 5)
    before = len(post.simulator.requests)
    await post.pass_time(600, 5)
    assert len(post.simulator.requests) - before <= 60
    await post.watch(1, database="other")
    assert (await post.get(1, "other")).observed is not None


async def test_one_workflow_that_cannot_be_read(post: Post) -> None:
    """An answer that makes no sense for one workflow takes nothing from the others, and is no outage."""
    await post.watch(3, "copying")
    await post.watch(4, "copying")
    post.simulator.trouble("wrong-types", times=None, database="shop", number=3, on="get")
    await post.pass_time(900, 5)
    other = await post.get(4)
    assert other.observed is not None
    assert (post.clock.now() - other.observed.read_at).total_seconds() <= 20
    assert (await post.get(3)).silent_since is not None
    assert not post.board.outages


async def test_a_429_is_obeyed(post: Post) -> None:
    """While PlanetScale asks for patience no watched workflow is read; then it goes on by itself."""
    await post.watch(3, "copying")
    post.simulator.trouble("rate-limited", seconds=120, times=1)
    post.clock.advance(15)
    await post.watcher.settle()
    asked = len(post.simulator.requests)
    await post.pass_time(110, 1)
    assert len(post.simulator.requests) == asked
    await post.pass_time(60, 1)
    assert len(post.simulator.requests) > asked
    assert (await post.get()).silent_since is None


async def test_never_more_than_the_budget(tmp_path: Path) -> None:
    """However many workflows copy, no 60 s see more requests than allowed, and none is forgotten."""
    async with open_post(tmp_path, per_minute=60) as post:
        for number in range(40):
            post.simulator.add_workflow("shop" if number < 20 else f"db{number}", number, "copying")
            await post.begin(number, "shop" if number < 20 else f"db{number}")
        await post.pass_time(300, 1)
        moments = [request.at for request in post.simulator.requests]
        most = max(sum(0 <= (other - one).total_seconds() <= 60 for other in moments) for one in moments)
        assert most <= 60
        seen = {(request.database, request.number) for request in post.simulator.requests}
        assert len([one for one in seen if one[1] is not None]) == 40


async def test_a_change_after_a_silence_is_told(post: Post) -> None:
    """What happened while PlanetScale did not answer is told when it does."""
    await post.watch(state="verified_data")
    trouble = post.simulator.trouble("down", times=None)
    await post.pass_time(30, 5)
    post.simulator.outside("shop", 3, "switch-replicas")
    await post.pass_time(300, 5)
    post.simulator.lift(trouble)
    await post.pass_time(360, 5)
    assert post.board.told == [(Happening.REPLICAS_SWITCHED, Loudness.CALL)]


async def test_a_404_of_a_moment(post: Post) -> None:
    """A workflow that a read in full does not find, but the list does, is not gone."""
    await post.watch()
    post.simulator.trouble("not-found", times=None, database="shop", number=3, on="get")
    await post.pass_time(600, 5)
    watch = await post.get()
    assert watch.over is None
    assert post.board.told == []


async def test_a_number_that_is_used_again(post: Post) -> None:
    """When a database was made anew, its #3 is another workflow: nothing is told as done to the old one."""
    await post.watch(3, "switched_primaries")
    drawn = len(post.board.drawn)
    del post.simulator.world.databases["shop"].workflows[3]
    post.clock.advance(30)
    post.simulator.add_workflow("shop", 3, "copying", percent=10)
    await post.pass_time(60, 5)
    after = await post.get(3)
    assert post.board.told == []
    assert (after.live_number, len(post.board.drawn) > drawn) == (2, True)
    assert after.observed is not None
    assert after.observed.snapshot.state == "copying"


async def test_a_clock_that_is_set_back(post: Post) -> None:
    """When the bot's clock is set back by half an hour, what is watched is read all the same."""
    await post.watch(3, "copying")
    await post.pass_time(60, 5)
    post.clock.set_back(1800)
    before = len(post.simulator.requests)
    await post.pass_time(120, 5)
    assert 4 <= len(post.simulator.requests) - before <= 12


async def test_a_time_written_more_precisely_is_the_same(post: Post) -> None:
    """That a list gives the time of creation in whole seconds makes it no other workflow."""
    watch = await post.watch(3, "verified_data")
    observed = observed_of((await post.get()).observed)
    assert observed is not None
    assert observed.workflow.created_at is not None
    rounded = observed.workflow.created_at + timedelta(milliseconds=400)
    assert not post.services.kind.is_another(
        observed.workflow, observed.workflow.model_copy(update={"created_at": rounded})
    )
    assert watch.live_number == 1
