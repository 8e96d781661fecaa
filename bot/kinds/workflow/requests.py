"""The one request of an operation on a numbered workflow, and how it fails."""

from bot.kinds.workflow.gathering import call_of, new_of
from bot.operations.model import Operation
from bot.operations.subject_kind import Leave, RequestError
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.models import Workflow
from bot.planetscale.organizations import Organizations
from bot.workflows.own import ref_of


async def send(planetscale: Organizations, operation: Operation, leave: Leave) -> Workflow:
    """Send it, after `leave`. Raises `RequestError`, and what `leave` raises."""
    try:
        client, call = planetscale.of(operation.organization), call_of(operation)
        if call is None:
            new = new_of(operation)
            return await client.create(operation.organization, operation.database, new, leave)
        return await client.call(ref_of(operation.ref), call, leave)
    except PlanetScaleError as error:
        raise failed(error) from error


def failed(error: PlanetScaleError) -> RequestError:
    """The same in the engine's words."""
    return RequestError(
        kind=error.kind.value,
        what=error.what,
        brief=error.brief,
        todo=error.todo,
        said=error.said,
        status=error.status,
        certainly_nothing_changed=error.certainly_nothing_changed,
        refused=error.refused,
        is_about_the_bot=error.is_about_the_bot,
        retry_after=error.retry_after,
    )
