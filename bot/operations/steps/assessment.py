"""What holds for a request just now: its workflow as read, the checks, the rule, and the digest of it all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.approvals.digest import Asked, digest
from bot.approvals.policy import Policy, Rule
from bot.approvals.terms import Gate
from bot.operations.model import OUTCOME_OPEN, Operation, State
from bot.operations.services import Services
from bot.operations.steps.gathering import Gathered, Own
from bot.operations.steps.readback import Readback
from bot.operations.storage import repository
from bot.operations.storage.observed_states import observed_state_of
from bot.planetscale.models import Workflow
from bot.subjects.findings import Report
from bot.workflows.actions.registry import ACTIONS, of_call
from bot.workflows.checks.facts import CreateFacts, Facts
from bot.workflows.checks.run import run_checks
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.progress import copy_of
from bot.workflows.facts.traffic import anything_switched
from bot.workflows.own import workflow_of


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was found about a request, ready to be written down."""

    operation: Operation
    rule: Rule
    report: Report
    unread_since: datetime | None
    """PlanetScale could not be read: it goes by what was seen then."""


class Assessor:
    """Looks at what a request is about. Changes nothing."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._readback = Readback(services)

    async def assess(self, operation: Operation) -> tuple[Assessment, Gathered]:
        """Read what the checks need and run them, with the rule that holds now."""
        gathered = await self._gathered(operation)
        report = run_checks(gathered.facts)
        workflow = gathered.workflow
        if workflow is None and isinstance(gathered.facts, Facts):
            workflow = gathered.facts.last_known
        rule = rule_of(self._services.policy, operation, workflow)
        seen = replace(
            operation,
            seen=workflow,
            workflow_id=workflow.id if workflow else operation.workflow_id,
            workflow_name=workflow.name if workflow else operation.workflow_name,
            branch=workflow.branch.name if workflow and workflow.branch else operation.branch,
            kind=_kind(gathered.facts, workflow),
            way_back_alone=self._way_back_alone(operation),
            last_backup_at=gathered.last_backup_at,
            report=report,
            checked_at=self._services.clock.now(),
            gate=rule.gate,
            required=rule.required,
            approvers=rule.approvers.ids,
            hide_errors=rule.hide_errors,
        )
        unread_since = gathered.known_at if workflow is not gathered.workflow else None
        return Assessment(replace(seen, digest=_digest_of(seen)), rule, report, unread_since), gathered

    async def _gathered(self, operation: Operation) -> Gathered:
        """What the checks need. Where that proves how another request ended, it is in no way any more."""
        began = self._services.clock.now()
        own, gathered = await self._gather(operation)
        if operation.ref and gathered.workflow and any(one.state in OUTCOME_OPEN for one in own.open):
            await self._services.database.write(self._readback.seen, operation.ref, gathered.workflow, began)
            own, gathered = await self._gather(operation)
        return gathered

    async def _gather(self, operation: Operation) -> tuple[Own, Gathered]:
        own = await self._services.database.read(self._own, operation)
        soak = self._services.policy.terms_for(operation.organization, operation.database).soak
        return own, await self._services.gatherer.gather(operation, own, soak)

    def _own(self, connection: Connection, operation: Operation) -> Own:
        others = tuple(one for one in repository.open_on(connection, operation) if _counts(one, operation))
        sent = tuple(repository.sent_before(connection, operation)) if operation.ref else ()
        doubts = tuple(_doubts(sent, self._services.clock.now()))
        links = {one.id: self._services.board.link(connection, one.id) for one in (*others, *doubts)}
        known = {operation_id: link for operation_id, link in links.items() if link}
        observed = observed_state_of(connection, operation.ref) if operation.ref else None
        return Own(others, known, doubts, sent, repository.last_read(connection, operation), observed)

    def _way_back_alone(self, operation: Operation) -> bool:
        terms = self._services.policy.terms_for(operation.organization, operation.database)
        ways = (action.name.value for action in ACTIONS if action.goes_back)
        return all(terms.names(name) is not Gate.PEER for name in ways)


def rule_of(policy: Policy, operation: Operation, workflow: Workflow | None) -> Rule:
    """The rule that holds for it, by what is known of its workflow; `None` where nothing was read."""
    copy = copy_of(workflow) if workflow else None
    return policy.rule_for(
        operation.organization,
        operation.database,
        operation.action,
        switched=workflow is None or anything_switched(workflow),
        rows_copied=copy is None or copy.copied is None or copy.copied > 0,
        copy_complete=workflow is not None and workflow.data_copy_completed_at is not None,
    )


def is_open_question(other: Operation) -> bool:
    """A question that only its requester sees and has not answered: it is in nobody's way."""
    return other.gate is Gate.CONFIRM and other.state is State.WAITING


def _doubts(sent: Sequence[Operation], now: datetime) -> Iterator[Operation]:
    """Those that may still take effect, the latest first.

    Once a later change was read back as done, what was lost before it is not waited for any more.
    """
    for one in sent:
        if one.state is State.SUCCEEDED and not of_call(one.call).starts_verification:
            return
        until = one.in_doubt_until
        if until and now < until:
            yield one


def _counts(other: Operation, operation: Operation) -> bool:
    """Whether `other` is looked at by the checks of `operation`.

    Of two that both may run and ask for the same, the one that was asked first is not held up by the other:
    else each would give way to the other, and nothing would be sent.
    """
    if is_open_question(other):
        return False
    same = other.subject == operation.subject and operation.state is State.READY
    later = (other.asked_at, other.id) > (operation.asked_at, operation.id)
    return not (same and later and other.state in {State.WAITING, State.READY})


def _kind(facts: Facts | CreateFacts, workflow: Workflow | None) -> WorkflowKind:
    return facts.kind(workflow) if isinstance(facts, Facts) and workflow else WorkflowKind.UNKNOWN


def _digest_of(operation: Operation) -> str:
    """What people decide about, as one short text."""
    workflow = workflow_of(operation.seen)
    return digest(
        Asked(
            organization=operation.organization,
            database=operation.database,
            workflow_id=workflow.id if workflow else None,
            number=operation.number,
            branch=operation.branch,
            action=operation.action,
            arguments=_arguments(operation),
            force=operation.force,
            source_keyspace=workflow.source_keyspace.name if workflow and workflow.source_keyspace else None,
            target_keyspace=workflow.target_keyspace.name if workflow and workflow.target_keyspace else None,
            global_keyspace=workflow.global_keyspace.name if workflow and workflow.global_keyspace else None,
            tables=tuple(table.name for table in workflow.tables) if workflow and workflow.tables else None,
            state=workflow.state if workflow else None,
            replicas_switched=workflow.replicas_switched if workflow else None,
            primaries_switched=workflow.primaries_switched if workflow else None,
            required=operation.required,
            approvers=operation.approvers,
        )
    )


def _arguments(operation: Operation) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in operation.arguments.items()
    } | {"call": operation.call.name if operation.call else "CREATE"}
