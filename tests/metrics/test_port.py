"""The port of the figures."""

import asyncio
import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.run import serving_figures
from tests.test_server import a_free_port

PAGE = Starlette(routes=[Route("/metrics", lambda _: PlainTextResponse("figures"))])


async def test_a_port_of_its_own() -> None:
    """The figures are on the port that the setting names, for as long as the bot is there."""
    port = a_free_port()
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        async with serving_figures(PAGE, port):
            async with asyncio.timeout(30):
                while not (answer := await _asked(client, port)):  # noqa: ASYNC110 - a port has no event
                    await asyncio.sleep(0.01)
        assert answer.text == "figures"
        assert await _asked(client, port) is None


async def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """Where another program has the port, the log says so and the bot works all the same."""
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        async with serving_figures(PAGE, other.getsockname()[1]):
            await asyncio.sleep(0)
    assert "port_not_available" in capsys.readouterr().out


async def test_no_port() -> None:
    """Without the setting nothing is served, and nothing is kept."""
    async with serving_figures(None, None):
        pass


async def _asked(client: httpx.AsyncClient, port: int) -> httpx.Response | None:
    try:
        return await client.get(f"http://127.0.0.1:{port}/metrics")
    except httpx.ConnectError:
        return None
