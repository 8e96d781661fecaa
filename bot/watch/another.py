"""A number that belongs to another workflow by now: the database was made anew."""

from typing import Any

import structlog
from sqlalchemy import Connection, delete

from bot.planetscale.models import Workflow
from bot.store.schema import samples
from bot.watch import keeping
from bot.watch.model import Watch

log = structlog.stdlib.get_logger(__name__)


def is_another(watch: Watch, workflow: Workflow) -> bool:
    """Whether `workflow` is certainly not the one that is known."""
    if watch.sight is None:
        return False
    known = watch.sight.workflow
    identities = ((known.id, workflow.id), (known.created_at, workflow.created_at))
    return any(was and now and was != now for was, now in identities)


def afresh(connection: Connection, watch: Watch, workflow: Workflow) -> Watch:
    """The watch; if this is another workflow, with nothing known and a live message of its own."""
    if not is_another(watch, workflow):
        return watch
    connection.execute(delete(samples).where(samples.c.watch_id == watch.id))
    log.warning("another_workflow", workflow=str(watch.ref))
    unknown: dict[str, Any] = {"sight": None, "essence": None, "drawn_at": None, "caused": ()}
    return keeping.swap(connection, watch, live_number=watch.live_number + 1, **unknown)
