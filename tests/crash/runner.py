"""The real bot in a process of its own, on a port of its own choice, with a fuse in it."""

import asyncio
import signal
import ssl
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

import uvloop

from bot import app
from bot.app import build
from bot.http.server import build_server, until_told_to_stop
from bot.logs import configure_logs
from bot.operations import worker
from bot.operations.steps import sending
from bot.settings import Settings
from bot.slack.delivery.courier import Rates
from bot.watch.polling.scheduler import Scheduler
from tests.crash.calendar import SharedCalendar
from tests.crash.fuse import Kill, arm
from tests.tls import trust_nobody

HOST = "127.0.0.1"
SWEEP_SECONDS = 0.02
"""Time is skipped a second at a time here: the worker looks as often as that happens."""

DRAIN_SECONDS = 0.5
LEAVES_WITHIN = 60.0
"""A commit here can last as long as many of those seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a process is told when it starts."""

    settings: Settings
    calendar: Path
    log: Path
    kill: Kill | None
    signal: signal.Signals
    """What it gets at `kill`."""


def run(order: Order, line: Connection) -> None:
    """Run the bot until it is told to stop or dies. Its port goes out on `line` once it serves."""
    if order.kill:
        arm(order.kill, order.signal)
    worker.SWEEP_SECONDS = SWEEP_SECONDS
    app.DRAIN_SECONDS = DRAIN_SECONDS
    sending.LEAVES_WITHIN = LEAVES_WITHIN
    patch.object(Scheduler, "start").start()  # the watch would join in only where the machine is slow
    patch.object(ssl, "create_default_context", trust_nobody).start()
    with order.log.open("a") as log:
        configure_logs("info", "json", order.settings.secrets, log)
        uvloop.run(_serve(order, line))


async def _serve(order: Order, line: Connection) -> None:
    """As `bot.run` does it."""
    calendar = SharedCalendar(order.calendar, follows=True)
    bot = await build(order.settings, calendar, Rates(seconds_between_posts=0.0))
    server = build_server(bot.web, HOST, 0)
    serving = asyncio.create_task(server.serve_guarded())
    told = asyncio.create_task(until_told_to_stop())
    bot.start()
    await bot.connect()
    while not server.started:
        await asyncio.wait({serving}, timeout=0.002)
    line.send(server.servers[0].sockets[0].getsockname()[1])
    await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    await bot.stop()
