"""Whether a row can be written just now: what readiness promises."""

from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy import Connection, update

from bot.store.engine.database import Database
from bot.store.engine.lane import WorkPriority
from bot.store.engine.statements import insert_new
from bot.store.errors import StoreError
from bot.store.schema import leases

log = structlog.stdlib.get_logger(__name__)

_NAME: Final = "readiness"
_NOBODYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The row is a lease that nobody holds."""
_WITHIN: Final = 5.0


async def writable(database: Database) -> bool:
    """Write one row, always the same, behind all that people wait for. Why not, if not, is logged."""
    try:
        await database.write(_write, priority=WorkPriority.TICK, begin_within=_WITHIN, repeatable=True)
    except StoreError as error:
        log.error("database_not_writable", reason=str(error))
        return False
    return True


def _write(connection: Connection) -> None:
    mine = leases.c.name == _NAME
    raised = connection.execute(update(leases).where(mine).values(fence=leases.c.fence + 1))
    if raised.rowcount == 0:
        insert_new(connection, leases, {"name": _NAME, "holder": _NAME, "fence": 0, "until": _NOBODYS})
