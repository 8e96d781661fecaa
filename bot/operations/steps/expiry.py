"""Time passes for what waits: a reminder at half time, and the end when it is over."""

from datetime import datetime

from sqlalchemy import Connection

from bot.operations.announce import announce
from bot.operations.events import Event
from bot.operations.model import Operation, State
from bot.operations.ports import Telling
from bot.operations.services import Services
from bot.operations.storage import press_rows, repository, stories
from bot.operations.storage.press_rows import Press


class Expirer:
    """Ends what nobody decided in time. Presses that were received in time are decided before."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def expire(self, operation: Operation) -> None:
        """Remind, or end, if it is time to."""
        if operation.expires_at is None:
            return
        now = self._services.clock.now()
        if now >= operation.expires_at:
            await self._services.database.write(self._expired, operation, now)
        elif _half_over(operation, now):
            await self._services.database.write(self._reminded, operation, now)

    def is_due(self, operation: Operation, now: datetime) -> bool:
        """Whether `look` would do anything."""
        over = operation.expires_at is not None and now >= operation.expires_at
        return over or _half_over(operation, now)

    def _expired(self, connection: Connection, operation: Operation, now: datetime) -> None:
        in_time = [
            one for one in press_rows.undecided(connection, operation.id) if _is_in_time(operation, one)
        ]
        if in_time:
            return
        after = repository.move(connection, operation, State.EXPIRED, now)
        announce(self._services.board, connection, operation, after, now)

    def _reminded(self, connection: Connection, operation: Operation, now: datetime) -> None:
        after = repository.amend(connection, operation, reminded_at=now)
        self._services.board.tell(connection, after, Telling(Event.REMINDER, in_thread=True), now)
        approved = {after.identity(one.user) for one in stories.approvals(connection, after.id)}
        for user in after.direct_to:
            if after.identity(user) not in approved:
                telling = Telling(Event.REMINDER, in_thread=False, to=user)
                self._services.board.tell(connection, after, telling, now)


def _is_in_time(operation: Operation, press: Press) -> bool:
    return operation.expires_at is None or press.received_at < operation.expires_at


def _half_over(operation: Operation, now: datetime) -> bool:
    return operation.half_time is not None and now >= operation.half_time
