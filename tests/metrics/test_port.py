"""The port of the figures."""

import asyncio
import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.demo.clock import ManualClock
from bot.http.beside import AGAIN_SECONDS, served_beside
from tests.test_server import a_free_port

PAGE = Starlette(routes=[Route("/metrics", lambda _: PlainTextResponse("figures"))])


async def test_a_port_of_its_own() -> None:
    """The figures are on the port that the setting names, for as long as the bot is there."""
    port = a_free_port()
    async with served_beside(PAGE, port, ManualClock()):
        assert await _read(port) == "figures"
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://127.0.0.1:{port}/metrics")


async def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the process before has the port, the log says so, and the figures are there once it is free."""
    clock = ManualClock()
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        async with served_beside(PAGE, port, clock):
            while not clock.slept:  # noqa: ASYNC110 - a port has no event
                await asyncio.sleep(0)
            assert "port_not_available" in capsys.readouterr().out
            other.close()
            assert clock.slept[0] == AGAIN_SECONDS
            assert await _read(port) == "figures"


async def test_no_port() -> None:
    """Without the setting nothing is served."""
    async with served_beside(None, None, ManualClock()):
        pass


async def _read(port: int) -> str:
    """What the page says, once it is there."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client, asyncio.timeout(30):
        while True:
            try:
                return (await client.get(f"http://127.0.0.1:{port}/metrics")).text
            except httpx.ConnectError:
                await asyncio.sleep(0.01)
