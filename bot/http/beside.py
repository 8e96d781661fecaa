"""A page on a port of its own, beside the bot's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog
from starlette.types import ASGIApp

from bot.clock import Clock
from bot.http.server import EVERYWHERE, Server, build_server
from bot.runtime.tasks import until_stopped

log = structlog.stdlib.get_logger(__name__)

AGAIN_SECONDS: Final = 10.0
"""How soon a port that is taken is tried again: the process before this one may have it a little longer."""


@asynccontextmanager
async def served_beside(page: ASGIApp | None, port: int | None, clock: Clock) -> AsyncIterator[None]:
    """Serve `page`, where there is one, for as long as this block lasts.

    Whoever is in it works without the page as well: a port that is taken is logged, and tried again.
    """
    if page is None or port is None:
        yield
        return
    stop, servers = asyncio.Event(), list[Server]()
    serving = asyncio.create_task(_serve(page, port, clock, stop, servers), name="page beside")
    try:
        yield
    finally:
        stop.set()
        for server in servers:
            server.should_exit = True
        await serving


async def _serve(page: ASGIApp, port: int, clock: Clock, stop: asyncio.Event, servers: list[Server]) -> None:
    """`servers`: where the one that serves now is found."""
    while not stop.is_set():
        servers[:] = [build_server(page, EVERYWHERE, port)]
        try:
            await servers[0].serve_guarded()
        except Exception:
            log.exception("page_not_served", port=port)  # the edge: what it stands beside goes on
        if not stop.is_set():
            await until_stopped(clock.sleep(AGAIN_SECONDS), stop)
