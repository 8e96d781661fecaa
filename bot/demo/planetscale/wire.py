"""What a trouble makes of an answer: another one, a late one, a lost one, none."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, runtime_checkable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot.demo.planetscale.simulator import Received, Simulator
from bot.demo.planetscale.troubles import Trouble

Answering = Awaitable[Response]
Answer = Callable[[datetime], Response]
"""Does what was asked, at that moment of simulated time, and answers."""

HTML = (
    "<!DOCTYPE html><html><head><title>Sorry</title></head><body><h1>Service Unavailable</h1></body></html>"
)


@runtime_checkable
class Cuttable(Protocol):
    """A transport: uvloop's do not inherit asyncio's."""

    def abort(self) -> None:
        """Close at once."""
        ...


class NoAnswer(Response):
    """No answer at all: the connection is closed, or gone already."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - every ASGI application takes all three
        """Cut the connection and wait until the server has noticed, so that it does not answer by itself."""
        cut(receive)
        while (await receive())["type"] != "http.disconnect":
            pass


class HalfAnswer(Response):
    """The beginning of an answer; then the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - every ASGI application takes all three
        """Promise 1000 bytes, send a few, cut."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"data": [', "more_body": True})
        cut(receive)
        while (await receive())["type"] != "http.disconnect":
            pass


def cut(receive: Receive) -> None:
    """Close the connection that a request came in on, without a word.

    ASGI has no way to say this. uvicorn's `receive` belongs to the object that holds the connection; other
    servers raise `TypeError`.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if not isinstance(transport, Cuttable):
        msg = "connections can be cut under uvicorn only"
        raise TypeError(msg)
    transport.abort()


def problem(status: int, code: str, message: str) -> Response:
    """An error in the API's usual shape."""
    return JSONResponse({"code": code, "message": message}, status)


def too_many(wait: float | None) -> Response:
    """429, with the seconds to wait if they are told."""
    response = problem(429, "rate_limited", "Too many requests")
    if wait is not None:
        response.headers["Retry-After"] = str(max(1, math.ceil(wait)))
    return response


def _redirect(trouble: Trouble, request: Request) -> Response:
    target = trouble.text or str(request.url.include_query_params(followed=1))
    return Response(status_code=trouble.status or 302, headers={"Location": target})


INSTEAD: dict[str, Callable[[Trouble, Request], Response]] = {
    "rate-limited": lambda trouble, _: too_many(trouble.seconds),
    "rate-limited-silent": lambda _, __: too_many(None),
    "unauthorized": lambda _, __: problem(401, "unauthorized", "The service token is not valid"),
    "forbidden": lambda _, __: problem(403, "forbidden", "The service token may not do this"),
    "not-found": lambda _, __: problem(404, "not_found", "Not Found"),
    "refuse": lambda trouble, _: problem(422, "unprocessable", trouble.text or "replication lag is too high"),
    "server-error": lambda trouble, _: problem(
        trouble.status or 500, "internal_error", trouble.text or "Internal error"
    ),
    "down": lambda _, __: NoAnswer(),
    "unavailable": lambda _, __: Response(HTML, 503, media_type="text/html"),
    "bad-gateway": lambda _, __: Response(HTML, 502, media_type="text/html"),
    "not-json": lambda _, __: Response(HTML, media_type="text/html"),
    "empty": lambda trouble, _: Response(status_code=trouble.status or 200, media_type="application/json"),
    "malformed": lambda _, __: Response('{"id": "abc", "number": ', media_type="application/json"),
    "half-body": lambda _, __: HalfAnswer(),
    "surprising": lambda _, __: JSONResponse(["not", {"what": "was"}, "expected"]),
    "redirect": _redirect,
}
"""The troubles that answer by themselves; nothing is done."""

KINDS = frozenset({*INSTEAD, "slow", "hang", "cut-off", "lost-answer", "silent", "late"})


async def carry(simulator: Simulator, request: Request, received: Received, answer: Answer) -> Response:
    """The answer to a request, or what the trouble that it runs into makes of it."""
    trouble = simulator.troubles.strike(KINDS, received.operation, received.database, received.number)
    if trouble is None:
        return answer(simulator.now())
    if trouble.kind in INSTEAD:
        return INSTEAD[trouble.kind](trouble, request)
    match trouble.kind:
        case "slow":
            await simulator.clock.sleep(trouble.seconds)
            return answer(simulator.now())
        case "hang":
            if not await _held(trouble, request):
                return NoAnswer()
            return (
                problem(trouble.status, "held", trouble.text or "")
                if trouble.status
                else answer(simulator.now())
            )
        case "silent":
            response = answer(simulator.now())
            return response if await _held(trouble, request) else NoAnswer()
        case "lost-answer":
            answer(simulator.now())
        case "late":
            simulator.later(trouble.seconds, lambda at: _ignore(answer(at)))
    return NoAnswer()


def _ignore(_: Response) -> None:
    """Nobody is there to read it."""


async def _held(trouble: Trouble, request: Request) -> bool:
    """Wait until the trouble is lifted, or the caller is gone: then false."""

    async def gone() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    lifted = asyncio.ensure_future(trouble.lifted.wait())
    left = asyncio.ensure_future(gone())
    try:
        await asyncio.wait({lifted, left}, return_when=asyncio.FIRST_COMPLETED)
        return lifted.done()
    finally:
        lifted.cancel()
        left.cancel()
