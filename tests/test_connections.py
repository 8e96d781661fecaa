"""The HTTP port, and what a stranger may do to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.server import ServerState

from bot.demo.clock import ManualClock
from bot.http.connections import MOST_HEAD, MOST_HEADERS, WAITS_FOR, BoundedProtocol, ConnectionLimit, peer_of
from bot.http.server import build_server

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(eq=False)
class Visitor:
    peer: str
    waiting_since: float | None
    left: list[str] = field(default_factory=list)

    def leave(self) -> None:
        self.left.append(self.peer)


def test_the_one_that_waits_longest_goes() -> None:
    """When there are too many, a new one still comes in, and the oldest that brings no request leaves."""
    crowd = ConnectionLimit(ManualClock(), most=3)
    busy, old, new = Visitor("p", None), Visitor("p", 1.0), Visitor("p", 2.0)
    slack = Visitor("p", 3.0)
    for one in (busy, new, old, slack):
        crowd.enter(one)
    assert [bool(one.left) for one in (busy, old, new, slack)] == [False, True, False, False]
    assert len(crowd) == 3


def test_who_has_most_gives_way() -> None:
    """A flood from one address pushes out its own connections, not those of others that wait longer."""
    crowd = ConnectionLimit(ManualClock(), most=4)
    slack = Visitor("slack", 0.0)
    flood = [Visitor("flood", float(moment)) for moment in range(1, 9)]
    for one in (slack, *flood):
        crowd.enter(one)
    assert not slack.left
    assert [bool(one.left) for one in flood] == [True] * 5 + [False] * 3


def test_nobody_at_work_is_disturbed() -> None:
    """Where all others are being answered, it is the new one that goes."""
    crowd = ConnectionLimit(ManualClock(), most=2)
    first, second, third = Visitor("a", None), Visitor("b", None), Visitor("c", 0.0)
    for one in (first, second, third):
        crowd.enter(one)
    assert [bool(one.left) for one in (first, second, third)] == [False, False, True]


def test_nobody_waits_for_ever() -> None:
    """A connection on which no whole request comes within ten seconds is closed; one at work is not."""
    clock = ManualClock()
    crowd = ConnectionLimit(clock)
    slow, busy = Visitor("a", crowd.now()), Visitor("a", None)
    crowd.enter(slow)
    crowd.enter(busy)
    clock.advance(WAITS_FOR - 1)
    crowd.sweep()
    assert not slow.left
    clock.advance(1)
    crowd.sweep()
    assert slow.left
    assert not busy.left


@pytest.mark.parametrize(
    ("host", "peer"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("", ""),
    ],
)
def test_who_counts_as_one(host: str, peer: str) -> None:
    """An address counts by itself, of IPv6 its network: a single machine has all addresses of one."""
    assert peer_of(host) == peer


class Port:
    """A server on a real port, and its crowd."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.crowd = ConnectionLimit(self.clock, most=3)
        self.go_on = asyncio.Event()
        self.number = 0
        self.writers: list[asyncio.StreamWriter] = []

    async def answer(self, request: Request) -> Response:
        if request.url.path == "/slow":
            await self.go_on.wait()
        return PlainTextResponse(f"{len(await request.body())}")

    async def open(self) -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.number)
        self.writers.append(writer)
        return reader, writer

    async def leave(self) -> None:
        for writer in self.writers:
            writer.transport.abort()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def say(self, *parts: bytes) -> bytes:
        """Send on a new connection; all that comes until it is closed from there, or after 5 s what came."""
        reader, writer = await self.open()
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
            return await asyncio.wait_for(reader.read(), 5)
        except ConnectionError:
            return b""


@asynccontextmanager
async def a_port() -> AsyncIterator[Port]:
    port = Port()
    app = Starlette(routes=[Route("/{path:path}", port.answer, methods=["GET", "POST"])])
    config = build_server(app, "127.0.0.1", 0).config
    config.load()
    state = ServerState()

    def protocol() -> BoundedProtocol:
        return BoundedProtocol(port.crowd, config=config, server_state=state, app_state={})

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    port.number = server.sockets[0].getsockname()[1]
    try:
        yield port
    finally:
        port.go_on.set()
        server.close()
        for one in tuple(state.connections):
            one.transport.abort()
        await port.leave()
        async with asyncio.timeout(5):
            await server.wait_closed()
            while len(port.crowd):  # noqa: ASYNC110 - a closed connection tells no event
                await asyncio.sleep(0.01)


async def until_closed(reader: asyncio.StreamReader) -> None:
    with suppress(ConnectionError):
        while await reader.read(1000):
            pass


WEBSOCKET = (
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def header(count: int, size: int = 1) -> bytes:
    return b"".join(b"X-%d: %s\r\n" % (number, b"x" * size) for number in range(count))


@pytest.mark.parametrize(
    "request_",
    [
        GET + header(MOST_HEADERS) + b"\r\n",
        GET + b"X: " + b"x" * MOST_HEAD + b"\r\n\r\n",
        b"GET /" + b"x" * MOST_HEAD + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        GET + b"X: " + b"x" * 300_000,
        b"GET /" + b"x" * 300_000,
        GET + header(20, 4000),
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + header(200) + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;x=" + b"x" * 300_000,
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 60_000,
        (GET + b"\r\n") * 20,
        b"nonsense\r\n\r\n",
    ],
    ids=[
        "many headers",
        "a long header",
        "a long line",
        "a header without end",
        "a line without end",
        "headers without end",
        "many trailers",
        "a chunk's extension without end",
        "a body in single bytes",
        "many requests at once",
        "no HTTP",
    ],
)
async def test_what_is_too_much_is_refused(request_: bytes) -> None:
    """What no client of the bot sends is answered 400 or not at all, and the connection is closed."""
    async with a_port() as port:
        parts = [request_[start : start + 50_000] for start in range(0, len(request_), 50_000)]
        answer = await port.say(*parts)
        assert b"HTTP/1.1 400" in answer or b"200 OK" not in answer
        async with asyncio.timeout(5):
            while len(port.crowd):  # noqa: ASYNC110 - a closed connection tells no event
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (GET + header(50, 100) + b"Connection: close\r\n\r\n", b"0"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\nConnection: close\r\n\r\n", b"200000"),
        (GET + b"Upgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n", b"0"),
        (GET + WEBSOCKET + b"Connection: Upgrade, close\r\n\r\n", b"0"),
    ],
    ids=["usual headers", "a long body", "an upgrade that is not to be had", "a WebSocket"],
)
async def test_what_is_usual_is_answered(request_: bytes, body: bytes) -> None:
    """A long body, as many headers as proxies add, and a wish for another protocol are no trouble."""
    async with a_port() as port:
        parts = [request_] + ([b"x" * 50_000] * 4 if b"Content-Length" in request_ else [])
        assert (await port.say(*parts)).endswith(b"\r\n\r\n" + body)


async def test_a_flood_of_idle_connections_keeps_nobody_out() -> None:
    """More connections than the port takes, all silent: who brings a request is answered."""
    async with a_port() as port:
        for _ in range(10):
            await port.open()
        assert b"200 OK" in await port.say(GET + b"Connection: close\r\n\r\n")


async def test_an_answer_that_takes_time_is_not_cut_off() -> None:
    """A request that is being answered stays, whatever else comes; afterwards its connection waits again."""
    async with a_port() as port:
        reader, writer = await port.open()
        writer.write(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(0.05)
        for _ in range(5):
            await port.open()
        port.clock.advance(WAITS_FOR)
        port.crowd.sweep()
        port.go_on.set()
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        port.crowd.sweep()
        assert len(port.crowd) == 1
        port.clock.advance(WAITS_FOR)
        port.crowd.sweep()
        await until_closed(reader)


async def test_a_body_that_trickles_is_given_up() -> None:
    """A request of which a byte comes now and then is closed like a silent one."""
    async with a_port() as port:
        reader, writer = await port.open()
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")
        for _ in range(5):
            writer.write(b"x")
            await asyncio.sleep(0.01)
            port.clock.advance(WAITS_FOR / 4)
            port.crowd.sweep()
        await until_closed(reader)
