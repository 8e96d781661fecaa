"""The line to the small PlanetScale, without sockets, so that a run repeats exactly."""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

import httpx
from starlette.types import ASGIApp

from bot.demo.clock import ManualClock
from tests.operations.machine.points import Life

Message = MutableMapping[str, Any]
TURNS = 60
"""An app that has not answered after so many turns of the loop is holding the request."""
TIME_OUT = 120.0


class Exchange:
    """One request as the app sees it. The app can cut it (`transport.abort`), as under uvicorn."""

    def __init__(self, request: httpx.Request, body: bytes) -> None:
        self.transport = self
        self.cut = asyncio.Event()
        self.status: int | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self._first: Message | None = {"type": "http.request", "body": body, "more_body": False}
        url = request.url
        self.scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.split(b"?")[0],
            "query_string": url.query,
            "server": (url.host, url.port),
            "client": ("127.0.0.1", 1),
            "root_path": "",
        }

    def abort(self) -> None:
        """The connection is closed."""
        self.cut.set()

    async def receive(self) -> Message:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        await self.cut.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")


class Line(httpx.AsyncBaseTransport):
    """Carries requests to `app`. Each is shown to `leaving` and, with its answer, to `came_back`."""

    def __init__(self, app: ASGIApp, life: Life, clock: ManualClock) -> None:
        self._app, self._life, self._clock = app, life, clock
        self.unplugged = 0
        """How many requests from now on find nobody to connect to."""
        self.leaving: Callable[[httpx.Request], object] = lambda _: None
        self.came_back: Callable[[object, httpx.Request, int | None, bytes], None] = lambda *_: None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._life.reach()
        if self.unplugged:
            self.unplugged -= 1
            msg = "nobody listens"
            raise httpx.ConnectError(msg, request=request)
        body = await request.aread()
        if trace := request.extensions.get("trace"):
            # as httpcore does before the first byte; a change leaves with the transaction that this makes
            await trace("http11.send_request_headers.started", {})
        exchange = Exchange(request, body)
        mark = self.leaving(request)
        try:
            await self._carry(exchange, request)
        finally:
            self.came_back(mark, request, exchange.status, exchange.body)
        await self._life.reach()
        return httpx.Response(exchange.status or 500, headers=exchange.headers, content=exchange.body)

    async def _carry(self, exchange: Exchange, request: httpx.Request) -> None:
        running = asyncio.ensure_future(self._app(exchange.scope, exchange.receive, exchange.send))
        try:
            for _ in range(TURNS):
                if running.done() or exchange.cut.is_set():
                    break
                await asyncio.sleep(0)
            held = not running.done() and not exchange.cut.is_set()
            if held:
                await self._life.reach()
                self._clock.advance(request.extensions["timeout"]["read"] or TIME_OUT)
        finally:
            exchange.abort()
            await running
        if held:
            msg = "no answer in time"
            raise httpx.ReadTimeout(msg, request=request)
        if exchange.status is None:
            msg = "the connection was closed"
            raise httpx.RemoteProtocolError(msg, request=request)
