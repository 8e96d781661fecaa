"""A server that sends any bytes, over real sockets, and remembers what it was sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

PATIENCE = 10.0
"""Seconds after which a test fails instead of hanging. Nothing waits for it."""


class Then(Enum):
    """What the server does after it sent its bytes."""

    KEEP = auto()
    CLOSE = auto()
    RESET = auto()
    HANG = auto()


@dataclass(frozen=True)
class Reply:
    """Bytes, and what follows. With `unread`, the request is not even read."""

    data: bytes = b""
    then: Then = Then.KEEP
    unread: bool = False


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. `connection` counts from 1."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


def reply(
    body: bytes | Any = b"",
    status: int | str = 200,
    headers: Mapping[str, str] | None = None,
    then: Then = Then.KEEP,
) -> Reply:
    """A correct answer; a body that is not bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    fields = {"Content-Type": "application/json", "Content-Length": str(len(data)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return Reply(f"HTTP/1.1 {status} Whatever\r\n{head}\r\n".encode() + data, then)


class RawServer:
    """Answers with its script, one reply for each request (or unread connection); the last one repeats."""

    def __init__(self, *script: Reply) -> None:
        self.script = list(script)
        self.seen: list[Seen] = []
        self.connections = 0
        self.url = ""
        self._replied = 0
        self._news = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["RawServer"]:
        """Listen on a port of its own."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await server.wait_closed()

    async def saw(self, count: int) -> list[Seen]:
        """What was seen, once there are `count` requests."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: len(self.seen) >= count)
        return self.seen

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer, self.connections))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _peek(self) -> Reply:
        return self.script[min(self._replied, len(self.script) - 1)]

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> None:
        try:
            while self._peek().unread or await self._request(reader, connection):
                step = self._peek()
                self._replied += 1
                writer.write(step.data)
                if step.then is Then.RESET:
                    writer.transport.abort()
                    return
                await writer.drain()
                if step.then is Then.HANG:
                    await asyncio.Event().wait()
                if step.then is Then.CLOSE:
                    return
        except OSError:
            pass  # the client has gone
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader, connection: int) -> bool:
        """Read one request; `False` if the client closed first."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except asyncio.IncompleteReadError:
            return False
        method, target, _ = head[0].split(" ")
        fields = (line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in fields}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.seen.append(Seen(method, target, headers, body, connection))
        async with self._news:
            self._news.notify_all()
        return True
