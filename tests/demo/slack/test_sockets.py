"""Socket Mode, spoken with the real SDK's client."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack.people import ANA, DB_MOVES
from tests.demo.slack.conftest import Stage


class Listener:
    """Keeps what comes over the socket, and acks as told."""

    def __init__(self) -> None:
        self.requests: list[SocketModeRequest] = []
        self.payload: dict[str, Any] | None = None
        self.silent = False

    async def __call__(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.requests.append(request)
        if not self.silent:
            response = SocketModeResponse(envelope_id=request.envelope_id, payload=self.payload)
            await client.send_socket_mode_response(response)


@pytest.fixture
async def listener(stage: Stage) -> AsyncIterator[Listener]:
    web = AsyncWebClient(base_url=f"{stage.base}/slack/api/")
    client = SocketModeClient(
        app_token=stage.slack.app_token, web_client=web, auto_reconnect_enabled=False, ping_interval=60
    )
    listener = Listener()
    client.socket_mode_request_listeners.append(listener)
    await client.connect()
    async with asyncio.timeout(30):
        await stage.slack.sockets.until_connected()
    yield listener
    await client.disconnect()
    await client.close()
    async with asyncio.timeout(30):
        await stage.slack.sockets.until_connected(0)


async def test_with_a_socket_nothing_goes_over_http(stage: Stage, listener: Listener) -> None:
    """While a socket is open, commands come over it in an envelope, and the ack's payload is the reply."""
    listener.payload = {"text": "hello"}
    delivery = await stage.slack.command(ANA, DB_MOVES, "/workflow", "help")
    assert (delivery.over, delivery.ok) == ("socket", True)
    (request,) = listener.requests
    assert request.type == "slash_commands"
    assert request.payload["text"] == "help"
    assert stage.bot.payloads == []
    assert stage.slack.ephemeral_for(ANA)[0].text == "hello"


async def test_the_same_envelope_twice(stage: Stage, listener: Listener) -> None:
    """A redelivery comes in the same envelope."""
    delivery = await stage.slack.open_home(ANA)
    await stage.slack.redeliver(delivery)
    first, second = listener.requests
    assert first.envelope_id == second.envelope_id
    assert (first.retry_attempt, second.retry_attempt) == (0, 1)
    assert first.payload == second.payload


async def test_a_socket_that_does_not_ack(stage: Stage, listener: Listener) -> None:
    """Without an ack in time the person reads `operation_timeout`, over a socket too."""
    listener.silent = True
    stage.slack.sender.ack_seconds = 0.01
    delivery = await stage.slack.command(ANA, DB_MOVES, "/workflow", "help")
    assert delivery.problem == "operation_timeout"


async def test_after_a_disconnect_http_is_used_again(stage: Stage, listener: Listener) -> None:
    """When the connections are closed by the other side, deliveries go over HTTP again."""
    await stage.slack.sockets.disconnect()
    await stage.slack.command(ANA, DB_MOVES, "/workflow", "help")
    assert listener.requests == []
    assert len(stage.bot.payloads) == 1


async def test_a_socket_needs_the_app_token(stage: Stage) -> None:
    """A connection is opened with the app token only."""
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await stage.client.apps_connections_open(app_token=stage.slack.bot_token)
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await stage.client.apps_connections_open(app_token="xapp-wrong")
