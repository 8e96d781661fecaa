"""What is meant where its name was left out is found once, and written down."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from bot.operations.model import Operation, State
from bot.operations.storage import repository
from bot.operations.subject_kind import Found
from bot.store import audit


def named(connection: Connection, operation: Operation, found: Found, now: datetime) -> Operation | None:
    """Write the name down, once: what starts later at the other side cannot change what was asked.

    `None` if the operation is not what it was: somebody else looks after it.
    """
    before = repository.load(connection, operation.id)
    if before is None or before.state is not State.REQUESTED or before.fence != operation.fence:
        return None
    assumed = " ".join(filter(None, (before.assumed, found.sentence)))
    after = repository.amend(connection, before, ref=found.ref, assumed=assumed)
    audit.record(connection, now, "bot", "found the number", operation.id, number=after.number)
    return replace(after, names=operation.names)
