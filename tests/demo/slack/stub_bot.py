"""A bot that only listens: it checks signatures, keeps what it gets, and answers as told."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

from slack_sdk.signature import Clock as SdkClock
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.clock import Clock


class _Time(SdkClock):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()


class StubBot:
    """`payloads`: what came, oldest first. `answer`: what the next acks say."""

    def __init__(self, clock: Clock, signing_secret: str) -> None:
        self._verifier = SignatureVerifier(signing_secret, clock=_Time(clock))
        self.payloads: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answer: Any = None
        self.status = 200
        self.never = False
        self._came = asyncio.Event()

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/slack/events", self.events, methods=["POST"])])

    async def events(self, request: Request) -> Response:
        body = await request.body()
        headers = {name.lower(): value for name, value in request.headers.items()}
        if not self._verifier.is_valid_request(body, headers):
            return Response(status_code=401)
        self.headers.append(headers)
        self.payloads.append(_payload(body, headers["content-type"]))
        self._came.set()
        if self.never:
            await asyncio.Event().wait()
        if self.answer is None:
            return Response(status_code=self.status)
        if isinstance(self.answer, str):
            return Response(self.answer, self.status, media_type="text/plain")
        return JSONResponse(self.answer, self.status)

    async def until(self, count: int) -> dict[str, Any]:
        """The newest payload, once so many have come. Raises `TimeoutError` if they never do."""
        async with asyncio.timeout(30):
            while len(self.payloads) < count:
                self._came.clear()
                await self._came.wait()
        return self.payloads[-1]


def _payload(body: bytes, content_type: str) -> dict[str, Any]:
    if content_type == "application/json":
        return dict(json.loads(body))
    form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    return dict(json.loads(form["payload"])) if "payload" in form else form
