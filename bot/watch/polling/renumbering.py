"""A number that belongs to another workflow by now: the database was made anew."""

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, delete

from bot.planetscale.models import Workflow
from bot.store.schema import samples
from bot.watch.model import Watch
from bot.watch.storage import watch_repository

MORE_PRECISE = timedelta(seconds=1)
"""One time written in two ways differs by less."""

log = structlog.stdlib.get_logger(__name__)


def is_another(watch: Watch, workflow: Workflow) -> bool:
    """Whether `workflow` is certainly not the one that is known."""
    if watch.sight is None:
        return False
    known = watch.sight.workflow
    if known.id and workflow.id and known.id != workflow.id:
        return True
    if known.created_at is None or workflow.created_at is None:
        return False
    return abs(known.created_at - workflow.created_at) >= MORE_PRECISE


def afresh(connection: Connection, watch: Watch, workflow: Workflow) -> Watch:
    """The watch; if this is another workflow, with nothing known and a live message of its own."""
    if not is_another(watch, workflow):
        return watch
    connection.execute(delete(samples).where(samples.c.watch_id == watch.id))
    log.warning("another_workflow", workflow=str(watch.ref))
    unknown: dict[str, Any] = {"sight": None, "essence": None, "drawn_at": None, "caused": ()}
    return watch_repository.swap(connection, watch, live_number=watch.live_number + 1, **unknown)
