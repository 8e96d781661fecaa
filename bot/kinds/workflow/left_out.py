"""Which workflow is meant where the number was left out: the only active one."""

from bot.operations.model import Operation
from bot.operations.subject_kind import Found, Unclear
from bot.planetscale.errors import FailureKind as Failure
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.planetscale.unseen import databases_seen, unseen
from bot.workflows.facts.states import is_active

MOST_CHOICES = 10


async def only_active(planetscale: Organizations, operation: Operation) -> Found | Unclear:
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
        ref = WorkflowRef(operation.organization, database, active[0].number)
        return Found(ref, f"The number was left out: #{ref.number} was the only active workflow.")
    if not active:
        return Unclear(f"{database} has no active workflow. All: `/workflow list {database}`")
    named = tuple((one.number, one.name) for one in active[:MOST_CHOICES])
    return Unclear(f"{database} has {len(active)} active workflows, and no number was typed.", named)
