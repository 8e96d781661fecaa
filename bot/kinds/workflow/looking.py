"""What is read of a workflow after a request was sent, and what that proves."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import cast

from bot.kinds.workflow.gathering import call_of, new_of
from bot.operations.storage.attempt_rows import Attempt
from bot.operations.subject_kind import Look, Seen
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.models import Actor, Workflow
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.subjects.reading_plan import Reading
from bot.subjects.verdicts import NO_VERDICT
from bot.workflows.facts.states import TRANSITIONAL, state_of
from bot.workflows.outcome.creation import judge_create
from bot.workflows.outcome.evidence import named_for
from bot.workflows.outcome.outcomes import Sent, reading
from bot.workflows.own import ref_of, workflow_of


async def look(planetscale: Organizations, attempt: Attempt, now: Callable[[], datetime]) -> Seen:
    """Read the workflow; for a create, which has no number to look at, the list."""
    operation, workflow, listed = attempt.operation, None, None
    with suppress(PlanetScaleError):
        client = planetscale.of(operation.organization)
        if call_of(operation) is None:
            listed = await client.workflows(operation.organization, operation.database)
        elif operation.ref:
            workflow = await client.workflow(ref_of(operation.ref))
    return Seen(now(), workflow, listed)


def judge(attempt: Attempt, seen: Seen, own: Actor | None) -> Look:
    """What it proves. `own`: the account of the bot's token, where it is known."""
    call, workflow = call_of(attempt.operation), workflow_of(seen.snapshot)
    if call is None:
        return _created(attempt, seen, own)
    before = _before(attempt)
    if before is None:
        return _look(Reading(seen.at, NO_VERDICT, workflow.state if workflow else None), workflow)
    return _look(reading(Sent(call, before, own), workflow, seen.at), workflow)


def named(attempt: Attempt, workflow: Workflow) -> Actor | None:
    """Whom PlanetScale names for the request that it took; nobody, where it gives neither id nor name."""
    call, before = call_of(attempt.operation), _before(attempt)
    found = workflow.actor if call is None else named_for(call, before, workflow) if before else None
    return found if found and (found.id or found.display_name) else None


def _before(attempt: Attempt) -> Workflow | None:
    """The snapshot just before."""
    before = (attempt.before or {}).get("workflow")
    return Workflow.model_validate(before) if before else None


def before_json(workflow: Workflow | None, highest_number: int | None) -> dict[str, object]:
    """What `judge` has to know of just before; for a create the highest number there was."""
    return {
        "workflow": workflow.model_dump(mode="json") if workflow else None,
        "highest_number": highest_number,
    }


def _created(attempt: Attempt, seen: Seen, own: Actor | None) -> Look:
    workflow = workflow_of(seen.snapshot)
    listed = (workflow,) if workflow else cast("Sequence[Workflow] | None", seen.beside)
    highest = (attempt.before or {}).get("highest_number") or 0
    found = judge_create(highest, new_of(attempt.operation), own, listed)
    state = found.workflow.state if found.workflow else ("" if listed is not None else None)
    return _look(Reading(seen.at, found.verdict, state), found.workflow, attempt)


def _look(reading: Reading, workflow: Workflow | None, created_by: Attempt | None = None) -> Look:
    if workflow is None:
        return Look(reading)
    words = (workflow.workflow_errors or "").strip().splitlines()
    return Look(
        reading,
        workflow,
        moving=state_of(workflow.state) in TRANSITIONAL,
        trouble=words[0][:300] if words else None,
        learned=_learned(created_by, workflow) if created_by else {},
    )


def _learned(attempt: Attempt, workflow: Workflow) -> dict[str, object]:
    """What is known of a workflow that this request created, once it is seen."""
    operation = attempt.operation
    return {
        "ref": WorkflowRef(operation.organization, operation.database, workflow.number),
        "workflow_id": workflow.id,
        "workflow_name": workflow.name,
        "seen": workflow,
    }
