"""No event is lost and none is told twice, whenever the courier dies and however many there are."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.demo.clock import ManualClock
from bot.demo.slack.people import DB_MOVES, NO_BOT, RANDOM
from bot.kinds.workflow.workflow_forms import CARRIES
from bot.slack.delivery.courier import Courier
from bot.store.engine.database import Database
from tests.slack.courier_stage import Fuse, KilledError, Stage, open_stage

MOST_STEPS = 300
THREAD = ["told 1", "told 2", "told late"]


async def first_half(post: Stage) -> None:
    """A card with a thread, and a message that has to find its place."""
    await post.event("told 1", "a")
    await post.want("a", "v1")
    await post.event("told 2", "a")
    await post.want("elsewhere", places=[NO_BOT, RANDOM])


async def second_half(post: Stage) -> None:
    """The card changes, and something more is told."""
    await post.want("a", "v2")
    await post.event("told late", "a")


def check(post: Stage) -> None:
    assert Counter(post.shown()) == Counter(["v2", *THREAD])
    thread = post.slack.messages(DB_MOVES, thread=post.find("v2").ts)
    assert [post.slack.visible_text(message) for message in thread] == THREAD
    assert post.shown(RANDOM) == ["elsewhere"]
    assert not post.refused


async def until_killed(post: Stage, fuse: Fuse) -> bool:
    """Let a courier work until it dies or everything is done. Whether it died."""
    try:
        await post.settle(post.courier(fuse))
    except KilledError:
        return True
    return False


@pytest.mark.parametrize("lost_answer", [False, True])
@pytest.mark.parametrize("half", [1, 2])
async def test_killed_at_any_step(post: Stage, half: int, lost_answer: bool) -> None:
    """Wherever the courier dies, its successor finishes: every message once, in order, as it is now."""
    for steps in range(MOST_STEPS):
        await post.reset()
        await first_half(post)
        if half == 2:
            await post.settle(post.courier())
            await second_half(post)
        if lost_answer:
            post.slack.fail("chat.postMessage", how="lose")
        died = await until_killed(post, Fuse(steps))
        if half == 1:
            await second_half(post)
        await post.settle(post.courier())
        check(post)
        if not died:
            assert steps > 10
            return
    pytest.fail("it never got to the end")


async def test_killed_again_and_again(post: Stage) -> None:
    """A courier that dies after every few steps still gets there, and tells nothing twice."""
    post.rates = replace(post.rates, posters=1)  # so that each life is long enough for one delivery
    await first_half(post)
    await second_half(post)
    deaths = 0
    while await until_killed(post, Fuse(5)):
        deaths += 1
        post.clock.advance(60)
        assert deaths < 100
    assert deaths > 4
    check(post)


@pytest.mark.parametrize("ahead", [-600.0, 600.0])
async def test_a_lost_answer_where_the_clock_is_wrong(post: Stage, ahead: float) -> None:
    """A machine whose clock is ten minutes off finds what it posted, too, and posts it once."""
    right = post.clock
    post.clock = ManualClock(right.now() + timedelta(seconds=ahead))
    await post.event("told 1")
    post.slack.fail("chat.postMessage", how="lose")
    courier = post.courier()
    for _ in range(10):
        await post.settle(courier)
        post.clock.advance(60)
    assert post.shown() == ["told 1"]
    assert post.slack.calls_to("conversations.history")


async def test_killed_where_history_may_not_be_read(post: Stage) -> None:
    """Without the right to read the channel nothing is lost either; at most the last post is doubled."""
    doubled = 0
    for steps in range(MOST_STEPS):
        await post.reset()
        post.slack.fail("conversations.history", error="missing_scope", times=None)
        post.slack.fail("conversations.replies", error="missing_scope", times=None)
        await first_half(post)
        died = await until_killed(post, Fuse(steps))
        await second_half(post)
        await post.settle(post.courier())
        texts = Counter([*post.shown(), *post.shown(RANDOM)])
        assert set(texts) >= {"v2", *THREAD, "elsewhere"}
        assert sum(texts.values()) <= 6
        doubled += sum(texts.values()) - 5
        if not died:
            assert doubled > 0
            return
    pytest.fail("it never got to the end")


async def test_cancelled_at_any_moment(post: Stage) -> None:
    """A courier that is cancelled leaves nothing half-way that its successor could not finish."""
    for moment in range(0, 60, 3):
        await post.reset()
        await first_half(post)
        await second_half(post)
        running = asyncio.create_task(post.settle(post.courier()))
        for _ in range(moment):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await post.settle(post.courier())
        check(post)


async def test_two_couriers(database_url: str) -> None:
    """Two processes share the board: every message once, each thread in order, as it is now."""
    async with (
        open_stage(database_url) as post,
        Database(database_url, begin_within=30, guard=False, carries=CARRIES) as other,
    ):
        couriers = [post.courier(), post.courier(database=other)]
        for number in range(6):
            await post.want(f"card {number}", f"card {number} v1", places=[NO_BOT, RANDOM, DB_MOVES])
            for reply in range(4):
                await post.event(f"reply {number}.{reply}", f"card {number}", places=[RANDOM])
        for _ in range(2):
            post.slack.fail("chat.postMessage", how="lose")
        for version in range(2, 5):
            for number in range(6):
                await post.want(f"card {number}", f"card {number} v{version}", places=[RANDOM])
            await together(post, couriers)
        expected = [f"card {n} v4" for n in range(6)] + [f"reply {n}.{r}" for n in range(6) for r in range(4)]
        assert Counter(post.shown(RANDOM)) == Counter(expected)
        assert post.shown() == []
        for number in range(6):
            card = post.find(f"card {number} v4", RANDOM)
            thread = post.slack.messages(RANDOM, thread=card.ts)
            assert [post.slack.visible_text(m) for m in thread] == [f"reply {number}.{r}" for r in range(4)]


async def together(post: Stage, couriers: list[Courier]) -> None:
    """Let them work at the same time until nothing is left."""
    for _ in range(500):
        await asyncio.gather(*(courier.run_once() for courier in couriers))
        pauses = [courier.pause for courier in couriers if courier.pause is not None]
        if not pauses:
            return
        post.clock.advance(min(pauses))
    raise AssertionError
