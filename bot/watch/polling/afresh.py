"""A name that belongs to another subject by now: the database was made anew."""

from typing import Any

import structlog
from sqlalchemy import Connection, delete

from bot.store.schema import samples
from bot.subjects.model import Snapshot
from bot.watch.model import Watch
from bot.watch.storage import watch_repository
from bot.watch.watched_kind import WatchedKind

log = structlog.stdlib.get_logger(__name__)


def afresh(connection: Connection, kind: WatchedKind, watch: Watch, snapshot: Snapshot) -> Watch:
    """The watch; if this is another subject, with nothing known and a live message of its own."""
    if watch.observed is None or not kind.is_another(watch.observed.snapshot, snapshot):
        return watch
    connection.execute(delete(samples).where(samples.c.watch_id == watch.id))
    log.warning("another_workflow", workflow=str(watch.ref))
    unknown: dict[str, Any] = {"observed": None, "essence": None, "drawn_at": None, "caused": ()}
    return watch_repository.swap(connection, watch, live_number=watch.live_number + 1, **unknown)
