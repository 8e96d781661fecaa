"""The watcher, from rows to rows: what is read, what is told, and how often."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from bot.runtime.tasks import Grace
from bot.store.schema import samples, watches
from bot.watch.model import Over
from bot.watch.ports import Loudness
from bot.watch.storage import watch_repository
from bot.workflows.observing.happenings import Happening
from bot.workflows.own import happened_of, observed_of
from tests.watch.conftest import ANA, WatchStage, open_post

CALL, POST, THREAD = Loudness.CALL, Loudness.POST, Loudness.THREAD


async def test_a_new_watch_is_read_and_drawn(stage: WatchStage) -> None:
    """A workflow that is watched from now on is read in full at once, and its live message is posted."""
    watch = await stage.watch()
    after = await stage.get()
    assert watch.observed is None
    observed = observed_of(after.observed)
    assert observed is not None
    assert observed.workflow.tables
    assert stage.board.drawn == [(3, True)]
    assert stage.board.told == []


async def test_a_copy_to_its_end(stage: WatchStage) -> None:
    """A copy is read each 15 s and drawn at most once a minute; its end is told once, and calls who asked."""
    stage.simulator.add_workflow("shop", 3, "copying", percent=90, ago=600)
    await stage.begin(3)
    await stage.poller.settle()
    drawn = len(stage.board.drawn)
    reads = stage.reads("get")
    await stage.pass_time(60)
    assert 3 <= stage.reads("get") - reads <= 5
    assert len(stage.board.drawn) - drawn <= 2
    await stage.pass_time(4 * 3600, 120)
    assert (Happening.COPIED, CALL) in stage.board.told
    assert [what for what, _ in stage.board.told].count(Happening.COPIED) == 1
    news = next(news for _, news in stage.board.news if news.happened.what is Happening.COPIED)
    assert news.mentions == (ANA,)


async def test_a_switch_outside_is_told(stage: WatchStage) -> None:
    """A switch that nobody asked the bot for is told as such within 15 s, and calls who watches."""
    await stage.watch(state="verified_data")
    stage.simulator.outside("shop", 3, "switch-replicas")
    await stage.pass_time(30)
    (number, news), *others = stage.board.news
    assert (number, news.happened.what, news.outside) == (3, Happening.REPLICAS_SWITCHED, True)
    assert (news.loudness, news.mentions, happened_of(news.happened).by) == (CALL, (ANA,), "dev@acme.example")
    assert not others


async def test_the_approvers_hear_of_what_went_past_them(tmp_path: Path) -> None:
    """Those whom the policy names for a database are called when something is done without them."""
    policy = '[approvals]\napprovers = ["S0DBAS"]\n'
    async with open_post(tmp_path, policy=policy) as stage:
        await stage.watch(state="switched_primaries")
        stage.simulator.outside("shop", 3, "cutover")
        await stage.pass_time(60)
        news = next(news for _, news in stage.board.news if news.happened.what is Happening.CUT_OVER)
        assert news.mentions == (ANA, "S0DBAS")


async def test_many_changes_between_two_reads(stage: WatchStage) -> None:
    """Whatever happened while nobody looked is told in order, and only the last of it calls."""
    await stage.watch(state="verified_data")
    stage.simulator.outside("shop", 3, "switch-replicas")
    stage.clock.advance(120)
    stage.simulator.now()
    stage.simulator.outside("shop", 3, "switch-primaries")
    stage.clock.advance(120)
    await stage.poller.settle()
    assert stage.board.told == [
        (Happening.REPLICAS_SWITCHED, POST),
        (Happening.PRIMARIES_SWITCHED, CALL),
    ]


async def test_a_restart_tells_nothing_twice(stage: WatchStage) -> None:
    """A process that dies loses nothing: the next one goes on with the rows, and tells each thing once."""
    await stage.watch(state="verified_data")
    stage.simulator.outside("shop", 3, "switch-replicas")
    await stage.pass_time(30)
    told = list(stage.board.told)
    assert told
    stage.restart()
    await stage.pass_time(120)
    assert stage.board.told == told


async def test_what_changes_while_the_bot_is_down_is_told_after(stage: WatchStage) -> None:
    """A switch made while the bot was not running is told when it is back, with the time it happened at."""
    await stage.watch(state="verified_data")
    stage.simulator.outside("shop", 3, "switch-replicas")
    switched_at = stage.clock.now()
    stage.clock.advance(7200)
    stage.restart()
    await stage.poller.settle()
    (_, news), *_ = stage.board.news
    assert news.happened.what is Happening.REPLICAS_SWITCHED
    assert (news.happened.at - switched_at).total_seconds() < 60
    assert (news.happened.seen_at - switched_at).total_seconds() >= 7200


async def test_a_crash_after_the_read(stage: WatchStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies between a read and its transaction leaves the workflow as due as it was."""
    await stage.watch(state="verified_data")
    stage.simulator.outside("shop", 3, "switch-replicas")
    stage.clock.advance(30)

    async def dies(self: object, job: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("bot.watch.polling.reader.PollReader._read", dies)
        assert await stage.poller.tick() == 1
        await stage.poller.stop(Grace())
    assert stage.board.told == []
    stage.restart()
    await stage.poller.settle()
    assert stage.board.told == [(Happening.REPLICAS_SWITCHED, CALL)]


async def test_a_read_that_began_before_a_change_is_void(stage: WatchStage) -> None:
    """What was read before somebody changed the watch is dropped, and it is read anew."""
    await stage.watch()
    before = await stage.get()
    stage.clock.advance(30)
    gets = stage.reads("get")
    held = stage.simulator.trouble("hang", on="read", times=None)
    assert await stage.poller.tick() == 1
    await stage.database.write(watch_repository.call_instead, before.id, "U0BEN", stage.clock.now())
    stage.simulator.lift(held)
    await stage.poller.settle()
    after = await stage.get()
    assert after.mention == "U0BEN"
    assert stage.reads("get") - gets == 2


async def test_several_workflows_cost_one_request(stage: WatchStage) -> None:
    """Workflows of one database that wait are listed together."""
    for number in range(1, 6):
        await stage.watch(number)
    lists, gets = stage.reads("list"), stage.reads("get")
    await stage.pass_time(60)
    assert stage.reads("get") - gets == 0
    assert 3 <= stage.reads("list") - lists <= 5


async def test_a_change_in_a_list_is_read_in_full(stage: WatchStage) -> None:
    """What a list shows as changed is read in full at once."""
    for number in range(1, 4):
        await stage.watch(number, "verified_data")
    await stage.pass_time(31)
    gets = stage.reads("get", 2)
    stage.simulator.outside("shop", 2, "verify-data")
    await stage.pass_time(16)
    assert stage.reads("get", 2) > gets


async def test_a_workflow_that_vanishes(stage: WatchStage) -> None:
    """Only after two minutes of 404, in full and in the list, a workflow is gone; that is told once."""
    await stage.watch()
    del stage.simulator.world.databases["shop"].workflows[3]
    await stage.pass_time(100)
    assert (await stage.get()).over is None
    assert stage.board.told == []
    await stage.pass_time(150)
    assert (await stage.get()).over is Over.GONE
    assert stage.board.told == [(Happening.GONE, POST)]
    reads = len(stage.simulator.requests)
    await stage.pass_time(60)
    assert len(stage.simulator.requests) == reads


async def test_an_ended_workflow_is_watched_for_an_hour(stage: WatchStage) -> None:
    """Completed outside: told, read slowly for an hour, and then no more."""
    await stage.watch(state="cutover")
    stage.simulator.outside("shop", 3, "complete")
    await stage.pass_time(60)
    assert stage.board.told == [(Happening.COMPLETED, CALL)]
    reads = len(stage.simulator.requests)
    await stage.pass_time(3600, 60)
    assert len(stage.simulator.requests) - reads <= 14
    await stage.pass_time(600, 60)
    assert (await stage.get()).over is Over.ENDED


async def test_a_copy_that_stands_still_keeps_its_time_honest(stage: WatchStage) -> None:
    """A throttled copy is drawn each ten minutes, so that its "as of" is true, not each minute."""
    await stage.watch(state="copying")
    stage.simulator.trouble("throttle", database="shop", number=3, times=None)
    await stage.pass_time(120, 15)
    drawn = len(stage.board.drawn)
    await stage.pass_time(1260, 15)
    assert 2 <= len(stage.board.drawn) - drawn <= 5


async def test_rows_that_moved_just_after_a_drawing_are_drawn(stage: WatchStage) -> None:
    """The last rows before a standstill are drawn within a minute and a bit, not only ten minutes later."""
    await stage.watch(state="copying")
    await stage.pass_time(15)
    stage.simulator.trouble("stall", database="shop", number=3, times=None)
    drawn = len(stage.board.drawn)
    await stage.pass_time(75, 15)
    assert len(stage.board.drawn) - drawn == 1


async def test_what_waits_is_not_drawn_for_nothing(stage: WatchStage) -> None:
    """A workflow of which nothing changes is drawn once, however often it is read."""
    await stage.watch(state="running")
    await stage.pass_time(3600, 15)
    assert stage.board.drawn == [(3, True)]


async def test_the_vschema_of_a_switched_workflow(stage: WatchStage) -> None:
    """Whether the target still has require_explicit_routing is read where it stands in the way next."""
    await stage.watch(state="switched_primaries")
    watch = await stage.get()
    observed = observed_of(watch.observed)
    assert observed is not None
    assert observed.explicit_routing is False
    assert stage.reads("vschema") == 1


async def test_what_nobody_looks_at_any_more_is_removed(stage: WatchStage) -> None:
    """Samples are kept for a week after the end and the watch for 90 days; what is watched stays."""
    await stage.watch(state="running")
    stage.simulator.add_workflow("shop", 4, "copying", percent=50, ago=600)
    await stage.begin(4)
    await stage.pass_time(120, 30)
    stage.simulator.outside("shop", 4, "cancel")
    await stage.pass_time(7200, 600)
    assert (await stage.get(4)).over is Over.ENDED
    kept = []
    for days in (6, 2, 80, 3):
        stage.clock.advance(timedelta(days=days).total_seconds())
        await stage.poller.clean_up()
        kept.append(await stage.database.read(_kept))
    assert [watched for watched, _ in kept] == [2, 2, 2, 1]
    assert [bool(sampled) for _, sampled in kept] == [True, False, False, False]
    assert (await stage.get(3)).over is None


def _kept(connection: Connection) -> tuple[int, int]:
    """How many watches and samples there are."""
    found = [connection.scalar(select(func.count()).select_from(table)) for table in (watches, samples)]
    return found[0] or 0, found[1] or 0
