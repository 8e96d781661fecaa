"""`users.info`, asked once for all who wait for the same person. Slack takes about 100 a minute, of all."""

import asyncio
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.clock import Clock
from bot.slack.delivery.slack_failures import Trouble, failure_of
from bot.slack.errors import SLACK_FAILURES

IN_TURN: Final = 3.0
"""Seconds of a real network for which a question about somebody waits for the one before; and for which a
pause that Slack asked for is waited through."""


class PausedError(Exception):
    """Slack asked to be left in peace for longer than anybody waits."""


class SharedLookups:
    """Nothing is remembered: each answer was asked for after whoever gets it wanted to know.

    While a question about somebody is under way, all who come share the next one. So however many requests
    and presses wait for the same few people, Slack is asked about each of them once at a time.
    """

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._under_way: dict[str, asyncio.Task[AsyncSlackResponse]] = {}
        self._next: dict[str, asyncio.Task[AsyncSlackResponse]] = {}
        """Those that have not left yet, by person."""
        self._closed_until = 0.0

    async def info(self, user_id: str) -> AsyncSlackResponse:
        """What Slack says of somebody now. Raises `SLACK_FAILURES` and `PausedError`."""
        task = self._next.get(user_id)
        if task is None:
            before = self._under_way.get(user_id)
            task = asyncio.create_task(self._ask(user_id, before), name=f"person {user_id}")
            self._next[user_id] = task
            task.add_done_callback(lambda done: self._ended(user_id, done))
        return await asyncio.shield(task)  # one who does not wait any longer spoils it for nobody

    async def _ask(
        self, user_id: str, before: "asyncio.Task[AsyncSlackResponse] | None"
    ) -> AsyncSlackResponse:
        if before:
            await asyncio.wait({before}, timeout=IN_TURN)
        pause = self._closed_until - self._clock.monotonic()
        if pause > IN_TURN:
            raise PausedError
        if pause > 0:
            await self._clock.sleep(pause)
        self._under_way[user_id] = self._next.pop(user_id)
        try:
            return await self._client.users_info(user=user_id)
        except SLACK_FAILURES as error:
            failure = failure_of(error)
            if failure.trouble is Trouble.LIMITED:
                self._closed_until = self._clock.monotonic() + failure.seconds
            raise

    def _ended(self, user_id: str, task: "asyncio.Task[AsyncSlackResponse]") -> None:
        for tasks in (self._under_way, self._next):
            if tasks.get(user_id) is task:
                del tasks[user_id]
        if not task.cancelled():
            task.exception()  # whoever waited has it; it may be nobody any more
