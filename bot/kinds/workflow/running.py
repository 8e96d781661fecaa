"""Which of the watched workflows go on."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, case, select

from bot.operations.storage.naming import in_order
from bot.store.schema import watches
from bot.workflows.facts.states import AFTER_CUTOVER, ENDED, State

_BROKEN: Final = (State.ERROR, State.STOPPED)


@dataclass(frozen=True, slots=True)
class Running:
    """A watch that goes on."""

    id: str
    place: tuple[str, str]
    """Its organization and database."""
    fence: int
    """Raised by every change of the watch."""


def running(connection: Connection, organizations: Collection[str]) -> list[Running]:
    """All that is watched there and has not ended.

    What is in error first, then what is to be completed, then what moves, what works, what waits.
    """
    state = watches.c.sight[("workflow", "state")].as_string()
    goes_on = state.is_(None) | state.not_in([one.value for one in ENDED])
    here = watches.c.organization.in_(organizations) & watches.c.over.is_(None) & goes_on
    trouble = case(
        (state.in_([one.value for one in _BROKEN]), 0),
        (state.in_([one.value for one in AFTER_CUTOVER]), 1),
        else_=2,
    )
    order = (trouble, watches.c.urgency.desc(), *in_order(watches))
    query = select(watches.c.id, watches.c.organization, watches.c.database, watches.c.fence)
    found = connection.execute(query.where(here).order_by(*order))
    return [Running(row[0], (row[1], row[2]), row[3]) for row in found]
