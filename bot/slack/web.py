"""The HTTP edge: what is not signed by Slack, or is not understood, ends here with a 4xx."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import structlog
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.clock import Clock
from bot.runtime.sampled import Sampled

log = structlog.stdlib.get_logger(__name__)

EVENTS_PATH = "/slack/events"
MAX_BODY = 256 * 1024
"""Slack's own payloads stay far below this; a larger body is not read to its end."""

MAX_FIELDS = 200
FRESH_SECONDS = 300
"""Slack's own advice: what was signed longer ago may be a copy."""
LOOK_INTO_EVERY = 10.0
"""Seconds between two requests that are not fresh and whose signature is looked at all the same."""
READ_SECONDS = 5.0
"""Slack sends a body at once, and waits three seconds for the answer."""

Check = Callable[[], Awaitable[Mapping[str, bool]]]


def build_web(
    events: ASGIApp | None, ready: Check, unwell: Callable[[], str | None] = lambda: None
) -> Starlette:
    """`POST /slack/events` (absent in Socket Mode), `GET /healthz`, `GET /readyz`.

    `unwell`: why somebody has to look at this process, if so.
    """

    async def healthz(_request: Request) -> Response:
        trouble = unwell()
        return PlainTextResponse(trouble or "ok", status_code=503 if trouble else 200)

    async def readyz(_request: Request) -> Response:
        checks = await ready()
        return JSONResponse(dict(checks), status_code=200 if all(checks.values()) else 503)

    routes: list[BaseRoute] = [Route("/healthz", healthz), Route("/readyz", readyz)]
    if events is not None:
        routes.append(Route(EVENTS_PATH, events, methods=["POST"]))
    web = Starlette(routes=routes)
    web.router.redirect_slashes = False  # a redirect would go to whatever host the caller names
    return web


class SlackGate:
    """Lets through to Bolt only what Slack signed within the last five minutes and what can be parsed.

    Bolt answers 500 to a timestamp that is no number and to an empty `payload`, and logs the body of what is
    not signed: so the signature is checked here, and Bolt's own check is off.
    """

    def __init__(self, app: AsyncApp, signing_secret: str, clock: Clock) -> None:
        self._bolt = AsyncSlackRequestHandler(app, path=EVENTS_PATH)
        self._clock = clock
        self._verifier = SignatureVerifier(signing_secret)
        self._unsigned, self._slow, self._garbled = Sampled(clock), Sampled(clock), Sampled(clock)
        self._looked_into = Sampled(clock, LOOK_INTO_EVERY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        age = self._age(headers)
        if age is None or (abs(age) > FRESH_SECONDS and not self._looked_into.due()):
            _warn(self._unsigned, "request_not_signed_by_slack")
            await PlainTextResponse("", status_code=401)(scope, receive, send)
            return
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await _read(receive, MAX_BODY)
        except TimeoutError:
            _warn(self._slow, "request_too_slow")
            await PlainTextResponse("", status_code=408, headers={"Connection": "close"})(
                scope, receive, send
            )
            return
        refusal = self._refusal(headers, age, body)
        if refusal or body is None:
            await PlainTextResponse("", status_code=refusal or 413)(scope, receive, send)
            return
        try:
            await self._bolt(dict(scope), _replay(body), _never_5xx(send))
        except Exception as error:  # noqa: BLE001 - the process's edge; the message could quote the body
            log.error("payload_not_understood", error=type(error).__name__)
            await PlainTextResponse("", status_code=400)(scope, receive, send)

    def _refusal(self, headers: Headers, age: float, body: bytes | None) -> int | None:
        if body is None:
            return 413
        if not self._is_signed(headers, body):
            _warn(self._unsigned, "request_not_signed_by_slack")
            return 401
        if abs(age) > FRESH_SECONDS:
            log.error(
                "request_signed_at_another_time",
                seconds=round(age),
                hint=f"This machine's clock is {_off(age)} by Slack's, or somebody sent a copy of an old "
                "request. If it is the clock, no command works until it is set (NTP).",
            )
            return 401
        if not _understood(headers.get("content-type", ""), body):
            _warn(self._garbled, "request_garbled")
            return 400
        return None

    def _age(self, headers: Headers) -> float | None:
        """How many seconds ago it says that Slack signed it; `None` if it says nothing of the kind.

        What is not fresh is turned away before its body is read, but for one in a while, which is looked into
        to see whether it is the clock.
        """
        timestamp = headers.get("x-slack-request-timestamp", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            return None
        if "x-slack-signature" not in headers:
            return None
        return self._clock.now().timestamp() - int(timestamp)

    def _is_signed(self, headers: Headers, body: bytes) -> bool:
        """Whether Slack signed it, whenever that was."""
        timestamp = headers.get("x-slack-request-timestamp", "")
        try:
            right = self._verifier.generate_signature(timestamp=timestamp, body=body) or ""
        except UnicodeDecodeError:
            return False
        return hmac.compare_digest(right.encode(), headers.get("x-slack-signature", "").encode())


def _off(age: float) -> str:
    return f"{abs(age):.0f} s {'fast' if age > 0 else 'slow'}"


def _warn(sampled: Sampled, event: str) -> None:
    if times := sampled.due():
        log.warning(event, times=times)


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The whole body, or `None` when it is longer than `limit` bytes or the sender went away."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _never_5xx(send: Send) -> Send:
    """Bolt raises or answers 500 where it stumbles over a payload's shape: that is a bad request.

    The listeners themselves do not raise, so nothing else hides behind it.
    """

    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] >= 500:
            log.error("payload_not_understood")
            message = {**message, "status": 400}
        await send(message)

    return sender


def _understood(content_type: str, body: bytes) -> bool:
    """Whether the body is one of the shapes that Slack sends: a form, a form with a JSON payload, or JSON."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    if content_type.startswith("application/json"):
        return _is_object(text)
    if text.count("&") > MAX_FIELDS:
        return False
    try:
        form = parse_qs(text, keep_blank_values=True, errors="strict")
    except ValueError:
        return False
    if "payload" in form:
        return _is_object(form["payload"][-1])
    return bool(form.get("command", [""])[-1]) or "ssl_check" in form


def _is_object(text: str) -> bool:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict)
