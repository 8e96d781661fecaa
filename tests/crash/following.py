"""When the bot has done all that there is to do at a moment. Only then may the next moment come.

So what a test takes in its own time is the same on any machine: a slow one only lets it come later.
"""

import asyncio
from typing import Any, Final
from unittest.mock import patch

import httpx
from slack_sdk.web.async_client import AsyncWebClient

from bot.planetscale.wire import Wire
from bot.process import Bot
from bot.store.engine.database import Database
from tests.crash.calendar import SharedCalendar

_OUTSIDE: Final = (
    (Database, "_run"),
    (Wire, "_exchange"),
    (AsyncWebClient, "api_call"),
    (httpx.AsyncClient, "send"),
)
"""All that the bot waits for, but for time: threads, and answers of the stand-ins."""
_LOOK_AGAIN: Final = 0.002
_TURNS: Final = 50
"""Of its loop: if nothing is awaited in all of them, nothing will be. A wake-up takes a dozen."""


class Following:
    """Counts what is awaited in this process, from when it is made."""

    def __init__(self) -> None:
        self._awaited = 0
        for owner, name in _OUTSIDE:
            self._count(owner, name)

    def _count(self, owner: type, name: str) -> None:
        original = getattr(owner, name)

        async def counted(*args: Any, **options: Any) -> Any:
            self._awaited += 1
            try:
                return await original(*args, **options)
            finally:
                self._awaited -= 1

        patch.object(owner, name, counted).start()

    async def run(self, bot: Bot, calendar: SharedCalendar) -> None:
        """Note in the calendar what the bot has followed."""
        while True:
            while calendar.followed:  # noqa: ASYNC110 - another process moves it
                await asyncio.sleep(_LOOK_AGAIN)
            skipped = calendar.skipped
            calendar.look()
            bot.working.worker.wake()
            await self._rest()
            calendar.follow(skipped)

    async def _rest(self) -> None:
        quiet = 0
        while quiet < _TURNS:
            await asyncio.sleep(_LOOK_AGAIN if self._awaited else 0)
            quiet = 0 if self._awaited else quiet + 1
