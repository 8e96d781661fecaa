"""The courier makes Slack match the message board."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot.demo.slack.people import DB_MOVES, RANDOM
from bot.store.board import Urgency, adopt, retire
from bot.store.errors import DatabaseUnavailableError
from tests.slack.courier_stage import FragileClient, Fuse, Stage, StillClock, copy_of, open_stage


async def test_a_card_is_posted(post: Stage) -> None:
    """What should be in Slack is there after one round: blocks, a text that stands alone, nothing live."""
    await post.want("a", "Switch <!here> *now* @ana")
    courier = post.courier()
    assert await courier.run_once() == 1
    assert post.shown() == ["Switch <!here> *now* @ana"]
    (call,) = post.slack.calls_to("chat.postMessage")
    assert call.arguments["text"] == "Switch &lt;!here&gt; *now* @ana"
    assert (call.arguments["mrkdwn"], call.arguments["parse"]) == (False, "none")
    assert call.arguments["blocks"]
    assert not post.slack.live_markup(post.find("Switch <!here> *now* @ana"))
    assert (await courier.run_once(), courier.pause) == (0, None)


async def test_the_delivery_id_goes_along(post: Stage) -> None:
    """A post carries the id that the board knows it by, and nothing else about it."""
    await post.want("a")
    await post.courier().run_once()
    (call,) = post.slack.calls_to("chat.postMessage")
    delivery_id = (await post.row("a"))["delivery_id"]
    assert call.arguments["metadata"] == {
        "event_type": "workflow_bot_delivery",
        "event_payload": {"delivery_id": delivery_id},
    }
    await post.want("a", "changed")
    await post.courier().run_once()
    assert post.find("changed").metadata == call.arguments["metadata"]


async def test_changes_become_one_update(post: Stage) -> None:
    """What changed five times is updated once, to how it is now, with its blocks."""
    courier = post.courier()
    await post.want("a", "0")
    await courier.run_once()
    for number in range(1, 6):
        await post.want("a", str(number))
    assert await courier.run_once() == 1
    assert post.shown() == ["5"]
    (update,) = post.slack.calls_to("chat.update")
    assert update.arguments["blocks"]


async def test_a_coloured_edge(post: Stage) -> None:
    """A message with an edge has its title above it and the rest beside it, and can be pressed there."""
    await post.want("a", subject_kind="edged", subject={"text": "Title", "edge": "#e01e5a"})
    await post.courier().run_once()
    message = post.find("Title\nBeside it\n[Approve]")
    (attachment,) = message.attachments
    assert attachment["color"] == "#e01e5a"
    assert [block["type"] for block in message.blocks] == ["header"]
    assert [block["type"] for block in attachment["blocks"]] == ["rich_text", "actions"]


@pytest.mark.parametrize("refused", [0, 1, 2])
async def test_an_edge_that_goes_leaves_nothing_over(post: Stage, refused: int) -> None:
    """Whether it loses its edge or Slack refuses it, nothing of a message's earlier form is left in it, and
    it gets its edge again."""
    courier = post.courier()
    await post.want("a", subject_kind="edged", subject={"text": "One", "edge": "#e01e5a"})
    await courier.run_once()
    post.slack.fail("chat.update", error="invalid_attachments", times=refused)
    await post.want(
        "a", subject_kind="edged", subject={"text": "Two", "edge": "#2eb67d" if refused else None}
    )
    for _ in range(refused + 1):
        await courier.run_once()
        post.clock.advance(1)
    (message,) = post.slack.messages(DB_MOVES)
    assert not message.attachments
    assert bool(message.blocks) == (refused < 2)
    assert post.slack.visible_text(message).count("Beside it") == 1
    await post.want("a", subject_kind="edged", subject={"text": "Three", "edge": "#e01e5a"})
    await post.settle(courier)
    assert post.find("Three\nBeside it\n[Approve]").attachments


async def test_what_reads_the_same_is_not_sent(post: Stage) -> None:
    """Something that changed without looking different costs no call."""
    courier = post.courier()
    await post.want("a", "same")
    await courier.run_once()
    await post.want("a", "same")
    assert await courier.run_once() == 0
    assert not post.slack.calls_to("chat.update")
    assert (await post.row("a"))["state"] == "shown"


async def test_replies_wait_for_their_parent(post: Stage) -> None:
    """Replies come below their card, in the order in which they were wanted, even if the card comes last."""
    await post.event("reply 1", "a")
    await post.event("reply 2", "a", priority=Urgency.CARD)
    courier = post.courier()
    assert await courier.run_once() == 0
    await post.want("a", "card")
    await post.event("reply 3", "a")
    await post.settle(courier)
    parent = post.find("card")
    replies = post.slack.messages(DB_MOVES, thread=parent.ts)
    assert [post.slack.visible_text(reply) for reply in replies] == ["reply 1", "reply 2", "reply 3"]
    assert len(post.shown()) == 4


async def test_a_reply_never_overtakes_one_before_it(post: Stage) -> None:
    """While one reply cannot be posted, the next ones of its thread wait; other threads do not."""
    courier = post.courier()
    for key in ("a", "b"):
        await post.want(key)
    await post.settle(courier)
    await post.event("a1", "a")
    await post.event("a2", "a")
    post.slack.fail("chat.postMessage", error="internal_error")
    await courier.run_once()
    await post.event("b1", "b")
    await post.settle(courier)
    texts = post.shown()
    assert sorted(texts) == ["a", "a1", "a2", "b", "b1"]
    assert texts.index("a1") < texts.index("a2")


async def test_nothing_to_show(post: Stage) -> None:
    """What has nothing to show any more is neither posted nor changed, until it is wanted again."""
    courier = post.courier()
    await post.want("a", subject_kind="nothing")
    assert await courier.run_once() == 0
    assert (post.shown(), (await post.row("a"))["state"]) == ([], "gone")
    await post.want("a", "back")
    await courier.run_once()
    assert post.shown() == ["back"]
    await post.want("a", subject_kind="nothing")
    assert await courier.run_once() == 0
    assert post.shown() == ["back"]


async def test_replies_to_what_was_never_shown(post: Stage) -> None:
    """An event is told on its own if the message that it belongs to has nothing to show."""
    await post.want("a", subject_kind="nothing")
    await post.event("told", "a")
    await post.settle(post.courier())
    assert post.find("told").thread_ts is None


async def test_the_urgent_goes_first(post: Stage) -> None:
    """Cards go before states, states before progress, each in the order in which they were wanted."""
    for name, urgency in {"p": Urgency.PROGRESS, "s": Urgency.STATE, "c": Urgency.CARD}.items():
        await post.want(f"{name}1", priority=urgency)
        await post.want(f"{name}2", priority=urgency)
    await post.settle(post.courier())
    assert post.shown() == ["c1", "c2", "s1", "s2", "p1", "p2"]


async def test_a_post_a_second(post: Stage) -> None:
    """A channel gets one post a second; another channel does not wait for it."""
    post.slack.limits.enabled, post.slack.limits.post_burst = True, 1
    for number in range(4):
        await post.event(f"a{number}", places=[DB_MOVES])
        await post.event(f"b{number}", places=[RANDOM])
    await post.settle(post.courier())
    for channel in (DB_MOVES, RANDOM):
        assert post.times("chat.postMessage", channel) == pytest.approx([0, 1, 2, 3], abs=0.01)
    assert Counter(call.status for call in post.slack.calls) == {200: 8}


async def test_updates_in_a_minute(post: Stage) -> None:
    """In no minute there are more than 45 updates, and a card is not kept waiting by progress."""
    courier = post.courier()
    keys = [f"p{number}" for number in range(60)]
    for key in keys:
        await post.want(key, priority=Urgency.PROGRESS)
    await post.want("card")
    await post.settle(courier)
    post.clock.advance(60)
    start = (post.clock.now() - type(post.clock)().now()).total_seconds()
    for key in keys:
        await post.want(key, f"{key} changed", priority=Urgency.PROGRESS)
    await courier.run_once()
    await post.want("card", "changed")
    await courier.run_once()
    assert "changed" in post.shown()
    await post.settle(courier)
    times = [moment - start for moment in post.times("chat.update")]
    assert len(times) == 61
    assert max(sum(first <= moment < first + 60 for moment in times) for first in times) <= 45


async def test_retry_after_is_obeyed(post: Stage) -> None:
    """After a 429 the same method rests for as long as Slack asks, and others go on."""
    courier = post.courier()
    await post.want("a")
    await courier.run_once()
    await post.want("b", places=[RANDOM])
    post.slack.slow_down("chat.postMessage", retry_after=17)
    await courier.run_once()
    await post.want("a", "changed")
    await courier.run_once()
    assert post.shown() == ["changed"]
    await post.event("c", places=[RANDOM])
    await post.settle(courier)
    assert post.times("chat.postMessage", RANDOM) == pytest.approx([0, 17, 18], abs=0.01)
    assert post.shown(RANDOM) == ["b", "c"]


@pytest.mark.parametrize("fault", [{"status": 503}, {"how": "garbage"}, {"error": "internal_error"}], ids=str)
async def test_slack_is_down_for_an_hour(post: Stage, fault: dict[str, Any]) -> None:
    """After an hour without Slack every event is told once and each message shows the latest state."""
    courier = post.courier()
    await post.want("a", "start")
    await courier.run_once()
    post.slack.fail("*", times=None, **fault)
    before = len(post.slack.calls)
    for minute in range(60):
        await post.want("a", f"after {minute} min")
        if minute % 10 == 0:
            await post.event(f"event {minute}", "a")
            await post.want(f"card {minute}")
        until = post.clock.monotonic() + 60
        while post.clock.monotonic() < until:
            await courier.run_once()
            left = until - post.clock.monotonic()
            post.clock.advance(left if courier.pause is None else min(courier.pause, left))
    assert len(post.slack.calls) - before < 250  # it knocks about once a minute for each thing, no more
    post.slack.faults.heal()
    healed = post.clock.monotonic()
    await post.settle(courier)
    assert post.clock.monotonic() - healed < 150
    expected = ["after 59 min"]
    for minute in range(0, 60, 10):
        expected += [f"event {minute}", f"card {minute}"]
    assert Counter(post.shown()) == Counter(expected)
    thread = post.slack.messages(DB_MOVES, thread=post.find("after 59 min").ts)
    assert [post.slack.visible_text(m) for m in thread] == [f"event {m}" for m in range(0, 60, 10)]


async def test_a_message_that_cannot_be_rendered(post: Stage) -> None:
    """A message that makes its renderer fail, or of an unknown kind, is set aside; the others arrive."""
    await post.want("a", subject_kind="broken")
    await post.want("b", subject_kind="from another version")
    await post.want("c", "arrives")
    courier = post.courier()
    await courier.run_once()
    assert post.shown() == ["arrives"]
    assert courier.pause == pytest.approx(1, abs=0.01)
    await post.want("a", "repaired")
    post.clock.advance(2)
    await courier.run_once()
    assert "repaired" in post.shown()


async def test_a_press_on_an_unknown_copy(post: Stage) -> None:
    """A copy of a card that the board does not know is redrawn from the press on, like the card itself."""
    courier = post.courier()
    await post.want("a", "v1")
    await post.settle(courier)
    copied = await FragileClient(post, Fuse()).chat_postMessage(channel=DB_MOVES, text="v1")
    ts = str(copied["ts"])
    assert await post.database.write(adopt, post.clock.now(), "a", DB_MOVES, ts)
    assert not await post.database.write(adopt, post.clock.now(), "a", DB_MOVES, ts)
    await post.want("a", "v2")
    await post.settle(courier)
    await post.want("a", "v3")
    await post.settle(courier)
    assert post.shown() == ["v3", "v3"]


async def test_the_card_itself_is_no_copy(post: Stage) -> None:
    """A press on the message that the board knows adopts nothing; nor does one on something else."""
    await post.want("a", "v1")
    await post.courier().run_once()
    here = (DB_MOVES, post.find("v1").ts)
    assert not await post.database.write(adopt, post.clock.now(), "a", *here)
    assert not await post.database.write(adopt, post.clock.now(), "b", *here)


async def test_a_deleted_message_comes_back(post: Stage) -> None:
    """A live message that somebody deleted is posted anew when it changes."""
    courier = post.courier()
    await post.want("a", "v1")
    await post.settle(courier)
    post.slack.world.messages.clear()
    await post.want("a", "v2")
    await post.settle(courier)
    assert post.shown() == ["v2"]


async def test_a_retired_message_stays_deleted(post: Stage) -> None:
    """A message that is no longer live is brought up to date, but not posted again once it was deleted."""
    courier = post.courier()
    await post.want("a", "v1")
    await post.settle(courier)
    await post.want("a", "v2")
    await post.database.write(retire, post.clock.now(), "a")
    await post.settle(courier)
    assert post.shown() == ["v2"]
    post.slack.world.messages.clear()
    await post.want("a", "v3", live=False)
    await post.settle(courier)
    assert (post.shown(), (await post.row("a"))["state"]) == ([], "gone")


async def test_it_runs_until_told_to_stop(sqlite_template: Path, tmp_path: Path) -> None:
    """A running courier delivers as soon as it is woken, from any thread, and ends when told to."""
    async with open_stage(copy_of(sqlite_template, tmp_path), StillClock()) as post:
        courier, stop, changes = post.courier(), asyncio.Event(), post.slack.world.changes
        running = asyncio.create_task(courier.run(stop))
        for number in range(3):
            post.clock.advance(1)
            await post.want(f"m{number}")
            await asyncio.to_thread(courier.wake)
            while f"m{number}" not in post.shown():
                await changes.newer_than(changes.version)
        assert courier.healthy
        stop.set()
        await running
        assert post.shown() == ["m0", "m1", "m2"]


async def test_it_wakes_by_itself(post: Stage) -> None:
    """A running courier comes back when something that failed is due, and looks at the board now and then."""
    post.slack.fail("chat.postMessage", status=503, times=4)
    courier, stop, changes = post.courier(), asyncio.Event(), post.slack.world.changes
    await post.want("a")
    running = asyncio.create_task(courier.run(stop))
    while not post.shown():
        await changes.newer_than(changes.version)
    await post.want("written by another process")
    while len(post.shown()) < 2:
        await changes.newer_than(changes.version)
    stop.set()
    await running
    assert max(post.clock.slept) <= 10


async def test_a_courier_that_is_stuck(sqlite_template: Path, tmp_path: Path) -> None:
    """A running courier that has not looked at the board for two minutes is not healthy."""
    async with open_stage(copy_of(sqlite_template, tmp_path), clock := StillClock()) as post:
        courier, stop = post.courier(), asyncio.Event()
        running = asyncio.create_task(courier.run(stop))
        await clock.asleep.wait()
        assert courier.healthy
        clock.advance(121)
        assert not courier.healthy
        stop.set()
        await running


async def test_what_slack_answered_is_recorded(post: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the database fails while a post is recorded, the courier insists: nothing is told twice."""
    await post.event("once")
    post.slack.fail("conversations.history", error="missing_scope", times=None)
    courier = post.courier()
    real: Any = post.database._run
    failures = 4

    async def failing(*args: object) -> object:
        nonlocal failures
        if post.slack.calls_to("chat.postMessage") and failures:
            failures -= 1
            raise DatabaseUnavailableError
        return await real(*args)

    monkeypatch.setattr(post.database, "_run", failing)
    await post.settle(courier)
    assert (post.shown(), failures) == (["once"], 0)
    assert len(post.slack.calls_to("chat.postMessage")) == 1


async def test_a_database_that_is_away(post: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its database the courier waits and goes on afterwards; it does not end."""
    await post.want("a")
    courier = post.courier()

    async def away(*_: object) -> object:
        raise DatabaseUnavailableError

    with monkeypatch.context() as patched:
        patched.setattr(post.database, "_run", away)
        assert await courier.run_once() == 0
        assert courier.pause == 2
    assert await courier.run_once() == 1


async def test_a_reply_that_the_channel_is_shown_too(post: Stage) -> None:
    """It is one message in two places, and stays in both when it changes; another reply is in its thread
    alone."""
    courier = post.courier()
    await post.want("a", "card")
    await post.event("call", "a", broadcast=True)
    await post.event("quiet", "a")
    await post.settle(courier)
    calls = {one.arguments["text"]: one.arguments for one in post.slack.calls_to("chat.postMessage")}
    assert [calls[name].get("reply_broadcast") for name in ("card", "call", "quiet")] == [None, True, None]
    assert [post.find(name).broadcast for name in ("call", "quiet")] == [True, False]


async def test_a_call_whose_thread_slack_refuses(post: Stage) -> None:
    """It stands alone in the channel then, as a message of its own."""
    courier = post.courier()
    await post.want("a", "card")
    await post.settle(courier)
    post.slack.fail("chat.postMessage", error="restricted_action_thread_locked")
    await post.event("call", "a", broadcast=True)
    await post.settle(courier)
    call = post.find("call")
    assert (call.thread_ts, call.broadcast) == (None, False)


async def test_a_channel_that_is_full_holds_up_no_other(sqlite_template: Path, tmp_path: Path) -> None:
    """Hundreds of messages wait for one channel, a second each: another's goes out beside the first."""
    async with open_stage(copy_of(sqlite_template, tmp_path), StillClock()) as post:
        for number in range(300):
            await post.want(f"many {number}", priority=Urgency.CARD)
        await post.want("the only one", places=(RANDOM,), priority=Urgency.PROGRESS)
        delivering = asyncio.create_task(post.courier().run_once())
        while len(post.slack.calls_to("chat.postMessage")) < 2:  # noqa: ASYNC110 - the stand-in tells nobody
            await asyncio.sleep(0.001)
        called = [call.arguments["channel"] for call in post.slack.calls_to("chat.postMessage")]
        assert called == [DB_MOVES, RANDOM]
        delivering.cancel()
        await asyncio.gather(delivering, return_exceptions=True)
