"""The waiting card as a direct message to each named approver, where the policy wants it.

Whom Slack does not describe is asked about again until half time; nobody waits for that.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.operations.model import Operation
from bot.operations.services import Services
from bot.operations.steps.candidates import Candidates, candidates
from bot.operations.steps.recounting import with_names
from bot.operations.storage import repository

SOONEST: Final = timedelta(seconds=10)
"""Until Slack is asked again about those of whom it said nothing; each time as long as it has waited."""


class DirectCopies:
    """Finds out who gets one. From then on the board keeps them right, like the card itself."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def is_due(self, operation: Operation, now: datetime) -> bool:
        """Whether somebody may be about to get one."""
        at, until = operation.direct_at, operation.expires_at
        return at is not None and at <= now and (until is None or now < until)

    async def hand_out(self, operation: Operation) -> None:
        """Look the named approvers up, and put a copy on the board for each who could approve."""
        found = await candidates(self._services.people, operation)
        now = self._services.clock.now()
        await self._services.database.write(self._handed_out, operation, found, now)

    def _handed_out(
        self, connection: Connection, operation: Operation, found: Candidates, now: datetime
    ) -> None:
        """Raises what `repository.amend` does."""
        to = tuple(dict.fromkeys((*operation.direct_to, *(one.person.id for one in found.able))))
        again = now + max(SOONEST, now - operation.asked_at) if found.doubted else None
        known = with_names(operation, found.able)
        after = repository.amend(connection, known, direct_to=to, direct_at=again)
        self._services.board.card(connection, after, now)
