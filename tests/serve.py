"""Any ASGI app on a real server, in the test's own loop."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp


@asynccontextmanager
async def serve(app: ASGIApp, *, port: int = 0) -> AsyncIterator[str]:
    """Serve `app` on 127.0.0.1 and give its base URL (no slash at the end); a free port unless one is named.

    It listens as soon as the block is entered. On leaving, connections that are still open are cut, requests
    that still run are cancelled, and the app's lifespan ends. It touches no signals, and is silent unless an
    app raises.
    """
    config = uvicorn.Config(app, log_config=None, log_level="error", access_log=False, proxy_headers=False)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    # With its protocol named: asyncio switches Nagle's delay (40 ms an answer) off only where it is.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        await server.startup(sockets=[listener])
        await server.on_tick(0)  # once is enough: uvicorn's own loop would only refresh the date header
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            await _stop(server)


async def _stop(server: uvicorn.Server) -> None:
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        connection.transport.abort()
    for _ in range(3):
        await asyncio.sleep(0)  # lets the cut reach requests that wait for it
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # being cancelled is no news
    running = list(server.server_state.tasks)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    for listening in server.servers:
        await listening.wait_closed()
    await server.lifespan.shutdown()
