"""Private answers that are owed: given once, one way or the other."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection

from bot.operations import ledger
from bot.operations.events import Event
from bot.operations.ledger import MovedError
from bot.operations.model import Operation
from bot.operations.parts import Parts
from bot.operations.ports import Telling

TRIES = 3
"""Somebody else may change the operation at the same moment."""


class Debts:
    """Gives requesters the private answers that they have not got yet."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def pay(self, operation: Operation) -> None:
        """Answer privately where it was asked; what is not taken there comes as a direct message.

        Afterwards nothing is owed, and where it was asked is forgotten. A crash before that leaves the debt.
        """
        if operation.owed is None:
            return
        story = await self._parts.database.read(ledger.story, operation.id)
        taken = False
        if story and operation.reply_to:
            taken = await self._parts.teller.tell(operation.reply_to, operation.owed, story)
        for _ in range(TRIES):
            with suppress(MovedError):
                await self._parts.database.write(self._paid, operation.id, taken, self._parts.clock.now())
                return

    def _paid(self, connection: Connection, operation_id: str, taken: bool, now: datetime) -> None:
        """The message board sees to it that a direct message arrives, once."""
        operation = ledger.paid(connection, operation_id)
        if operation and not taken:
            telling = Telling(Event.ANSWER, in_thread=False, data={"what": operation.owed})
            self._parts.board.tell(connection, operation, telling, now)
