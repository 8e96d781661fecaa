"""Private answers that are owed: given at least once, one way or the other.

Twice only where Slack's answer was lost: on its way, or with the process that had to write it down, or where
another process gave the answer at the same moment.
"""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection

from bot.operations.events import Event
from bot.operations.model import Operation, Story
from bot.operations.ports import Telling
from bot.operations.services import Services
from bot.operations.storage import repository, stories
from bot.operations.storage.repository import OperationMovedError

TRIES = 3
"""Somebody else may change the operation at the same moment."""


class PendingReplies:
    """Gives requesters the private answers that they have not got yet."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._told: dict[tuple[str, str], bool] = {}
        """What was told and is not written down yet, and whether Slack took it: not told again."""

    async def give(self, operation: Operation) -> None:
        """Answer privately where it was asked; what is not taken there comes as a direct message.

        Afterwards nothing is owed, and where it was asked is forgotten. A crash or a failure of the store
        (raised: `bot.store.errors`) before that leaves it owed. Where Slack's answer was lost, it is told a
        second time, by the direct message.
        """
        story = await self._services.database.read(stories.story, operation.id)
        if story is None or story.operation.owed is None:
            return
        pending = (operation.id, story.operation.owed)
        if pending not in self._told:
            self._told[pending] = await self._tell(story, story.operation.owed)
        for _ in range(TRIES):
            with suppress(OperationMovedError):
                now = self._services.clock.now()
                await self._services.database.write(self._given, operation.id, self._told[pending], now)
                del self._told[pending]
                return

    async def _tell(self, story: Story, what: str) -> bool:
        reply_to = story.operation.reply_to
        return reply_to is not None and await self._services.responder.tell(reply_to, what, story)

    def _given(self, connection: Connection, operation_id: str, taken: bool, now: datetime) -> None:
        """The message board sees to it that a direct message arrives."""
        operation = repository.reply_given(connection, operation_id)
        if operation and not taken:
            telling = Telling(Event.ANSWER, in_thread=False, data={"what": operation.owed})
            self._services.board.tell(connection, operation, telling, now)
