"""Finds workflows that nobody told the bot of, in the databases of `WORKFLOW_BOT_DATABASES`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, exists, select

from bot.operations.model import State
from bot.operations.storage.naming import has_no_name, in_order
from bot.store.engine.lane import WorkPriority
from bot.store.schema import operations, watches
from bot.subjects.model import WAITING, Ref, Snapshot
from bot.watch.model import Origin, Over
from bot.watch.storage import watch_repository
from bot.watch.storage.watch_rows import named
from bot.watch.watch_services import WatchServices

log = structlog.stdlib.get_logger(__name__)

EVERY = 60.0
_BEING_CREATED = (State.SENDING.value, State.UNDER_WAY.value, State.UNKNOWN.value)


class Discovery:
    """When each database is to be listed, and what follows from a list, whoever asked for it.

    The times are this process's own: after a start everything is listed once.
    """

    def __init__(self, services: WatchServices) -> None:
        self._services = services
        self._next_at = dict.fromkeys(services.databases, services.clock.monotonic())
        self._misses = dict.fromkeys(services.databases, 0)
        self._without_place: set[str] = set()

    def due(self) -> list[str]:
        """The databases to list now, the latest first."""
        now = self._services.clock.monotonic()
        found = [(at, database) for database, at in self._next_at.items() if at <= now]
        return [database for _, database in sorted(found)]

    def failed(self, database: str) -> None:
        """It could not be listed: less and less often, and not all at one moment."""
        if database in self._next_at:
            self._misses[database] += 1
            pause = self._services.pace.after_miss(WAITING, self._misses[database], self._services.random())
            self._put_off(database, max(pause, self._services.pace.of(EVERY / 2)))

    def _put_off(self, database: str, pause: timedelta) -> None:
        self._next_at[database] = self._services.clock.monotonic() + pause.total_seconds()

    async def listed(self, database: str, found: Mapping[Ref, Snapshot]) -> None:
        """All subjects of a database: what is active and not watched is watched from now on."""
        if database not in self._next_at:
            return
        now = self._services.clock.now()
        self._put_off(database, self._services.pace.of(EVERY))
        self._misses[database] = 0
        place = self._services.channel_for(database)
        active = tuple(ref for ref, one in found.items() if not self._services.kind.has_ended(one))
        if place:
            await self._services.database.write(
                self._begin, database, active, place, now, priority=WorkPriority.TICK
            )
        elif active and database not in self._without_place:
            self._without_place.add(database)
            log.warning("no_channel_for_database", database=database, workflows=len(active))

    def _begin(
        self, connection: Connection, database: str, active: Sequence[Ref], place: str, now: datetime
    ) -> None:
        known = self._left_alone(connection, database)
        new = [ref for ref in active if ref not in known]
        if not new or self._is_creating(connection, database):
            return
        for ref in new:
            watch_repository.begin(connection, ref, places=(place,), origin=Origin.FOUND, now=now)
            log.info("workflow_found", database=database, ref=str(ref))

    def _left_alone(self, connection: Connection, database: str) -> set[Ref]:
        """What is watched already, and what somebody does not want to be watched."""
        query = select(watches.c.over, *in_order(watches)).where(
            watches.c.organization == self._services.organization, watches.c.database == database
        )
        rows = connection.execute(query).mappings()
        return {named(connection, row) for row in rows if row["over"] in {None, Over.STOPPED.value}}

    def _is_creating(self, connection: Connection, database: str) -> bool:
        """Whether the bot creates one at this moment: it is not to be told as found. The next list tells."""
        query = exists().where(
            operations.c.organization == self._services.organization,
            operations.c.database == database,
            has_no_name(operations),
            operations.c.state.in_(_BEING_CREATED),
        )
        return bool(connection.scalar(select(query)))
