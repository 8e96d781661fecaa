"""The leases of steps: only who holds an operation's lease begins a step of it.

Whoever takes a lease over raises the operation's fence. So whatever the one before still writes, the claim
before a request above all, finds that it has moved.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, or_, select, update

from bot.store.schema import operations
from bot.store.types import Moment

LASTS: Final = timedelta(seconds=30)
"""A worker that has not renewed its leases for so long has died, hangs, or was stopped."""

_NOW: Final = bindparam("moment_now", type_=Moment)
_UNTIL: Final = bindparam("moment_until", type_=Moment)
_WORKER: Final[Any] = bindparam("worker")
_IDS: Final[Any] = bindparam("operations", expanding=True)
_OURS: Final[ColumnElement[bool]] = operations.c.leased_by == _WORKER
_LEFT: Final = and_(operations.c.leased_by != _WORKER, operations.c.leased_until <= _NOW)
_FREE: Final = (
    select(operations.c.id, operations.c.leased_by, operations.c.fence)
    .where(operations.c.id.in_(_IDS), or_(operations.c.leased_by.is_(None), _OURS, _LEFT))
    .with_for_update(skip_locked=True)
)
_TAKE: Final = (
    update(operations)
    .where(operations.c.id.in_(_IDS))
    .values(
        leased_by=_WORKER,
        leased_until=_UNTIL,
        fence=operations.c.fence + case((_LEFT, 1), else_=0),
        # whoever claimed it with the lease that is taken over does not come back to it
        claimed_at=case(
            (and_(_LEFT, operations.c.claimed_by == operations.c.leased_by), None),
            else_=operations.c.claimed_at,
        ),
    )
)
_RENEW: Final = (
    update(operations)
    .where(operations.c.id.in_(_IDS), _OURS)
    .values(leased_until=_UNTIL)
    .returning(operations.c.id)
)
_HAND_BACK: Final = (
    update(operations).where(operations.c.id.in_(_IDS), _OURS).values(leased_by=None, leased_until=None)
)


def take(
    connection: Connection, ids: Sequence[str], worker: str, now: datetime
) -> tuple[frozenset[str], frozenset[str]]:
    """Take the leases of those that nobody else holds, or hold them for longer.

    The operations that are held now, and those of them that were taken over from a worker that is silent.
    What another worker is about to take is left to that one; nobody waits for anybody.
    """
    given = {"worker": worker, "moment_now": now}
    free = connection.execute(_FREE, given | {"operations": list(ids)}).all()
    if not free:
        return frozenset(), frozenset()
    taken = frozenset(row.id for row in free)
    connection.execute(_TAKE, given | {"operations": sorted(taken), "moment_until": now + LASTS})
    return taken, frozenset(row.id for row in free if row.leased_by not in {None, worker})


def renew(connection: Connection, ids: Collection[str], worker: str, now: datetime) -> frozenset[str]:
    """Hold these leases for longer. Those that are still the worker's."""
    given = {"operations": sorted(ids), "worker": worker, "moment_until": now + LASTS}
    return frozenset(connection.scalars(_RENEW, given))


def hand_back(connection: Connection, ids: Collection[str], worker: str) -> None:
    """Whoever comes next need not wait for their end."""
    connection.execute(_HAND_BACK, {"operations": sorted(ids), "worker": worker})
