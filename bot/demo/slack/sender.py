"""Delivers to the bot, signed over HTTP or over a socket, and measures how soon it acknowledges."""

import asyncio
import hashlib
import hmac
import itertools
import json
import ssl
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.clock import Clock
from bot.demo.slack.model import Delivery, Json
from bot.demo.slack.sockets import Sockets

FORM = "application/x-www-form-urlencoded"


def body_of(kind: str, payload: Json) -> tuple[bytes, str]:
    """The raw body and its content type, as Slack sends them."""
    if kind == "slash_commands":
        return urlencode(payload).encode(), FORM
    if kind == "interactive":
        return urlencode({"payload": json.dumps(payload)}).encode(), FORM
    return json.dumps(payload).encode(), "application/json"


class Sender:
    """Knows where the bot listens. With a socket open, nothing goes over HTTP."""

    def __init__(self, clock: Clock, signing_secret: str, sockets: Sockets) -> None:
        self.url: str | None = None
        self.ack_seconds = 3.0
        """Real seconds; a test of a late ack makes them fewer."""
        self._clock = clock
        self._secret = signing_secret
        self._sockets = sockets
        self._client: httpx.AsyncClient | None = None
        self._numbers = itertools.count(1)

    def sign(self, body: bytes, timestamp: str | None = None) -> dict[str, str]:
        """The two headers that prove who sent `body`."""
        moment = timestamp or str(int(self._clock.now().timestamp()))
        digest = hmac.new(self._secret.encode(), b"v0:" + moment.encode() + b":" + body, hashlib.sha256)
        return {
            "X-Slack-Request-Timestamp": moment,
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
        }

    async def send(
        self, kind: str, payload: Json, *, retry: int = 0, envelope: str | None = None
    ) -> Delivery:
        """Deliver once. What goes wrong is in the answer, never raised."""
        loop = asyncio.get_running_loop()
        over = "socket" if self._sockets.connected else "http"
        envelope = envelope or f"E{next(self._numbers):08d}"
        began, status, body, problem = loop.time(), None, None, None
        try:
            async with asyncio.timeout(self.ack_seconds):
                if over == "socket":
                    body = await self._sockets.deliver(kind, payload, envelope, retry)
                    status = 200
                else:
                    status, body = await self._post(kind, payload, retry)
        except TimeoutError:
            problem = "operation_timeout"
        except (httpx.HTTPError, RuntimeError):  # RuntimeError: the socket was closed meanwhile
            problem = "dispatch_failed"
        if status is not None and not 200 <= status < 300:
            problem = "dispatch_failed"
        return Delivery(
            kind=kind,
            payload=payload,
            over=over,
            status=status,
            body=body,
            milliseconds=(loop.time() - began) * 1000,
            problem=problem,
            envelope=envelope,
        )

    async def _post(self, kind: str, payload: Json, retry: int) -> tuple[int, Any]:
        if self.url is None:
            msg = "the bot's address is not known"
            raise httpx.ConnectError(msg)
        if self._client is None:
            trust_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the bot is on this machine, over http
            self._client = httpx.AsyncClient(timeout=None, trust_env=False, verify=trust_nobody)  # noqa: S113 - bounded by `send`
        body, content_type = body_of(kind, payload)
        headers = self.sign(body) | {"Content-Type": content_type, "User-Agent": "Slackbot 1.0"}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        response = await self._client.post(self.url, content=body, headers=headers)
        return response.status_code, _read(response)

    async def aclose(self) -> None:
        if self._client:
            await self._client.aclose()
            self._client = None


def _read(response: httpx.Response) -> Any:
    if "json" in response.headers.get("content-type", "") and response.content:
        try:
            return response.json()
        except (ValueError, RecursionError):
            return response.text
    return response.text or None
