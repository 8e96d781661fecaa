"""The real bot in a process of its own, on a port of its own choice, with a fuse in it."""

import asyncio
import os
import signal
import ssl
import threading
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

import uvloop

from bot.app import build
from bot.http.server import build_server
from bot.logs import configure_logs
from bot.operations.steps import sending
from bot.run import serve_bot
from bot.runtime.tasks import Grace
from bot.settings import Settings
from bot.slack.delivery.courier import Rates
from bot.store.engine import engines
from bot.watch.polling.scheduler import Scheduler
from tests.crash.calendar import SharedCalendar
from tests.crash.following import Following
from tests.crash.fuse import Fate, Kill, arm
from tests.store.statements import SharedEngines
from tests.tls import trust_nobody

SHARED = SharedEngines()
"""Of the process that these are forked from, with what it has made of statements already: see `warm`."""
HOST = "127.0.0.1"
LEAVES_WITHIN = 60.0
"""A commit on a busy machine can last longer than in life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a process is told when it starts."""

    settings: Settings
    calendar: Path
    log: Path
    kill: Kill | None
    fate: Fate
    """What becomes of it at `kill`."""
    grace: Grace


def run(order: Order, line: Connection) -> None:
    """Run the bot until it is told to stop or dies. Its port goes out on `line` once it serves."""
    threading.Thread(target=_end_with_the_test, daemon=True).start()
    if order.kill:
        arm(order.kill, order.fate)
    sending.LEAVES_WITHIN = LEAVES_WITHIN
    patch.object(Scheduler, "start").start()  # the watch would join in only where the machine is slow
    patch.object(ssl, "create_default_context", trust_nobody).start()
    patch.object(engines, "create_engine", SHARED.create).start()
    with order.log.open("a") as log:
        configure_logs("info", "json", order.settings.secrets, log)
        uvloop.run(_serve(order, line))


def _end_with_the_test() -> None:
    """Whoever kills the test with -9 leaves nothing behind that runs."""
    parent = parent_process()
    if parent:
        parent.join()
        os.kill(os.getpid(), signal.SIGKILL)


async def _serve(order: Order, line: Connection) -> None:
    calendar = SharedCalendar(order.calendar)
    following = Following()
    bot = await build(order.settings, calendar, Rates(seconds_between_posts=0.0))
    server = build_server(bot.web, HOST, 0)
    serving = asyncio.create_task(serve_bot(bot, server, order.grace))
    while not server.started:
        await asyncio.wait({serving}, timeout=0.002)
    follow = asyncio.create_task(following.run(bot, calendar))
    line.send(server.servers[0].sockets[0].getsockname()[1])
    await serving
    follow.cancel()
