"""Reading at PlanetScale what the checks of an action need, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from bot.clock import Clock
from bot.operations.model import OUTCOME_OPEN, Operation, State
from bot.operations.subject_kind import Own
from bot.planetscale.calls import NewWorkflow, WorkflowCall
from bot.planetscale.errors import FailureKind as Failure
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.models import Backup, Branch, Keyspace, SchemaTable, VSchema, Workflow
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.planetscale.unseen import databases_seen, missing
from bot.runtime.tasks import give_up
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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a workflow is at work."""

    branch: str | None = None
    target: str | None = None

    @classmethod
    def of(cls, workflow: Workflow | None) -> "_Place":
        branch, target = (workflow.branch, workflow.target_keyspace) if workflow else (None, None)
        return cls(branch.name if branch else None, target.name if target else None)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What was read of such a place. What could not be read, or need not be, is `None`."""

    keyspaces: tuple[Keyspace, ...] | None = None
    backups: tuple[Backup, ...] | None = None
    vschema: VSchema | None = None


@dataclass(frozen=True, slots=True)
class ReadOfWorkflow:
    """What was read for an action on a workflow."""

    call: WorkflowCall
    workflow: Workflow | None = None
    read_at: datetime | None = None
    parts: _Parts = _Parts()
    failure: PlanetScaleError | None = None


@dataclass(frozen=True, slots=True)
class ReadForCreate:
    """What was read for a workflow that is to be created."""

    workflows: tuple[Workflow, ...] | None
    branches: tuple[Branch, ...] | None
    keyspaces: tuple[Keyspace, ...] | None
    tables: tuple[SchemaTable, ...] | None
    vschema: VSchema | None
    failure: PlanetScaleError | None


ReadForChecks = ReadOfWorkflow | ReadForCreate


class Gatherer:
    """Reads what an operation's checks need, side by side."""

    def __init__(self, planetscale: Organizations, clock: Clock) -> None:
        self._planetscale = planetscale
        self._clock = clock

    async def read(self, operation: Operation, own: Own) -> ReadForChecks:
        """Read it now."""
        call = call_of(operation)
        if call is None:
            return await self._read_for_create(operation)
        return await self._read_of_workflow(operation, call, _Place.of(_seen_before(operation, own)))

    def gathered(self, operation: Operation, own: Own, soak: Any, read: ReadForChecks) -> Gathered:
        """The facts, as they were read. What could not be read is `None` in them."""
        missing = read.failure is not None and read.failure.kind is Failure.NOT_FOUND
        if isinstance(read, ReadForCreate):
            return Gathered(self._facts_for_create(operation, own, read), None, missing, read.failure)
        facts = self._facts_of_workflow(operation, own, soak, read)
        return Gathered(facts, read.workflow, missing, read.failure)

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

    async def _read_of_workflow(
        self, operation: Operation, call: WorkflowCall, expected: _Place
    ) -> ReadOfWorkflow:
        """The workflow, and beside it what belongs to the place where it is expected; once more, if it turns
        out to be at another.
        """
        ref = WorkflowRef(operation.organization, operation.database, operation.number or 0)
        wanted = needs(call)
        beside = asyncio.ensure_future(self._parts(ref, wanted, expected))
        try:
            workflow = await self._planetscale.of(ref.organization).workflow(ref)
            read_at, place = self._clock.now(), _Place.of(workflow)
            parts = await (beside if place == expected else self._parts(ref, wanted, place))
        except PlanetScaleError as error:
            return ReadOfWorkflow(call, failure=error)
        finally:
            give_up(beside)
        return ReadOfWorkflow(call, workflow, read_at, parts)

    async def _parts(self, ref: WorkflowRef, wanted: frozenset[Need], place: _Place) -> _Parts:
        names, there = (ref.organization, ref.database), partial(self._planetscale.of, ref.organization)
        branch = place.branch
        keyspaces, backups, vschema = await asyncio.gather(
            _part(Need.KEYSPACES in wanted and branch, lambda name: there().keyspaces(*names, name)),
            _part(Need.BACKUPS in wanted and branch, lambda name: there().backups(*names, name)),
            _part(
                Need.VSCHEMA in wanted and branch and place.target,
                lambda name: there().vschema(*names, branch or "", name),
            ),
        )
        return _Parts(keyspaces, backups, vschema)

    def _facts_of_workflow(self, operation: Operation, own: Own, soak: Any, read: ReadOfWorkflow) -> Facts:
        workflow, vschema = read.workflow, read.parts.vschema
        known, known_at = own.last_read or (None, None)
        if operation.seen:
            known, known_at = operation.seen, operation.checked_at
        observed = observed_of(own.observed)
        return Facts(
            ref=WorkflowRef(operation.organization, operation.database, operation.number or 0),
            call=read.call,
            now=self._clock.now(),
            workflow=workflow,
            read_at=read.read_at,
            last_known=workflow_of(known),
            last_known_at=known_at,
            state_since=state_since(observed, workflow) if workflow else None,
            verification_stands_since=stands_since(observed, workflow) if workflow else None,
            keyspaces=read.parts.keyspaces,
            backups=read.parts.backups,
            target_vschema=vschema.raw if vschema else None,
            others=_requests(own, operation.identity(operation.requester)),
            forced_over_rows=_forced_over_rows(own.sent),
            switch_tried_at=next((one.sent_at for one in own.sent if call_of(one) in SWITCHES), None),
            replicas_tried_at=_replicas_tried_at(own.sent),
            known_tables=_known_tables(own.sent),
            soak=soak,
        )

    async def _read_for_create(self, operation: Operation) -> ReadForCreate:
        new = new_of(operation)
        place, wanted = (operation.organization, operation.database), needs(new)
        there = partial(self._planetscale.of, operation.organization)
        listed, branches, keyspaces, tables, vschema = await asyncio.gather(
            self._listed(*place),
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
        workflows, failure = (None, listed) if isinstance(listed, PlanetScaleError) else (listed, None)
        return ReadForCreate(workflows, branches, keyspaces, tables, vschema, failure)

    async def _listed(self, organization: str, database: str) -> tuple[Workflow, ...] | PlanetScaleError:
        """All workflows of the database, or why they could not be read."""
        try:
            return await self._planetscale.of(organization).workflows(organization, database)
        except PlanetScaleError as error:
            return error

    def _facts_for_create(self, operation: Operation, own: Own, read: ReadForCreate) -> CreateFacts:
        return CreateFacts(
            database=operation.database,
            new=new_of(operation),
            now=self._clock.now(),
            workflows=read.workflows,
            branches=read.branches,
            keyspaces=read.keyspaces,
            source_tables=read.tables,
            target_vschema=read.vschema.raw if read.vschema else None,
            others=_requests(own, operation.identity(operation.requester)),
        )


def _seen_before(operation: Operation, own: Own) -> Workflow | None:
    """The workflow as the operation's card, the watch, or an earlier request knows it."""
    observed = observed_of(own.observed)
    earlier = own.last_read[0] if own.last_read else None
    return workflow_of(operation.seen or (observed.snapshot if observed else None) or earlier)


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
