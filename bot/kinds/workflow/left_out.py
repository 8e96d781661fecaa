"""Which workflow an action is about where its number was left out, or a name was typed in its place."""

from bot.operations.model import Operation
from bot.operations.subject_kind import Found, Unclear
from bot.planetscale.errors import FailureKind as Failure
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.planetscale.unseen import databases_seen, missing
from bot.workflows.facts.meant import Doubt, candidates, the_one_meant


async def the_one_left_out(planetscale: Organizations, operation: Operation) -> Found | Unclear:
    """The workflow that the operation means, by one read of its database's list."""
    database = operation.database
    try:
        workflows = await planetscale.of(operation.organization).workflows(operation.organization, database)
    except PlanetScaleError as error:
        if error.kind is Failure.NOT_FOUND:
            seen = await databases_seen(planetscale, operation.organization)
            return Unclear(missing(database, operation.organization, seen))
        return Unclear(f"{error.what} So it is not known which workflow is meant: type its number.")
    meant = the_one_meant(database, operation.named, candidates(workflows))
    if isinstance(meant, Doubt):
        return _unclear(operation, meant)
    ref = WorkflowRef(operation.organization, database, meant.number)
    if operation.named is None:
        return Found(ref, f"The number was left out: #{ref.number} was the only active workflow.")
    return Found(ref, meant.sentence)


def _unclear(operation: Operation, doubt: Doubt) -> Unclear:
    if not doubt.choices:
        return Unclear(f"{doubt.cause} All: `/workflow list {operation.database}`")
    choices = tuple((one.number, one.name) for one in doubt.choices)
    if operation.named is None:
        return Unclear(f"{doubt.cause.removesuffix('.')}, and no number was typed.", choices)
    return Unclear(f"{doubt.cause} {doubt.question}", choices)
