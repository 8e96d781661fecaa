"""`workflow-bot demo`: the bot, a small Slack and a small PlanetScale, in one process on one port."""

import asyncio
import contextlib
import errno
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bot.app import build
from bot.demo.clock import DemoClock
from bot.demo.house import House
from bot.demo.planetscale.seed import demo_world
from bot.demo.slack.people import DB_MOVES
from bot.http.server import build_open_server, until_told_to_stop
from bot.logs import configure_logs
from bot.settings import Settings
from bot.store.engine.guard import FileGuard
from bot.store.errors import StoreError

_FOLDER: Final = "workflow-bot-demo-"
_FILE: Final = "demo.sqlite3"
BANNER = """\
Workflow Bot, the demo: a small Slack and a small PlanetScale on your machine. No account, nothing leaves it.

  Open {url}/ in a browser (twice, if you like: you can be several people).
  Try   /workflow help      /workflow list shop      /workflow show shop 3

Ctrl-C ends it; nothing is kept."""


async def run_demo(port: int, say: Callable[[str], None]) -> int:
    """Serve the demo on `port` until told to stop."""
    configure_logs("warning", "console", stream=sys.stderr)
    try:
        listener = _listen(port)
    except OSError as error:
        say(_why(port, error))
        return 1
    remove_leftovers(Path(tempfile.gettempdir()))
    with listener:
        return await _serve(port, listener, say)


def _listen(port: int) -> socket.socket:
    """The port, taken before anything is built. Raises `OSError`."""
    # With its protocol named: asyncio switches Nagle's delay off only where it is.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _why(port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken. Choose another: PORT={port + 1 if port < 65535 else 3000} make demo"
    return f"Port {port} cannot be used ({error.strerror}). Choose another: PORT=3000 make demo"


WATCHED = ("shop", "analytics", "billing")
"""A verified one, copies, and an error. In the others nothing is watched before somebody asks for it."""


def demo_settings(house: House, url: str, folder: str) -> Settings:
    """Settings for a bot that finds what runs in some databases by itself, and tells it in #db-moves."""
    return house.move_in(
        url,
        DATABASE_URL=f"sqlite:///{folder}/{_FILE}",
        WORKFLOW_BOT_CHANNEL=DB_MOVES,
        WORKFLOW_BOT_DATABASES=",".join(WATCHED),
    )


def remove_leftovers(folder: Path) -> None:
    """Remove what demos left there that were killed: nobody holds their database any more."""
    if sys.platform == "win32":
        return  # whether somebody does cannot be told
    for left in folder.glob(f"{_FOLDER}*"):
        with contextlib.suppress(OSError, StoreError):  # somebody else's, or one that runs
            if not left.is_symlink() and (left / _FILE).is_file():
                FileGuard(left / _FILE).release()
                shutil.rmtree(left, ignore_errors=True)


async def _serve(port: int, listener: socket.socket, say: Callable[[str], None]) -> int:
    clock = DemoClock()
    house = House(clock, demo_world(clock.now()))
    house.slack.limits.enabled = True
    house.slack.has_home = True
    house.slack.echoes = True
    server = build_open_server(house.app, "127.0.0.1", port)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.wait({serving}, timeout=0.02)
        if serving.done():
            await serving
            say("The demo's server did not start.")
            return 1
    with tempfile.TemporaryDirectory(prefix=_FOLDER) as folder:
        bot = await build(demo_settings(house, f"http://127.0.0.1:{port}", folder), clock)
        house.admit(bot.web)
        bot.start()
        say(BANNER.format(url=f"http://localhost:{port}"))
        told = asyncio.create_task(until_told_to_stop())
        await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await told
        await house.close()
        await bot.stop()
        server.should_exit = True
        await serving
    return 0
