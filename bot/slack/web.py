"""The HTTP edge: what is not signed by Slack, or is not understood, ends here with a 4xx."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

import structlog
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.clock import Clock

log = structlog.stdlib.get_logger(__name__)

EVENTS_PATH = "/slack/events"
MAX_BODY = 256 * 1024
"""Slack's own payloads stay far below this; a larger body is not read to its end."""

MAX_FIELDS = 200
READ_SECONDS = 5.0
"""Slack sends a body at once, and waits three seconds for the answer."""

Check = Callable[[], Awaitable[Mapping[str, bool]]]


def build_web(events: ASGIApp | None, ready: Check) -> Starlette:
    """`POST /slack/events` (absent in Socket Mode), `GET /healthz`, `GET /readyz`."""

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

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
        self._verifier = SignatureVerifier(signing_secret, clock=_VerifierClock(clock))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if not self._is_fresh(headers):
            log.warning("request_not_signed_by_slack")
            await PlainTextResponse("", status_code=401)(scope, receive, send)
            return
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await _read(receive, MAX_BODY)
        except TimeoutError:
            log.warning("request_too_slow")
            await PlainTextResponse("", status_code=408, headers={"Connection": "close"})(
                scope, receive, send
            )
            return
        refusal = self._refusal(headers, body)
        if refusal or body is None:
            await PlainTextResponse("", status_code=refusal or 413)(scope, receive, send)
            return
        try:
            await self._bolt(dict(scope), _replay(body), _never_5xx(send))
        except Exception as error:  # noqa: BLE001 - the process's edge; the message could quote the body
            log.error("payload_not_understood", error=type(error).__name__)
            await PlainTextResponse("", status_code=400)(scope, receive, send)

    def _refusal(self, headers: Headers, body: bytes | None) -> int | None:
        if body is None:
            return 413
        timestamp, signature = headers.get("x-slack-request-timestamp"), headers.get("x-slack-signature")
        if not self._is_signed(body, timestamp, signature):
            log.warning("request_not_signed_by_slack")
            return 401
        if not _understood(headers.get("content-type", ""), body):
            log.warning("request_garbled")
            return 400
        return None

    def _is_fresh(self, headers: Headers) -> bool:
        """Whether it says that Slack signed it just now: all else is turned away before its body is read."""
        timestamp = headers.get("x-slack-request-timestamp", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            return False
        age = abs(self._clock.now().timestamp() - int(timestamp))
        return "x-slack-signature" in headers and age <= 300

    def _is_signed(self, body: bytes, timestamp: str | None, signature: str | None) -> bool:
        if not timestamp or not signature or not signature.isascii():
            return False
        try:
            return self._verifier.is_valid(body, timestamp, signature)
        except UnicodeDecodeError:
            return False


class _VerifierClock(SignatureClock):
    """The bot's clock, as slack_sdk wants it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


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
