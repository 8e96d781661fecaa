"""`workflow-bot run`, `web` and `worker`: the bot, or a part of it, until it is told to stop."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Final

import structlog

from bot.app import build
from bot.clock import SystemClock
from bot.http.beside import served_beside
from bot.http.server import EVERYWHERE, Server, build_server, until_told_to_stop
from bot.logs import configure_logs
from bot.metrics.process import ProcessFigures
from bot.process import Bot, Role
from bot.runtime.figures import NO_FIGURES, Figures
from bot.runtime.tasks import Grace
from bot.settings import Settings, load_settings
from bot.slack.connect import SlackRefusedError
from bot.store.engine.address import file_of, parse_address
from bot.store.errors import StoreError
from bot.token_rotation import TokenRotation

log = structlog.stdlib.get_logger(__name__)

ONE_PROCESS: Final = (
    "workflow-bot {role} needs PostgreSQL: a SQLite file has one process, which is workflow-bot run."
)


async def run_bot(settings: Settings, role: Role, complain: Callable[[str], None]) -> int:
    """Start, and `serve_bot` until told to stop. The process's exit code."""
    if role is not Role.RUN and file_of(parse_address(settings.database_url)):
        complain(ONE_PROCESS.format(role=role.value))
        return 2
    clock = SystemClock()
    figures = ProcessFigures(clock) if settings.metrics_port else None
    log_without = partial(_configure_logs, settings, figures or NO_FIGURES)
    log_without(settings.secrets)
    told = asyncio.create_task(until_told_to_stop(), name="signals")
    try:
        bot = await _built(build(settings, clock, figures=figures, role=role), told)
    except (SlackRefusedError, StoreError) as error:
        log.error("cannot_start", reason=str(error))
        return 1
    if bot is None:
        log.info("stopped")
        return 0
    _at_hangup(TokenRotation(settings, bot.planetscale, load_settings, log_without))
    server = build_server(bot.web, EVERYWHERE, settings.port)
    async with served_beside(bot.metrics, settings.metrics_port, clock):
        return await serve_bot(bot, server, Grace(), told)


async def _built(build: Coroutine[Any, Any, Bot], told: asyncio.Task[None]) -> Bot | None:
    """The bot; `None` where it was told to stop before there was one: Slack may be waited for for minutes."""
    building = asyncio.create_task(build, name="building")
    await asyncio.wait({building, told}, return_when=asyncio.FIRST_COMPLETED)
    if building.done():
        return building.result()
    _exit_after(Grace().last, 0)
    building.cancel()
    with contextlib.suppress(asyncio.CancelledError, SlackRefusedError, StoreError):
        bot = await building  # it was ready at this very moment
        await bot.stop()
    return None


def _configure_logs(settings: Settings, figures: Figures, secrets: Sequence[str]) -> None:
    configure_logs(settings.log_level, settings.log_format, secrets, figures=figures)


def _at_hangup(rotation: TokenRotation) -> None:
    """SIGHUP, where the machine has it, is what operators and service managers say for "read that again"."""
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, rotation)


async def serve_bot(bot: Bot, server: Server, grace: Grace, told: asyncio.Task[None] | None = None) -> int:
    """Serve until told to stop, then stop in order: nothing new is begun, running answers end, connections
    close.

    From then on the process has `grace.last` seconds: what hangs longer goes with it. A second signal ends it
    at once. `told`: ends when the process is told to stop, where that is listened for already.
    """
    try:
        return await _serve(bot, server, grace, told or asyncio.create_task(until_told_to_stop()))
    finally:
        await bot.stop(grace)
        log.info("stopped")


async def _serve(bot: Bot, server: Server, grace: Grace, told: asyncio.Task[None]) -> int:
    serving = asyncio.create_task(server.serve_guarded())
    bot.start()
    connecting = asyncio.create_task(_connect(bot, server))
    await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
    code = 1 if serving.done() else 0
    _exit_after(grace.last, code)
    log.info("stopping")
    connecting.cancel()
    bot.take_nothing_new()
    server.should_exit = True
    told.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await told
    await serving
    return code


def _exit_after(seconds: float, code: int) -> None:
    """The last bound, for all that comes after: also for threads that hang, and for a loop that does."""
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()


async def _connect(bot: Bot, server: Server) -> None:
    """Say so once the ways in are open. A Slack that does not answer delays only this."""
    while not (server.started and await bot.connected()):  # noqa: ASYNC110 - neither tells it by itself
        await asyncio.sleep(0.05)
    log.info("ready", port=server.config.port)
