"""What the bot's own rows know of workflows, for lists of them: plain functions of a connection."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from bot.operations.model import Operation, State
from bot.operations.storage import stories
from bot.watch.storage import watch_repository
from bot.workflows.attention import Waits
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.own import observed_of, ref_of

Place = tuple[str, int]
"""A database and a number."""


@dataclass(frozen=True, slots=True)
class Known:
    """Of one organization, by database and number."""

    seen: Mapping[Place, ObservedState] = field(default_factory=dict)
    """As watching knows what is watched."""
    waits: Mapping[Place, Waits] = field(default_factory=dict)
    """For what a request waits."""
    databases: tuple[str, ...] = ()
    """Where something is watched or waits."""


def known(connection: Connection, organization: str) -> Known:
    """What is watched, and what waits."""
    watched = watch_repository.running(connection, organization)
    found = [(one, observed_of(one.observed)) for one in watched]
    waiting = [one.operation for one in stories.waiting(connection)]
    here = [one for one in waiting if one.organization == organization]
    return Known(
        seen={(one.ref.database, ref_of(one.ref).number): seen for one, seen in found if seen},
        waits={(one.database, one.number): why_it_waits(one) for one in here if one.number is not None},
        databases=tuple(
            dict.fromkeys((*(one.database for one in here), *(one.ref.database for one in watched)))
        ),
    )


def why_it_waits(operation: Operation) -> Waits:
    """For what an operation waits that stands in `stories.waiting`."""
    return Waits.OUTCOME if operation.state is State.NEEDS_PERSON else Waits.APPROVAL
