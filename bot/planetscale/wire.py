"""HTTP to PlanetScale: one request out, one answer in, or the kind of failure.

No redirect is followed, no cookie kept, nothing taken from the environment (a proxy could make "no
connection" mean something else). Changes get a connection each: one that was kept alive may be closed at the
moment of reuse, and then nobody knows whether the request arrived.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from bot.planetscale.buckets import OPENED_WITHIN
from bot.planetscale.errors import FAILURES, FailureKind, kind_of_exception

Leave = Callable[[], Awaitable[None]]
"""Asked once the connection is open, right before the first byte of a change. What it raises is raised, and
nothing leaves; it raises none of `FAILURES`."""
_FIRST_BYTE = "send_request_headers.started"
"""What httpcore's `trace` calls that moment, after the protocol's name."""

MOST_BYTES = 16 * 1024 * 1024
MOST_BYTES_OF_AN_ERROR = 64 * 1024


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. Those of input and output are the machine's, those of the budget the injected clock's."""

    connect: float = 5.0
    """To make a connection, or to get one of the pool."""
    opened: float = OPENED_WITHIN
    """From the budget's token to the first byte, but for a change's claim. What comes later does not leave: a
    process that was stopped meanwhile would send with a token that others have had again."""
    read: float = 10.0
    """Between two parts of a read's answer."""
    whole_read: float = 30.0
    """One try of a read, all in all."""
    change: float = 120.0
    """Until a change is answered."""
    whole_change: float = 135.0
    """A change, all in all."""
    person_budget: float = 90.0
    """How long a person's read may wait for its turn in the budget: whoever asks with many others is told."""
    background_budget: float = 60.0
    """How long a background read may."""
    change_budget: float = 1.5
    """How long a change may: what was looked at is old soon after."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the API is, and who asks.

    Raises `ValueError` for an address or a token that cannot be used, without repeating it.
    """

    base_url: str
    token_id: str = field(repr=False)
    token: str = field(repr=False)

    def __post_init__(self) -> None:
        url = _parsed(self.base_url)
        if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
            msg = "the API's address must look like https://api.planetscale.com/"
            raise ValueError(msg)
        for part in (self.token_id, self.token):
            if not part or not part.isascii() or not part.isprintable() or " " in part:
                msg = "the service token and its id must be printable ASCII without spaces"
                raise ValueError(msg)

    def headers(self) -> dict[str, str]:
        """What every request carries. There is no scheme word before the credentials."""
        return {
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # so that the bytes counted are the bytes taken in
            "Authorization": f"{self.token_id}:{self.token}",
            "Content-Type": "application/json",
            "User-Agent": "workflow-bot",
        }


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for: a template (for logs, too), the names in it, and a query."""

    template: str
    names: Mapping[str, str]
    query: Mapping[str, str | int] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    """Names in what is sent with it."""

    @property
    def known(self) -> frozenset[str]:
        """The names that may stay in what PlanetScale says about this."""
        return self.asked | frozenset(self.names.values()) | frozenset(map(str, self.query.values()))

    def path(self) -> str | None:
        """Path and query, with each name quoted as one segment; `None` if a name cannot be one."""
        if any(name in {"", ".", ".."} for name in self.names.values()):
            return None
        try:
            quoted = {key: quote(name, safe="") for key, name in self.names.items()}
            query = f"?{urlencode(self.query, quote_via=quote)}" if self.query else ""
        except UnicodeEncodeError:
            return None
        return self.template.format(**quoted) + query


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """What came back. The body is `None` if it is more than the client takes in."""

    status: int
    headers: httpx.Headers
    body: bytes | None


class Wire:
    """Two clients: a pool for reads, and one for changes that keeps no connection."""

    def __init__(
        self, access: Access, timeouts: Timeouts, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self._base = access.base_url.rstrip("/")
        self._timeouts = timeouts
        context = _trust(access.base_url)

        def opened(seconds: float, limits: httpx.Limits) -> httpx.AsyncClient:
            client = httpx.AsyncClient(
                headers=access.headers(),
                timeout=httpx.Timeout(seconds, connect=timeouts.connect, pool=timeouts.connect),
                limits=limits,
                verify=context,
                follow_redirects=False,
                trust_env=False,
                transport=transport,
            )
            client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
            return client

        self._reads = opened(timeouts.read, httpx.Limits(max_connections=50, max_keepalive_connections=10))
        self._changes = opened(timeouts.change, httpx.Limits(max_keepalive_connections=0))
        self._changes.headers["Connection"] = "close"

    def use(self, access: Access) -> None:
        """Ask as `access` says from the next request on."""
        for client in (self._reads, self._changes):
            client.headers.update(access.headers())

    async def close(self) -> None:
        """Close every connection."""
        await self._reads.aclose()
        await self._changes.aclose()

    async def read(self, path: str) -> RawAnswer | FailureKind:
        """GET, once."""
        request = partial(self._reads.build_request, "GET", extensions=self._asking(None))
        return await self._exchange(self._reads, request, path, self._timeouts.whole_read)

    async def change(
        self, method: str, path: str, content: bytes | None, leave: Leave | None = None
    ) -> RawAnswer | FailureKind:
        """Any other method, once, over a connection of its own; after `leave`, if there is one."""
        request = partial(
            self._changes.build_request, method, content=content, extensions=self._asking(leave)
        )
        return await self._exchange(self._changes, request, path, self._timeouts.whole_change)

    def _asking(self, leave: Leave | None) -> dict[str, Any]:
        """What has httpcore look at the time, and ask `leave`, before it writes."""
        loop = asyncio.get_running_loop()
        latest = loop.time() + self._timeouts.opened

        async def trace(event: str, _info: Mapping[str, Any]) -> None:
            if not event.endswith(_FIRST_BYTE):
                return
            if loop.time() > latest:
                raise httpx.ConnectTimeout("the connection was there too late")
            if leave:
                await leave()

        return {"trace": trace}

    async def _exchange(
        self, client: httpx.AsyncClient, request_to: Callable[[str], httpx.Request], path: str, whole: float
    ) -> RawAnswer | FailureKind:
        try:
            request = request_to(f"{self._base}/v1/{path}")
            async with asyncio.timeout(whole):
                response = await client.send(request, stream=True)
                try:
                    return RawAnswer(response.status_code, response.headers, await _body(response))
                finally:
                    await response.aclose()
        except FAILURES as failure:
            return kind_of_exception(failure)


async def _body(response: httpx.Response) -> bytes | None:
    """The bytes; an answer other than 2xx counts by its status, whatever becomes of its body.

    What is packed although that was not asked for counts as nothing: it could unpack to any size.
    """
    if response.headers.get("Content-Encoding", "").strip().lower() not in {"", "identity"}:
        return b""
    if response.is_success:
        return await _at_most(MOST_BYTES, response)
    with suppress(httpx.HTTPError):
        return await _at_most(MOST_BYTES_OF_AN_ERROR, response)
    return None


async def _at_most(most: int, response: httpx.Response) -> bytes | None:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > most:
            return None
    return bytes(body)


def _trust(base_url: str) -> ssl.SSLContext:
    """Whom to trust: the usual authorities; without TLS nobody, for reading their certificates is slow."""
    if _parsed(base_url).scheme == "https":
        return httpx.create_ssl_context(trust_env=False)
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _parsed(base_url: str) -> httpx.URL:
    try:
        return httpx.URL(base_url)
    except httpx.InvalidURL:
        return httpx.URL()
