"""Numbered workflows as operations are about them: `bot.operations.subject_kind.SubjectKind`."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from bot.approvals.policy import Policy, Rule
from bot.clock import Clock
from bot.kinds.workflow import differences, looking, requests
from bot.kinds.workflow.gathering import Gathered, Gatherer, ReadForChecks
from bot.kinds.workflow.left_out import the_one_left_out
from bot.operations.model import Operation
from bot.operations.storage.attempt_rows import Attempt
from bot.operations.subject_kind import Checked, Found, Leave, Look, Own, Seen, Unclear
from bot.planetscale.models import Actor, Workflow
from bot.planetscale.organizations import Organizations
from bot.subjects.findings import Report
from bot.subjects.model import Snapshot
from bot.workflows.actions.registry import ACTIONS
from bot.workflows.checks.check_run import run_checks
from bot.workflows.checks.facts import CreateFacts, Facts
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.progress import copy_of
from bot.workflows.facts.states import BROKEN
from bot.workflows.facts.traffic import anything_switched
from bot.workflows.own import action_of, workflow_of
from bot.workflows.shown import shown


class Workflows:
    """The workflows of all organizations."""

    def __init__(self, planetscale: Organizations, clock: Clock) -> None:
        self._planetscale = planetscale
        self._gatherer = Gatherer(planetscale, clock)

    @property
    def errors(self) -> Collection[str]:
        return BROKEN

    def rule(self, policy: Policy, operation: Operation, snapshot: Snapshot | None) -> Rule:
        workflow = workflow_of(snapshot)
        copy = copy_of(workflow) if workflow else None
        return policy.rule_for(
            operation.organization,
            operation.database,
            action_of(operation.action).name,
            switched=workflow is None or anything_switched(workflow),
            rows_copied=copy is None or copy.copied is None or copy.copied > 0,
            copy_complete=workflow is not None and workflow.data_copy_completed_at is not None,
        )

    def ways_back(self) -> Collection[str]:
        return [action.name.value for action in ACTIONS if action.goes_back]

    async def read(self, operation: Operation, own: Own) -> ReadForChecks:
        return await self._gatherer.read(operation, own)

    def check(self, operation: Operation, own: Own, soak: timedelta, read: ReadForChecks) -> Checked:
        gathered = self._gatherer.gathered(operation, own, soak, read)
        facts, workflow = gathered.facts, gathered.workflow
        if workflow is None and isinstance(facts, Facts):
            workflow = facts.last_known
        branch = workflow.branch.name if workflow and workflow.branch else operation.branch
        return Checked(
            report=run_checks(facts),
            snapshot=gathered.workflow,
            known=workflow,
            known_at=gathered.known_at,
            learned={
                "workflow_id": workflow.id if workflow else operation.workflow_id,
                "workflow_name": workflow.name if workflow else operation.workflow_name,
                "branch": branch,
                "kind": _kind(facts, workflow),
                "last_backup_at": gathered.last_backup_at,
            },
            shown=shown(workflow, operation.number, branch),
            before=looking.before_json(workflow, _highest(gathered)),
            read=facts,
            failure=requests.failed(gathered.failure) if gathered.failure else None,
            missing=gathered.missing,
        )

    async def why_missing(self, operation: Operation) -> str:
        return await self._gatherer.what_is_missing(operation)

    async def find(self, operation: Operation) -> Found | Unclear:
        return await the_one_left_out(self._planetscale, operation)

    def done_already(self, operation: Operation, report: Report) -> str | None:
        return differences.done_already(operation, report)

    def difference(self, approved: Operation, now: Operation) -> str:
        return differences.difference(approved, now)

    async def send(self, operation: Operation, leave: Leave) -> Workflow:
        return await requests.send(self._planetscale, operation, leave)

    async def look(self, attempt: Attempt, now: Callable[[], datetime]) -> Seen:
        return await looking.look(self._planetscale, attempt, now)

    def judge(self, attempt: Attempt, seen: Seen, own: Any) -> Look:
        return looking.judge(attempt, seen, Actor.model_validate(own) if own else None)

    def named(self, attempt: Attempt, snapshot: Snapshot) -> Any:
        found = looking.named(attempt, workflow_of(snapshot))
        return found.model_dump(mode="json") if found else None


def _kind(facts: Facts | CreateFacts, workflow: Workflow | None) -> WorkflowKind:
    return facts.kind(workflow) if isinstance(facts, Facts) and workflow else WorkflowKind.UNKNOWN


def _highest(gathered: Gathered) -> int | None:
    """For a create: the highest number there is."""
    if isinstance(gathered.facts, Facts):
        return None
    return max((one.number for one in gathered.facts.workflows or ()), default=0)
