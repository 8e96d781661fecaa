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
from tests.watch.conftest import ANA, Post, open_post

CALL, POST, THREAD = Loudness.CALL, Loudness.POST, Loudness.THREAD


async def test_a_new_watch_is_read_and_drawn(post: Post) -> None:
    """A workflow that is watched from now on is read in full at once, and its live message is posted."""
    watch = await post.watch()
    after = await post.get()
    assert watch.observed is None
    observed = observed_of(after.observed)
    assert observed is not None
    assert observed.workflow.tables
    assert post.board.drawn == [(3, True)]
    assert post.board.told == []


async def test_a_copy_to_its_end(post: Post) -> None:
    """A copy is read each 15 s and drawn at most once a minute; its end is told once, and calls who asked."""
    post.simulator.add_workflow("shop", 3, "copying", percent=90, ago=600)
    await post.begin(3)
    await post.watcher.settle()
    drawn = len(post.board.drawn)
    reads = post.reads("get")
    await post.pass_time(60)
    assert 3 <= post.reads("get") - reads <= 5
    assert len(post.board.drawn) - drawn <= 2
    await post.pass_time(4 * 3600, 120)
    assert (Happening.COPIED, CALL) in post.board.told
    assert [what for what, _ in post.board.told].count(Happening.COPIED) == 1
    news = next(news for _, news in post.board.news if news.happened.what is Happening.COPIED)
    assert news.mentions == (ANA,)


async def test_a_switch_outside_is_told(post: Post) -> None:
    """A switch that nobody asked the bot for is told as such within 15 s, and calls who watches."""
    await post.watch(state="verified_data")
    post.simulator.outside("shop", 3, "switch-replicas")
    await post.pass_time(30)
    (number, news), *others = post.board.news
    assert (number, news.happened.what, news.outside) == (3, Happening.REPLICAS_SWITCHED, True)
    assert (news.loudness, news.mentions, happened_of(news.happened).by) == (CALL, (ANA,), "dev@acme.example")
    assert not others


async def test_the_approvers_hear_of_what_went_past_them(tmp_path: Path) -> None:
    """Those whom the policy names for a database are called when something is done without them."""
    policy = '[approvals]\napprovers = ["S0DBAS"]\n'
    async with open_post(tmp_path, policy=policy) as post:
        await post.watch(state="switched_primaries")
        post.simulator.outside("shop", 3, "cutover")
        await post.pass_time(60)
        news = next(news for _, news in post.board.news if news.happened.what is Happening.CUT_OVER)
        assert news.mentions == (ANA, "S0DBAS")


async def test_many_changes_between_two_reads(post: Post) -> None:
    """Whatever happened while nobody looked is told in order, and only the last of it calls."""
    await post.watch(state="verified_data")
    post.simulator.outside("shop", 3, "switch-replicas")
    post.clock.advance(120)
    post.simulator.now()
    post.simulator.outside("shop", 3, "switch-primaries")
    post.clock.advance(120)
    await post.watcher.settle()
    assert post.board.told == [
        (Happening.REPLICAS_SWITCHED, POST),
        (Happening.PRIMARIES_SWITCHED, CALL),
    ]


async def test_a_restart_tells_nothing_twice(post: Post) -> None:
    """A process that dies loses nothing: the next one goes on with the rows, and tells each thing once."""
    await post.watch(state="verified_data")
    post.simulator.outside("shop", 3, "switch-replicas")
    await post.pass_time(30)
    told = list(post.board.told)
    assert told
    post.restart()
    await post.pass_time(120)
    assert post.board.told == told


async def test_what_changes_while_the_bot_is_down_is_told_after(post: Post) -> None:
    """A switch made while the bot was not running is told when it is back, with the time it happened at."""
    await post.watch(state="verified_data")
    post.simulator.outside("shop", 3, "switch-replicas")
    switched_at = post.clock.now()
    post.clock.advance(7200)
    post.restart()
    await post.watcher.settle()
    (_, news), *_ = post.board.news
    assert news.happened.what is Happening.REPLICAS_SWITCHED
    assert (news.happened.at - switched_at).total_seconds() < 60
    assert (news.happened.seen_at - switched_at).total_seconds() >= 7200


async def test_a_crash_after_the_read(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies between a read and its transaction leaves the workflow as due as it was."""
    await post.watch(state="verified_data")
    post.simulator.outside("shop", 3, "switch-replicas")
    post.clock.advance(30)

    async def dies(self: object, job: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("bot.watch.polling.reader.PollReader._read", dies)
        assert await post.watcher.tick() == 1
        await post.watcher.stop(Grace())
    assert post.board.told == []
    post.restart()
    await post.watcher.settle()
    assert post.board.told == [(Happening.REPLICAS_SWITCHED, CALL)]


async def test_a_read_that_began_before_a_change_is_void(post: Post) -> None:
    """What was read before somebody changed the watch is dropped, and it is read anew."""
    await post.watch()
    before = await post.get()
    post.clock.advance(30)
    gets = post.reads("get")
    held = post.simulator.trouble("hang", on="read", times=None)
    assert await post.watcher.tick() == 1
    await post.database.write(watch_repository.call_instead, before.id, "U0BEN", post.clock.now())
    post.simulator.lift(held)
    await post.watcher.settle()
    after = await post.get()
    assert after.mention == "U0BEN"
    assert post.reads("get") - gets == 2


async def test_several_workflows_cost_one_request(post: Post) -> None:
    """Workflows of one database that wait are listed together."""
    for number in range(1, 6):
        await post.watch(number)
    lists, gets = post.reads("list"), post.reads("get")
    await post.pass_time(60)
    assert post.reads("get") - gets == 0
    assert 3 <= post.reads("list") - lists <= 5


async def test_a_change_in_a_list_is_read_in_full(post: Post) -> None:
    """What a list shows as changed is read in full at once."""
    for number in range(1, 4):
        await post.watch(number, "verified_data")
    await post.pass_time(31)
    gets = post.reads("get", 2)
    post.simulator.outside("shop", 2, "verify-data")
    await post.pass_time(16)
    assert post.reads("get", 2) > gets


async def test_a_workflow_that_vanishes(post: Post) -> None:
    """Only after two minutes of 404, in full and in the list, a workflow is gone; that is told once."""
    await post.watch()
    del post.simulator.world.databases["shop"].workflows[3]
    await post.pass_time(100)
    assert (await post.get()).over is None
    assert post.board.told == []
    await post.pass_time(150)
    assert (await post.get()).over is Over.GONE
    assert post.board.told == [(Happening.GONE, POST)]
    reads = len(post.simulator.requests)
    await post.pass_time(60)
    assert len(post.simulator.requests) == reads


async def test_an_ended_workflow_is_watched_for_an_hour(post: Post) -> None:
    """Completed outside: told, read slowly for an hour, and then no more."""
    await post.watch(state="cutover")
    post.simulator.outside("shop", 3, "complete")
    await post.pass_time(60)
    assert post.board.told == [(Happening.COMPLETED, CALL)]
    reads = len(post.simulator.requests)
    await post.pass_time(3600, 60)
    assert len(post.simulator.requests) - reads <= 14
    await post.pass_time(600, 60)
    assert (await post.get()).over is Over.ENDED


async def test_a_copy_that_stands_still_keeps_its_time_honest(post: Post) -> None:
    """A throttled copy is drawn each ten minutes, so that its "as of" is true, not each minute."""
    await post.watch(state="copying")
    post.simulator.trouble("throttle", database="shop", number=3, times=None)
    await post.pass_time(120, 15)
    drawn = len(post.board.drawn)
    await post.pass_time(1260, 15)
    assert 2 <= len(post.board.drawn) - drawn <= 5


async def test_rows_that_moved_just_after_a_drawing_are_drawn(post: Post) -> None:
    """The last rows before a standstill are drawn within a minute and a bit, not only ten minutes later."""
    await post.watch(state="copying")
    await post.pass_time(15)
    post.simulator.trouble("stall", database="shop", number=3, times=None)
    drawn = len(post.board.drawn)
    await post.pass_time(75, 15)
    assert len(post.board.drawn) - drawn == 1


async def test_what_waits_is_not_drawn_for_nothing(post: Post) -> None:
    """A workflow of which nothing changes is drawn once, however often it is read."""
    await post.watch(state="running")
    await post.pass_time(3600, 15)
    assert post.board.drawn == [(3, True)]


async def test_the_vschema_of_a_switched_workflow(post: Post) -> None:
    """Whether the target still has require_explicit_routing is read where it stands in the way next."""
    await post.watch(state="switched_primaries")
    watch = await post.get()
    observed = observed_of(watch.observed)
    assert observed is not None
    assert observed.explicit_routing is False
    assert post.reads("vschema") == 1


async def test_what_nobody_looks_at_any_more_is_removed(post: Post) -> None:
    """Samples are kept for a week after the end and the watch for 90 days; what is watched stays."""
    await post.watch(state="running")
    post.simulator.add_workflow("shop", 4, "copying", percent=50, ago=600)
    await post.begin(4)
    await post.pass_time(120, 30)
    post.simulator.outside("shop", 4, "cancel")
    await post.pass_time(7200, 600)
    assert (await post.get(4)).over is Over.ENDED
    kept = []
    for days in (6, 2, 80, 3):
        post.clock.advance(timedelta(days=days).total_seconds())
        await post.watcher.clean_up()
        kept.append(await post.database.read(_kept))
    assert [watched for watched, _ in kept] == [2, 2, 2, 1]
    assert [bool(sampled) for _, sampled in kept] == [True, False, False, False]
    assert (await post.get(3)).over is None


def _kept(connection: Connection) -> tuple[int, int]:
    """How many watches and samples there are."""
    found = [connection.scalar(select(func.count()).select_from(table)) for table in (watches, samples)]
    return found[0] or 0, found[1] or 0
