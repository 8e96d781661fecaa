"""Which workflow is meant where the number was left out: the only active one, found once and written down."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from bot.operations.model import Operation, State
from bot.operations.storage import repository
from bot.planetscale.errors import FailureKind as Failure
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.models import Workflow
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.planetscale.unseen import databases_seen, unseen
from bot.store import audit
from bot.workflows.facts.states import is_active

MOST_CHOICES = 10


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why no workflow can be taken."""

    cause: str
    choices: tuple[tuple[int, str], ...] = ()
    """Number and name of those that may be meant."""


async def only_active(planetscale: Organizations, operation: Operation) -> Workflow | Unclear:
    """The one active workflow of the operation's database, by one read of the list."""
    database = operation.database
    try:
        workflows = await planetscale.of(operation.organization).workflows(operation.organization, database)
    except PlanetScaleError as error:
        if error.kind is Failure.NOT_FOUND:
            seen = await databases_seen(planetscale, operation.organization)
            return Unclear(unseen(database, operation.organization, seen))
        return Unclear(f"{error.what} So it is not known which workflow is meant: type its number.")
    active = sorted((one for one in workflows if is_active(one.state)), key=lambda one: -one.number)
    if len(active) == 1:
        return active[0]
    if not active:
        return Unclear(f"{database} has no active workflow. All: `/workflow list {database}`")
    named = tuple((one.number, one.name) for one in active[:MOST_CHOICES])
    return Unclear(f"{database} has {len(active)} active workflows, and no number was typed.", named)


def named(
    connection: Connection, operation: Operation, workflow: Workflow, now: datetime
) -> Operation | None:
    """Write the number down, once: what starts later at PlanetScale cannot change what was asked.

    `None` if the operation is not what it was: somebody else looks after it.
    """
    before = repository.load(connection, operation.id)
    if before is None or before.state is not State.REQUESTED or before.fence != operation.fence:
        return None
    sentence = f"The number was left out: #{workflow.number} was the only active workflow."
    assumed = " ".join(filter(None, (before.assumed, sentence)))
    ref = WorkflowRef(before.organization, before.database, workflow.number)
    after = repository.amend(connection, before, ref=ref, assumed=assumed)
    audit.record(connection, now, "bot", "found the number", operation.id, number=workflow.number)
    return replace(after, names=operation.names)
