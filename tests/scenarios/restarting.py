"""A bot that is stopped and started again, between stand-ins that live on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.app import build
from bot.clock import Clock
from tests.scenarios.conftest import Stage


@asynccontextmanager
async def restarted(stage: Stage, *, after: float = 0.0, clock: Clock | None = None) -> AsyncIterator[Stage]:
    """Stop the bot, and start one anew on the same database `after` so many seconds: the same stage, later.

    The new one is stopped at the end. `clock`: the one that it goes by, where it is not the stand-ins'.
    """
    first = stage.bot
    await first.stop()
    stage.clock.advance(after)
    stage.bot = await build(stage.settings, clock or stage.clock)
    stage.house.admit(stage.bot.web)
    await stage.bot.connect()
    stage.clock.advance(10)  # the request budget is empty at start
    try:
        yield stage
    finally:
        await stage.bot.stop()
        stage.bot = first
