"""Answers go to Slack, whatever address came with a request."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.slack.replies.reply_transport import MOST_BYTES, ReplyTransport


def client(api_url: str = "https://slack.com/api/", body: bytes = b"ok") -> httpx.AsyncClient:
    async def parts() -> AsyncIterator[bytes]:
        yield body

    inner = httpx.MockTransport(lambda _request: httpx.Response(200, content=parts()))
    return httpx.AsyncClient(transport=ReplyTransport(api_url, inner))


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/commands/T1/1/x",
        "https://hooks.slack-gov.com/actions/T1/1/x",
        "https://slack.com/x",
    ],
)
async def test_slack_is_answered(url: str) -> None:
    """The addresses that Slack gives are answered."""
    async with client() as http:
        assert (await http.post(url, json={})).text == "ok"


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/commands/T1/1/x",
        "https://hooks.slack.com:8443/x",
        "https://hooks.slack.com@10.0.0.1/x",
        "https://notslack.com/x",
        "https://slack.com.example/x",
        "http://169.254.169.254/latest/meta-data/",
        "https://localhost/x",
        "http://[::1]:3000/readyz",
    ],
)
async def test_nobody_else_is(url: str) -> None:
    """An address of anybody else gets no request, even if the command that named it is signed."""
    async with client() as http:
        with pytest.raises(httpx.ConnectError):
            await http.post(url, json={})


async def test_a_stand_in_is_answered() -> None:
    """Where SLACK_API_URL is another address, answers may go there too, and to no other port of it."""
    async with client("http://127.0.0.1:4000/chat/api/") as http:
        assert (await http.post("http://127.0.0.1:4000/chat/reply/1", json={})).text == "ok"
        with pytest.raises(httpx.ConnectError):
            await http.post("http://127.0.0.1:4001/chat/reply/1", json={})


async def test_an_answer_without_end() -> None:
    """Of an answer to an answer no more is taken in than Slack ever says."""
    async with client(body=b"x" * (MOST_BYTES + 1)) as http:
        with pytest.raises(httpx.ReadError):
            await http.post("https://hooks.slack.com/x", json={})
    async with client(body=b"x" * MOST_BYTES) as http:
        assert (await http.post("https://hooks.slack.com/x", json={})).is_success
