"""The servers under test, each in a process of its own: `python -m tests.bench.servers bot|bolt`.

Prints its port when it listens. Both run on the same uvicorn, uvloop and httptools.
"""

import socket
import sys
import tempfile

import uvloop
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.app import build
from bot.clock import SystemClock
from bot.demo.house import House
from bot.http.server import build_server
from bot.logs import configure_logs
from tests.serve import serve as tests_serve


def empty_bolt(signing_secret: str) -> ASGIApp:
    """A Bolt app with its defaults and one command that does nothing."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0ACME", bot_token="xoxb-small-slack")

    app = AsyncApp(signing_secret=signing_secret, authorize=authorize)

    async def command(ack: AsyncAck) -> None:
        await ack("ok")

    app.command("/workflow")(command)
    handler = AsyncSlackRequestHandler(app)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await handler(dict(scope), receive, send)

    return answer


async def serve(which: str) -> None:
    """Serve until killed: the stand-ins on a port of their own, and the app under test alone on another."""
    configure_logs("error", "json", stream=sys.stderr)
    house = House(SystemClock())
    async with tests_serve(house.app) as url:
        settings = house.move_in(url, DATABASE_URL=f"sqlite:///{tempfile.mkdtemp()}/bench.sqlite3")
        app = (await build(settings, SystemClock())).web if which == "bot" else None
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
            listener.bind(("127.0.0.1", 0))  # a socket that does not say TCP gets no TCP_NODELAY from asyncio
            listener.listen(128)
            port = listener.getsockname()[1]
            server = build_server(app or empty_bolt(house.slack.signing_secret), "127.0.0.1", port)
            print(port, flush=True)
            await server.serve(sockets=[listener])


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
