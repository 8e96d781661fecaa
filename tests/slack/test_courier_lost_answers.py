"""Calls of Slack whose answer is lost or is none: the message is there once, and reads as it should."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.demo.slack.people import ANA, DB_MOVES
from tests.slack.courier_stage import Stage, copy_of, open_stage

LOST_ANSWERS: list[dict[str, Any]] = [
    {"how": "lose"},
    {"how": "garbage"},
    {"status": 500},
    {"status": 503},
    {"error": "internal_error"},
    {"error": "fatal_error"},
]
DONE_AND_FAILED = [TimeoutError(), aiohttp.ServerDisconnectedError(), aiohttp.ClientPayloadError()]


@pytest.mark.parametrize("fault", LOST_ANSWERS, ids=str)
async def test_an_unclear_answer_to_a_post(post: Stage, fault: dict[str, Any]) -> None:
    """Whatever became of a post whose answer is no answer: in the end the message is there once."""
    await post.want("a")
    await post.event("told", "a")
    courier = post.courier()
    post.slack.fail("chat.postMessage", **fault)
    await courier.run_once()
    assert (await post.row("a"))["state"] == "posting"
    await post.settle(courier)
    post.slack.fail("chat.postMessage", **fault)
    await post.event("told later", "a")
    await post.settle(courier)
    assert post.shown() == ["a", "told", "told later"]
    assert post.slack.calls_to("conversations.history", "conversations.replies")


async def test_the_same_delivery(post: Stage) -> None:
    """A post that was not found is made again under the same delivery id: if it does turn up, it is known."""
    await post.want("a")
    post.slack.fail("chat.postMessage", error="fatal_error", times=2)
    await post.settle(post.courier())
    calls = post.slack.calls_to("chat.postMessage")
    ids = {call.arguments["metadata"]["event_payload"]["delivery_id"] for call in calls}
    assert (len(calls), len(ids)) == (3, 1)


@pytest.mark.parametrize("error", DONE_AND_FAILED, ids=repr)
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "conversations.history"])
async def test_a_connection_that_breaks(post: Stage, method: str, error: Exception) -> None:
    """A call that was made and whose answer never came is not made twice where that could be seen."""
    post.fails = [(method, error)]
    if method == "conversations.history":
        post.fails.append(("chat.postMessage", TimeoutError()))
    await post.want("a", "v1")
    courier = post.courier()
    await post.settle(courier)
    await post.want("a", "v2")
    await post.settle(courier)
    assert not post.fails
    assert post.shown() == ["v2"]


@pytest.mark.parametrize("fault", LOST_ANSWERS, ids=str)
async def test_an_unclear_answer_to_an_update(post: Stage, fault: dict[str, Any]) -> None:
    """After an update without an answer the message shows the latest state, even one shown before."""
    courier = post.courier()
    await post.want("a", "on")
    await post.settle(courier)
    post.slack.fail("chat.update", **fault)
    await post.want("a", "off")
    await courier.run_once()
    await post.want("a", "on")
    await post.settle(courier)
    assert post.shown() == ["on"]


@pytest.mark.parametrize(
    "error", ["missing_scope", "not_allowed_token_type", "not_in_channel", "no_permission"]
)
async def test_history_may_not_be_read(post: Stage, error: str) -> None:
    """Where the bot may not look, a lost post is made again: a double is better than a loss."""
    post.slack.fail("conversations.history", error=error, times=None)
    post.slack.fail("chat.postMessage", how="lose")
    courier = post.courier()
    await post.want("a", "v1")
    await post.settle(courier)
    assert post.shown() == ["v1", "v1"]
    assert courier.healthy


async def test_a_token_that_is_refused_while_looking(post: Stage) -> None:
    """A search that shows a bad token holds the courier up as well, and what it looked for is found later."""
    post.slack.fail("conversations.history", error="invalid_auth")
    post.slack.fail("chat.postMessage", how="lose")
    courier = post.courier()
    await post.want("a")
    await courier.run_once()
    post.clock.advance(1)
    await courier.run_once()
    assert not courier.healthy
    await post.settle(courier)
    assert post.shown() == ["a"]


@pytest.mark.parametrize("fault", [{"status": 503}, {"error": "ratelimited"}, {"how": "lose"}], ids=str)
async def test_a_search_that_fails(post: Stage, fault: dict[str, Any]) -> None:
    """As long as Slack cannot be asked whether a message is there, it is not posted again."""
    post.slack.fail("conversations.history", **{"times": 5, **fault})
    post.slack.fail("chat.postMessage", how="lose")
    await post.want("a")
    await post.settle(post.courier())
    assert post.shown() == ["a"]
    assert len(post.slack.calls_to("chat.postMessage")) == 1


async def test_a_post_is_found_among_many(post: Stage) -> None:
    """A lost post is found on a later page of a busy channel."""
    post.slack.fail("chat.postMessage", how="lose")
    await post.want("a")
    courier = post.courier()
    await courier.run_once()
    for number in range(250):
        post.slack.say(ANA, DB_MOVES, f"chatter {number}")
    await post.settle(courier)
    assert post.shown().count("a") == 1
    assert len(post.slack.calls_to("conversations.history")) == 2


@pytest.mark.parametrize("how", ["lose", "garbage"])
async def test_a_direct_message(post: Stage, how: Any) -> None:
    """A person is a place as well, and a lost post is looked for in the direct message with them."""
    await post.want("a", places=[ANA])
    post.slack.fail("chat.postMessage", how=how)
    courier = post.courier()
    await post.settle(courier)
    await post.want("a", "v2", places=[ANA])
    await post.settle(courier)
    assert post.shown("D0ANA") == ["v2"]
    assert post.slack.calls_to("chat.update")[0].arguments["channel"] == "D0ANA"


async def test_slack_cannot_be_reached(sqlite_template: Path, tmp_path: Path) -> None:
    """Without any connection to Slack it is certain that nothing was posted: no search is needed."""
    async with open_stage(copy_of(sqlite_template, tmp_path)) as post:
        good, post.api = post.api, "http://127.0.0.1:1/"
        await post.want("a")
        await post.courier().run_once()
        assert (await post.row("a"))["state"] == "wanted"
        post.api = good
        await post.settle(post.courier())
        assert post.shown() == ["a"]
        assert [call.method for call in post.slack.calls] == ["chat.postMessage"]
