"""`workflow-bot run`: all of the bot in one process, until it is told to stop."""

import asyncio
import contextlib

import structlog

from bot.app import Bot, build
from bot.clock import SystemClock
from bot.http.server import EVERYWHERE, Server, build_server, until_told_to_stop
from bot.logs import configure_logs
from bot.settings import Settings
from bot.slack.connect import SlackRefusedError
from bot.store.errors import StoreError

log = structlog.stdlib.get_logger(__name__)


async def run_bot(settings: Settings) -> int:
    """Start, serve, and stop in order: no new requests, running answers end, connections close."""
    configure_logs(settings.log_level, settings.log_format, settings.secrets)
    try:
        bot = await build(settings, SystemClock())
    except (SlackRefusedError, StoreError) as error:
        log.error("cannot_start", reason=str(error))
        return 1
    server = build_server(bot.web, EVERYWHERE, settings.port)
    try:
        return await _serve(bot, server)
    finally:
        await bot.stop()
        log.info("stopped")


async def _serve(bot: Bot, server: Server) -> int:
    serving = asyncio.create_task(server.serve_guarded())
    told = asyncio.create_task(until_told_to_stop())
    bot.start()
    connecting = asyncio.create_task(_connect(bot, server))
    await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
    connecting.cancel()
    ended_by_itself = serving.done()
    server.should_exit = True
    told.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await told
    await serving
    return 1 if ended_by_itself else 0


async def _connect(bot: Bot, server: Server) -> None:
    """Open the ways in, and say so once they are open. A Slack that does not answer delays only this."""
    await bot.connect()
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.01)
    log.info("ready", port=server.config.port)
