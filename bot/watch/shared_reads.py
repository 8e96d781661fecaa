"""Whoever reads a subject in full, all that show it follow: no two messages contradict each other for long.

A read of an operation reaches the watch and its live message; one of the watch reaches the operations whose
end is not known; one of somebody who asked reaches both.
"""

from collections.abc import Iterable
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.operations.steps.readback import Readback
from bot.store.engine.database import Database
from bot.store.errors import MovedError, StoreError
from bot.subjects.model import Ref, Snapshot
from bot.watch.polling.recorder import Recorder
from bot.watch.watch_services import WatchServices

log = structlog.stdlib.get_logger(__name__)


class WatchFollower:
    """`bot.operations.services.OnRead`, for the watches of all organizations."""

    def __init__(self, services: Iterable[WatchServices]) -> None:
        self._recorders = {one.organization: (Recorder(one), one.clock) for one in services}

    def __call__(self, connection: Connection, ref: Ref, snapshot: Snapshot, _began: datetime) -> None:
        """The watch on it, if there is one, has seen it too."""
        if ref.organization in self._recorders:
            recorder, clock = self._recorders[ref.organization]
            recorder.read_elsewhere(connection, ref, snapshot, clock.now())


class SharedReads:
    """For whoever reads a subject without writing anything down: an answer, a card."""

    def __init__(self, database: Database, watches: WatchFollower, reader: Readback) -> None:
        self._database = database
        self._watches = watches
        self._reader = reader

    async def seen(self, ref: Ref, snapshot: Snapshot, began: datetime, /) -> None:
        """It was read in full, asked for at `began`. That nobody could be told is logged, and no failure."""
        try:
            await self._database.write(self._seen, ref, snapshot, began)
        except (StoreError, MovedError) as error:
            log.warning("read_not_shared", error=str(error))

    def _seen(self, connection: Connection, ref: Ref, snapshot: Snapshot, began: datetime) -> None:
        self._reader.seen(connection, ref, snapshot, began)
        self._watches(connection, ref, snapshot, began)
