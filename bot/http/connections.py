"""What any stranger may do to the HTTP port: how many connections, for how long, and how much of a header.

uvicorn bounds none of these. A connection that has not brought a whole request is *waiting*, whether it is
new, kept alive or in the middle of a header or a body. When there are too many, the one that has waited
longest goes, of the peer that has most: so neither a flood of idle connections nor one of slow requests keeps
Slack out, which sends its requests at once.
"""

import asyncio
from collections import Counter
from ipaddress import IPv6Address, ip_address
from typing import Any, Final, Protocol

import httptools
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.clock import Clock
from bot.runtime.sampled import Sampled

log = structlog.stdlib.get_logger(__name__)

MOST_CONNECTIONS: Final = 512
"""Below the 1,024 files that a process may usually open."""
WAITS_FOR: Final = 10.0
"""Seconds in which a whole request has to come."""
MOST_HEADERS: Final = 100
MOST_HEAD: Final = 32 * 1024
"""Bytes of the request line and all headers. Slack's are below 4 KiB."""
MOST_FRAMING: Final = 64 * 1024
"""Bytes of a request that are no body, also those of a header that does not end."""
MOST_PIPELINED: Final = 8


class Visitor(Protocol):
    """A connection."""

    peer: str
    waiting_since: float | None
    """On the monotonic clock; `None` while a whole request is being answered."""

    def leave(self) -> None:
        """Close it at once."""
        ...


class ConnectionLimit:
    """All connections of a server."""

    def __init__(self, clock: Clock, most: int = MOST_CONNECTIONS) -> None:
        self._clock = clock
        self._most = most
        self._here: dict[Visitor, None] = {}
        """In the order in which they came."""
        self._closed, self._garbled = Sampled(clock), Sampled(clock)

    def __len__(self) -> int:
        return len(self._here)

    def now(self) -> float:
        """Seconds, for `waiting_since`."""
        return self._clock.monotonic()

    def enter(self, visitor: Visitor) -> None:
        """A new one. Another one leaves if there are too many."""
        self._here[visitor] = None
        if len(self._here) > self._most:
            self._send_away(self._in_the_way() or visitor)
            if times := self._closed.due():
                log.warning("too_many_connections", most=self._most, closed=times)

    def exit(self, visitor: Visitor) -> None:
        """It is closed."""
        self._here.pop(visitor, None)

    def sweep(self) -> None:
        """Close those that have waited for too long."""
        latest = self.now() - WAITS_FOR
        for one in tuple(self._here):
            if one.waiting_since is not None and one.waiting_since <= latest:
                self._send_away(one)

    def garbled(self) -> None:
        """A request was refused before it was understood: the log says so once a minute."""
        if times := self._garbled.due():
            log.warning("request_not_http", times=times)

    def _send_away(self, visitor: Visitor) -> None:
        self._here.pop(visitor, None)
        visitor.leave()

    def _in_the_way(self) -> Visitor | None:
        waiting = [(one.waiting_since, one) for one in self._here if one.waiting_since is not None]
        counts = Counter(one.peer for _, one in waiting)
        most = max(counts.values(), default=0)
        oldest = ((since, one) for since, one in waiting if counts[one.peer] == most)
        return min(oldest, key=lambda found: found[0], default=(0.0, None))[1]


class TooMuchError(Exception):
    """A request has more than any of Slack's."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP on httptools, with bounds, and with no way to a WebSocket."""

    def __init__(self, crowd: ConnectionLimit, **parts: Any) -> None:
        super().__init__(**parts)
        self.peer = ""
        self.waiting_since: float | None = crowd.now()
        self._crowd = crowd
        self._complete = True
        self._framing = 0
        """Bytes since the last whole request that are no body."""
        self._head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it too
        super().connection_made(transport)
        self.peer = peer_of(self.client[0] if self.client else "")
        self._crowd.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._crowd.exit(self)
        super().connection_lost(exc)

    def leave(self) -> None:
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self._framing += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            return  # it is answered as if it had not asked for one
        except httptools.HttpParserError:
            self._refuse()
        else:
            if self._framing > MOST_FRAMING:
                self._refuse()

    def _refuse(self) -> None:
        self._crowd.garbled()
        self.send_400_response("Invalid HTTP request received.")

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MOST_PIPELINED:
            raise TooMuchError
        self._complete, self._head = False, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(name + value)
        if len(self.headers) >= MOST_HEADERS:
            raise TooMuchError
        super().on_header(name, value)

    def _count(self, part: bytes) -> None:
        self._head += len(part)
        if self._head > MOST_HEAD:
            raise TooMuchError

    def on_body(self, body: bytes) -> None:
        self._framing -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._complete, self._framing = True, 0
        self._settle()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._settle()

    def _settle(self) -> None:
        """It is busy with a whole request, or waits for the next one, or for the rest of this one."""
        if not self._complete:
            return
        self.waiting_since = self._crowd.now() if self.cycle.response_complete else None


def peer_of(host: str) -> str:
    """Who is to be counted as one: an address; of IPv6 the network, which one machine has to itself."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else address.exploded[:19]
    return host
