"""Everything that can be made to go wrong between the bot and Slack."""

import asyncio

import aiohttp
import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.demo.slack.people import ANA, DB_MOVES, RANDOM
from tests.demo.slack.conftest import Stage


def post(
    stage: Stage, http: httpx.AsyncClient, text: str = "x", channel: str = DB_MOVES
) -> "asyncio.Task[httpx.Response]":
    headers = {"Authorization": f"Bearer {stage.slack.bot_token}"}
    body = {"channel": channel, "text": text}
    return asyncio.ensure_future(
        http.post(f"{stage.base}/slack/api/chat.postMessage", json=body, headers=headers)
    )


async def test_an_error_as_often_as_told(stage: Stage) -> None:
    """An injected error is answered so many times, then all is well; nothing was posted meanwhile."""
    stage.slack.fail("chat.postMessage", error="not_in_channel", times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError, match="not_in_channel"):
            await stage.client.chat_postMessage(channel=DB_MOVES, text="x")
    assert stage.slack.world.messages == []
    await stage.client.chat_postMessage(channel=DB_MOVES, text="x")
    assert len(stage.slack.calls_to("chat.postMessage")) == 3


async def test_until_healed(stage: Stage) -> None:
    """A fault without an end lasts until it is healed, for every method."""
    stage.slack.fail("*", error="internal_error", times=None)
    for _ in range(3):
        with pytest.raises(SlackApiError, match="internal_error"):
            await stage.client.auth_test()
    stage.slack.faults.heal()
    assert (await stage.client.auth_test())["ok"]


async def test_down_until_it_comes_back(stage: Stage) -> None:
    """While the chat is down every call fails, uploads too; when it is back everything works."""
    ticket = await stage.client.files_getUploadURLExternal(filename="a.txt", length=1)
    stage.slack.go_down()
    async with httpx.AsyncClient() as http:
        for _ in range(3):
            assert (await post(stage, http)).status_code == 503
        assert (await http.post(ticket["upload_url"], content=b"x")).status_code == 503
        stage.slack.come_back()
        assert (await http.post(ticket["upload_url"], content=b"x")).status_code == 200
        assert (await post(stage, http)).json()["ok"]
    assert len(stage.slack.messages(DB_MOVES)) == 1


async def test_http_statuses(stage: Stage) -> None:
    """429 comes with `Retry-After`, 5xx with a page that is no JSON."""
    stage.slack.slow_down("chat.postMessage", retry_after=7)
    stage.slack.fail("chat.postMessage", status=503)
    async with httpx.AsyncClient() as http:
        slow = await post(stage, http)
        assert (slow.status_code, slow.headers["retry-after"]) == (429, "7")
        broken = await post(stage, http)
        assert broken.status_code == 503
        assert "json" not in broken.headers["content-type"]
    assert stage.slack.world.messages == []


async def test_garbage(stage: Stage) -> None:
    """An answer can be no JSON at all."""
    stage.slack.fail("chat.postMessage", how="garbage")
    async with httpx.AsyncClient() as http:
        answer = await post(stage, http)
    assert (answer.status_code, answer.text[:6]) == (200, "<html>")


async def test_a_lost_answer(stage: Stage) -> None:
    """An answer can be lost after the message was posted."""
    stage.slack.fail("chat.postMessage", how="lose")
    with pytest.raises(aiohttp.ClientError):
        await stage.client.chat_postMessage(channel=DB_MOVES, text="x")
    assert [message.text for message in stage.slack.messages(DB_MOVES)] == ["x"]


async def test_a_call_that_hangs(stage: Stage) -> None:
    """A call can hang until the caller gives up; nothing is posted."""
    stage.slack.fail("chat.postMessage", how="hang")
    async with httpx.AsyncClient() as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.post(
                f"{stage.base}/slack/api/chat.postMessage",
                json={"channel": DB_MOVES, "text": "x"},
                headers={"Authorization": f"Bearer {stage.slack.bot_token}"},
                timeout=0.05,
            )
    assert stage.slack.world.messages == []


async def test_one_post_a_second(stage: Stage) -> None:
    """With limits on, a channel takes its burst, then one post a second; other channels have their own."""
    stage.slack.limits.enabled = True
    stage.slack.limits.post_burst = 2
    async with httpx.AsyncClient() as http:
        statuses = [(await post(stage, http, str(number))).status_code for number in range(3)]
        assert statuses == [200, 200, 429]
        assert (await post(stage, http, channel=RANDOM)).status_code == 200
        stage.clock.advance(1)
        assert (await post(stage, http)).status_code == 200
        refused = await post(stage, http)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")


async def test_every_method_has_its_limit(stage: Stage) -> None:
    """With limits on, a method takes what its tier allows in a minute, then what a minute refills."""
    stage.slack.limits.enabled = True

    async def ask() -> AsyncSlackResponse:
        return await stage.client.files_getUploadURLExternal(filename="a.png", length=1)

    for _ in range(100):
        await ask()
    with pytest.raises(SlackApiError) as caught:
        await ask()
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "1")
    assert (await stage.client.conversations_open(users=ANA))["ok"]
    stage.clock.advance(1)
    assert (await ask())["ok"]
