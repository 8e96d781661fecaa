"""The test server itself."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.serve import serve


async def test_an_app_is_reachable_as_soon_as_it_is_served_and_gone_afterwards() -> None:
    """An app answers over real HTTP inside the block, and refuses connections after it."""

    async def hello(_: Request) -> Response:
        return PlainTextResponse("hello")

    async with httpx.AsyncClient() as client:
        async with serve(Starlette(routes=[Route("/", hello)])) as base_url:
            assert (await client.get(base_url)).text == "hello"
        with pytest.raises(httpx.ConnectError):
            await client.get(base_url)


async def test_a_request_that_never_ends_does_not_hold_up_the_end() -> None:
    """Leaving the block cuts a request that hangs, and the client sees a lost connection."""
    arrived = asyncio.Event()

    async def hang(_: Request) -> Response:
        arrived.set()
        await asyncio.Event().wait()
        return Response()

    async with httpx.AsyncClient(timeout=60) as client:
        async with serve(Starlette(routes=[Route("/", hang)])) as base_url:
            hanging = asyncio.create_task(client.get(base_url))
            await arrived.wait()
        with pytest.raises(httpx.RemoteProtocolError):
            await hanging
