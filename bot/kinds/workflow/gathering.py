"""Reading at PlanetScale what the checks of an action need, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from bot.clock import Clock
from bot.operations.model import OUTCOME_OPEN, Operation, State
from bot.operations.subject_kind import Own
from bot.planetscale.calls import NewWorkflow, WorkflowCall
from bot.planetscale.errors import FailureKind as Failure
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.models import Backup, Workflow
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.planetscale.unseen import databases_seen, missing
from bot.workflows.actions.model import Touches
from bot.workflows.actions.registry import SWITCHES, calls
from bot.workflows.checks.backups import last_backup
from bot.workflows.checks.check_run import needs
from bot.workflows.checks.facts import CreateFacts, Facts, Need, OpenRequest, RequestStage
from bot.workflows.facts.states import is_active
from bot.workflows.facts.verification import verification
from bot.workflows.observing.observed_state import state_since
from bot.workflows.observing.verifying import stands_since
from bot.workflows.own import action_of, observed_of, workflow_of

if TYPE_CHECKING:
    from bot.subjects.model import Snapshot

T = TypeVar("T")

_SWITCHES_OF_WRITES = calls(lambda one: one.switches and one.touches is Touches.WRITES)
_SWITCHES_OF_REPLICAS = calls(lambda one: one.switches and one.touches is Touches.REPLICA_READS)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read for one operation."""

    facts: Facts | CreateFacts
    workflow: Workflow | None
    missing: bool = False
    """PlanetScale knows no such workflow or database."""
    failure: PlanetScaleError | None = None
    """Why the workflow (for a create: the list) could not be read."""

    @property
    def known_at(self) -> datetime | None:
        """When the workflow was read that is gone by where nothing could be read now."""
        return self.facts.last_known_at if isinstance(self.facts, Facts) else None

    @property
    def last_backup_at(self) -> datetime | None:
        """When the last good backup of the branch was complete, as far as is known."""
        backups: tuple[Backup, ...] = (isinstance(self.facts, Facts) and self.facts.backups) or ()
        return last_backup(backups)


class Gatherer:
    """Reads what an operation's checks need, side by side."""

    def __init__(self, planetscale: Organizations, clock: Clock) -> None:
        self._planetscale = planetscale
        self._clock = clock

    async def gather(self, operation: Operation, own: Own, soak: Any) -> Gathered:
        """The facts, read now. What cannot be read is `None` in them."""
        call = action_of(operation.action).call
        if call is None:
            return await self._for_create(operation, own)
        return await self._for_workflow(operation, call, own, soak)

    async def what_is_missing(self, operation: Operation) -> str:
        """A sentence for a workflow or database that PlanetScale does not know."""
        database = operation.database
        try:
            planetscale = self._planetscale.of(operation.organization)
            workflows = await planetscale.workflows(operation.organization, database)
        except PlanetScaleError as error:
            if error.kind is not Failure.NOT_FOUND and operation.number is not None:
                named = f"workflow {operation.number} of {database}"
                return f"PlanetScale does not know {named}, or the bot's token may not read it."
            seen = await databases_seen(self._planetscale, operation.organization)
            return missing(database, operation.organization, seen)
        active = [f"#{number}" for number in sorted(one.number for one in workflows if is_active(one.state))]
        named = f" Active: {', '.join(active[:10]) or 'none'}. All: `/workflow list {database}`"
        return f"There is no workflow {operation.number} in {database}.{named}"

    async def _for_workflow(self, operation: Operation, call: WorkflowCall, own: Own, soak: Any) -> Gathered:
        ref = WorkflowRef(operation.organization, operation.database, operation.number or 0)
        workflow: Workflow | None = None
        failure: PlanetScaleError | None = None
        try:
            workflow = await self._planetscale.of(ref.organization).workflow(ref)
        except PlanetScaleError as error:
            failure = error
        wanted = needs(call)
        place, there = (ref.organization, ref.database), partial(self._planetscale.of, ref.organization)
        branch = workflow.branch.name if workflow and workflow.branch else None
        target = workflow.target_keyspace.name if workflow and workflow.target_keyspace else None
        keyspaces, backups, vschema = await asyncio.gather(
            _part(Need.KEYSPACES in wanted and branch, lambda name: there().keyspaces(*place, name)),
            _part(Need.BACKUPS in wanted and branch, lambda name: there().backups(*place, name)),
            _part(
                Need.VSCHEMA in wanted and branch and target,
                lambda name: there().vschema(*place, branch or "", name),
            ),
        )
        known: Snapshot | None
        known, known_at = own.last_read or (None, None)
        if operation.seen:
            known, known_at = operation.seen, operation.checked_at
        observed = observed_of(own.observed)
        facts = Facts(
            ref=ref,
            call=call,
            now=self._clock.now(),
            workflow=workflow,
            read_at=self._clock.now() if workflow else None,
            last_known=workflow_of(known),
            last_known_at=known_at,
            state_since=state_since(observed, workflow) if workflow else None,
            verification_stands_since=stands_since(observed, workflow) if workflow else None,
            keyspaces=keyspaces,
            backups=backups,
            target_vschema=vschema.raw if vschema else None,
            others=_requests(own, operation.identity(operation.requester)),
            forced_over_rows=_forced_over_rows(own.sent),
            switch_tried_at=next((one.sent_at for one in own.sent if call_of(one) in SWITCHES), None),
            replicas_tried_at=_replicas_tried_at(own.sent),
            known_tables=_known_tables(own.sent),
            soak=soak,
        )
        missing = failure is not None and failure.kind is Failure.NOT_FOUND
        return Gathered(facts, workflow, missing, failure)

    async def _for_create(self, operation: Operation, own: Own) -> Gathered:
        new = new_of(operation)
        place = (operation.organization, operation.database)
        there = partial(self._planetscale.of, operation.organization)
        failure: PlanetScaleError | None = None
        workflows: tuple[Workflow, ...] | None = None
        try:
            workflows = await there().workflows(*place)
        except PlanetScaleError as error:
            failure = error
        wanted = needs(new)
        branches, keyspaces, tables, vschema = await asyncio.gather(
            _part(Need.BRANCHES in wanted and new.branch_name, lambda _: there().branches(*place)),
            _part(Need.KEYSPACES in wanted and new.branch_name, lambda name: there().keyspaces(*place, name)),
            _part(
                Need.SCHEMA in wanted and new.source_keyspace,
                lambda name: there().schema(*place, new.branch_name, name),
            ),
            _part(
                Need.VSCHEMA in wanted and new.target_keyspace,
                lambda name: there().vschema(*place, new.branch_name, name),
            ),
        )
        facts = CreateFacts(
            database=operation.database,
            new=new,
            now=self._clock.now(),
            workflows=workflows,
            branches=branches,
            keyspaces=keyspaces,
            source_tables=tables,
            target_vschema=vschema.raw if vschema else None,
            others=_requests(own, operation.identity(operation.requester)),
        )
        missing = failure is not None and failure.kind is Failure.NOT_FOUND
        return Gathered(facts, None, missing, failure)


async def _part(name: Any, read: Callable[[str], Awaitable[T]]) -> T | None:
    """One look-up; `None` where it is not needed, cannot be named or cannot be read."""
    if not name:
        return None
    try:
        return await read(str(name))
    except PlanetScaleError:
        return None


def _requests(own: Own, requester: str) -> tuple[OpenRequest, ...]:
    return tuple(
        OpenRequest(
            who=other.called(other.requester),
            call=call_of(other) or new_of(other),
            asked_at=other.asked_at,
            stage=_stage(other.state),
            link=own.links.get(other.id),
            own=other.identity(other.requester) == requester,
            late_until=other.in_doubt_until,
        )
        for other in (*own.open, *own.doubts)
    )


def _stage(state: State) -> RequestStage:
    if state is State.NOT_SEEN:
        return RequestStage.IN_DOUBT
    if state in {State.UNKNOWN, State.NEEDS_PERSON}:
        return RequestStage.UNKNOWN
    return RequestStage.RUNNING if state in OUTCOME_OPEN | {State.EXECUTING} else RequestStage.WAITING


def _forced_over_rows(sent: tuple[Operation, ...]) -> int:
    last = next((one for one in sent if call_of(one) in _SWITCHES_OF_WRITES), None)
    seen = workflow_of(last.seen) if last and last.force else None
    return verification(seen, last.asked_at).rows if last and seen else 0


def _known_tables(sent: tuple[Operation, ...]) -> tuple[str, ...]:
    created = next((one for one in sent if call_of(one) is None), None)
    return tuple(created.arguments.get("tables", ())) if created else ()


def _replicas_tried_at(sent: tuple[Operation, ...]) -> datetime | None:
    moved = (one for one in sent if call_of(one) in _SWITCHES_OF_REPLICAS and one.state is State.SUCCEEDED)
    return next((one.ended_at for one in moved), None)


def call_of(operation: Operation) -> WorkflowCall | None:
    """The request that an operation makes; `None` for a create."""
    return action_of(operation.action).call


def new_of(operation: Operation) -> NewWorkflow:
    """The workflow that a create asks for."""
    return NewWorkflow.model_validate(operation.arguments)
