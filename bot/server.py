"""Serves an ASGI app on uvicorn until the process is told to stop."""

import asyncio
import contextlib
import signal
from collections.abc import Iterator

import structlog
import uvicorn
from starlette.types import ASGIApp

log = structlog.stdlib.get_logger(__name__)


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: the caller decides when to stop, and what to do before."""

    async def serve_guarded(self) -> None:
        """Serve until told to stop. Where the port is taken uvicorn raises `SystemExit`; this returns."""
        try:
            await self.serve()
        except SystemExit:
            log.error("port_not_available", port=self.config.port)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def build_server(app: ASGIApp, host: str, port: int) -> Server:
    """uvicorn with uvloop and httptools where they are installed, and no access log (paths say enough)."""
    return Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
    )


async def until_told_to_stop() -> None:
    """Return at the first SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
