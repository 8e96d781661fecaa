"""Serves an ASGI app on uvicorn until the process is told to stop."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import structlog
import uvicorn
from starlette.types import ASGIApp

from bot.clock import SystemClock
from bot.http.connections import BoundedProtocol, ConnectionLimit

log = structlog.stdlib.get_logger(__name__)

EVERYWHERE: Final = ""
"""As a host: all addresses of the machine, IPv6 and IPv4."""
_FIRST_OF_ALL: Final = 1
_NOT_HERE: Final = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})
"""The machine has no such addresses."""


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: the caller decides when to stop, and what to do before."""

    crowd: ConnectionLimit | None = None

    async def serve_guarded(self) -> None:
        """Serve until told to stop. Where the port is taken it is logged, and this returns."""
        try:
            sockets = listen(self.config.port) if self.config.host == EVERYWHERE else None
            await self.serve(sockets)
        except (SystemExit, OSError):  # uvicorn raises the one, `listen` the other
            log.error("port_not_available", port=self.config.port)

    async def on_tick(self, counter: int) -> bool:
        if self.crowd and counter % 10 == 0:  # once a second
            self.crowd.sweep()
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def build_server(app: ASGIApp, host: str, port: int) -> Server:
    """For the bot: httptools with bounds, no WebSockets, no access log (paths say enough)."""
    crowd = ConnectionLimit(SystemClock())
    server = _server(app, host, port, http=partial(BoundedProtocol, crowd), ws="none")
    server.crowd = crowd
    return server


def build_open_server(app: ASGIApp, host: str, port: int) -> Server:
    """For the stand-ins, which have WebSockets and long answers, and nobody but friends as visitors."""
    return _server(app, host, port)


def _server(app: ASGIApp, host: str, port: int, **how: Any) -> Server:
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
            **how,
        )
    )


def listen(port: int) -> list[socket.socket]:
    """A socket for IPv6 and one for IPv4, where the machine has them. Raises `OSError` if one is taken."""
    found: list[socket.socket] = []
    for family, address in ((socket.AF_INET6, "::"), (socket.AF_INET, "0.0.0.0")):  # noqa: S104 - a container's port is reached from outside
        try:
            found.append(_bound(family, address, port))
        except OSError as error:
            if error.errno not in _NOT_HERE:
                for one in found:
                    one.close()
                raise
    if not found:
        raise OSError(errno.EADDRNOTAVAIL, "no address to listen on")
    return found


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    # with its protocol named: asyncio switches Nagle's delay (40 ms an answer) off only where it is
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((address, port))
    except OSError:
        bound.close()
        raise
    bound.setblocking(False)
    return bound


async def until_told_to_stop() -> None:
    """Return at the first SIGTERM or SIGINT. The second one ends the process at once, also where it is the
    first of a container, which no signal ends that it does not listen for.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)
        if os.getpid() == _FIRST_OF_ALL:
            loop.add_signal_handler(number, os._exit, 128 + number)
        else:
            signal.signal(number, signal.SIG_DFL)
