"""Which of the watched workflows go on."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from bot.operations.storage.naming import in_order
from bot.store.schema import watches
from bot.workflows.facts.states import ENDED


def running(connection: Connection, organizations: Collection[str]) -> list[tuple[str, tuple[str, str]]]:
    """The id, and organization and database, of all that is watched there and has not ended.

    What moves first, then what works, then what waits.
    """
    state = watches.c.sight[("workflow", "state")].as_string()
    goes_on = state.is_(None) | state.not_in([one.value for one in ENDED])
    here = watches.c.organization.in_(organizations) & watches.c.over.is_(None) & goes_on
    order = (watches.c.urgency.desc(), *in_order(watches))
    query = select(watches.c.id, watches.c.organization, watches.c.database).where(here).order_by(*order)
    return [(row[0], (row[1], row[2])) for row in connection.execute(query)]
