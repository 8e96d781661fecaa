"""From *requested* to *waiting*, *ready* or *blocked*: who asks, what the policy and the checks say."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.approvals.decide import may_ask
from bot.approvals.digest import Asked, digest
from bot.approvals.people import Standing
from bot.approvals.policy import Rule
from bot.approvals.terms import Gate
from bot.commands.model import Action
from bot.operations import ledger
from bot.operations.announce import announce
from bot.operations.gather import Gathered, Own
from bot.operations.model import Operation, State, Story
from bot.operations.parts import Parts
from bot.operations.ports import Answer, Known
from bot.planetscale.models import Workflow
from bot.workflows.checks.facts import CreateFacts, Facts
from bot.workflows.checks.findings import OTHERS_WAIT, Report
from bot.workflows.checks.run import run_checks
from bot.workflows.kind import Kind
from bot.workflows.progress import copy_of
from bot.workflows.traffic import anything_switched

RUN_WINDOW = timedelta(minutes=5)
"""An approval is for now: what has not been sent by then is not sent any more."""
QUESTION_OPEN = timedelta(minutes=2)
"""How long the requester's own confirmation may take."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found about a request, ready to be written down."""

    operation: Operation
    rule: Rule
    report: Report


class Preparing:
    """Looks at a new request and decides what has to happen before it may run."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def prepare(self, operation: Operation, reply_to: str | None) -> None:
        """Take the request as far as it goes without another person. Private answers go to `reply_to`."""
        known = await self._parts.people.who(operation.requester, frozenset(self._groups(operation.database)))
        operation = replace(operation, names={**operation.names, operation.requester: known.name})
        refusal = await self._refused(operation, known)
        if refusal:
            await self._block(operation, refusal, None, reply_to)
            return
        looked, gathered = await self.look(operation)
        rule = looked.rule
        if not may_ask(rule, known.person):
            await self._block(looked.operation, Answer.NOT_ALLOWED, None, reply_to)
            return
        if looked.report.blocks:
            await self._block(looked.operation, Answer.BLOCKED, _cause(looked.report, gathered), reply_to)
            return
        if looked.report.needs_force and not operation.force:
            await self._block(looked.operation, Answer.NEEDS_FORCE, None, reply_to)
            return
        await self._open(looked, reply_to)

    async def look(self, operation: Operation) -> tuple[Looked, Gathered]:
        """Read what the checks need and run them, with the rule that holds now. Changes nothing."""
        own = await self._parts.database.read(self._own, operation)
        soak = self._parts.policy.terms_for(operation.database).soak
        gathered = await self._parts.gatherer.gather(operation, own, soak)
        report = run_checks(gathered.facts)
        workflow = gathered.workflow
        if workflow is None and isinstance(gathered.facts, Facts):
            workflow = gathered.facts.last_known
        rule = self._rule(operation, workflow)
        seen = replace(
            operation,
            seen=workflow,
            workflow_id=workflow.id if workflow else operation.workflow_id,
            workflow_name=workflow.name if workflow else operation.workflow_name,
            branch=workflow.branch.name if workflow and workflow.branch else operation.branch,
            kind=_kind(gathered.facts, workflow),
            way_back_alone=self._way_back_alone(operation.database),
            last_backup_at=gathered.last_backup_at,
            report=report,
            checked_at=self._parts.clock.now(),
            gate=rule.gate,
            required=rule.required,
            approvers=rule.approvers.ids,
            hide_errors=rule.hide_errors,
            places=self._channels(operation, rule),
        )
        return Looked(replace(seen, digest=digest_of(seen)), rule, report), gathered

    def _own(self, connection: Connection, operation: Operation) -> Own:
        others = tuple(
            one
            for one in ledger.open_on(connection, operation)
            if not _open_question(one, operation.requester)
        )
        links = {one.id: self._parts.board.link(connection, one.id) for one in others}
        known = {operation_id: link for operation_id, link in links.items() if link}
        return Own(others, known, tuple(ledger.sent_before(connection, operation)))

    def _rule(self, operation: Operation, workflow: Workflow | None) -> Rule:
        copy = copy_of(workflow) if workflow else None
        return self._parts.policy.rule_for(
            operation.database,
            operation.action,
            switched=workflow is None or anything_switched(workflow),
            rows_copied=copy is None or copy.copied is None or copy.copied > 0,
            copy_complete=workflow is not None and workflow.data_copy_completed_at is not None,
        )

    def _way_back_alone(self, database: str) -> bool:
        terms = self._parts.policy.terms_for(database)
        ways = (Action.REVERSE_TRAFFIC, Action.REVERSE_CUTOVER)
        return all(terms.names(action.value) is not Gate.PEER for action in ways)

    def _groups(self, database: str) -> tuple[str, ...]:
        terms = self._parts.policy.terms_for(database)
        return tuple(one for one in (*terms.approvers, *terms.requesters) if one.startswith("S"))

    async def _refused(self, operation: Operation, known: Known) -> Answer | None:
        if known.person.standing is Standing.UNKNOWN:
            return Answer.WHO_ARE_YOU
        if known.person.standing is not Standing.MEMBER:
            return Answer.NOT_A_MEMBER
        terms = self._parts.policy.terms_for(operation.database)
        elsewhere = terms.channel or self._parts.default_channel
        if operation.channel.startswith("D"):
            return None if elsewhere else Answer.ASK_IN_A_CHANNEL
        if not terms.allow_shared_channels and not terms.channel:
            return Answer.SHARED_CHANNEL if await self._parts.people.shared(operation.channel) else None
        return None

    def _channels(self, operation: Operation, rule: Rule) -> tuple[str, ...]:
        asked_in = None if operation.channel.startswith("D") else operation.channel
        wanted = (rule.channel, asked_in, self._parts.default_channel)
        return tuple(dict.fromkeys(place for place in wanted if place))

    async def _open(self, looked: Looked, reply_to: str | None) -> None:
        """Write down what was found: it waits for people, or may run at once."""
        now = self._parts.clock.now()
        story = await self._parts.database.write(self._opened, looked, now)
        if story is None or not reply_to:
            return
        after = story.operation
        if after.state is State.BLOCKED:
            await self._parts.teller.tell(reply_to, Answer.BLOCKED, story, {})
        elif after.gate is Gate.CONFIRM and after.state is State.WAITING:
            await self._parts.teller.tell(reply_to, Answer.CONFIRM, story, {})
        elif after.places and after.places[0] != after.channel:
            await self._parts.teller.tell(reply_to, Answer.CARD_POSTED, story, {})

    def _opened(self, connection: Connection, looked: Looked, now: datetime) -> Story | None:
        before = ledger.load(connection, looked.operation.id)
        if before is None or before.state is not State.REQUESTED or before.fence != looked.operation.fence:
            return None  # somebody withdrew it, or another worker was faster
        changes = _changes(looked.operation)
        if self._twin(connection, looked.operation, now):
            outcome = replace(before.outcome, cause="The same was asked for at the same moment.")
            after = ledger.move(connection, before, State.BLOCKED, now, **changes | {"outcome": outcome})
        elif looked.rule.gate is Gate.NONE:
            runs = {"approved_at": now, "execute_by": now + RUN_WINDOW}
            after = ledger.move(connection, before, State.READY, now, **changes | runs)
        else:
            wait = QUESTION_OPEN if looked.rule.gate is Gate.CONFIRM else looked.rule.expires_after
            after = ledger.move(
                connection, before, State.WAITING, now, **changes | {"expires_at": now + wait}
            )
        announce(self._parts.board, connection, before, after, now)
        return ledger.story(connection, after.id)

    def _twin(self, connection: Connection, operation: Operation, now: datetime) -> bool:
        """Whether the same came in since the checks looked. A requester's own open question gives way."""
        for other in ledger.open_on(connection, operation):
            same = other.subject == operation.subject
            if same and _open_question(other, operation.requester):
                ledger.move(connection, other, State.WITHDRAWN, now, operation.requester)
            elif same:
                return True
        return False

    async def _block(
        self, operation: Operation, answer: Answer, cause: str | None, reply_to: str | None
    ) -> None:
        now = self._parts.clock.now()
        blocked = replace(operation, outcome=replace(operation.outcome, cause=cause))
        story = await self._parts.database.write(_blocked, blocked, now)
        if story and reply_to:
            await self._parts.teller.tell(reply_to, answer, story, {})


def _open_question(other: Operation, requester: str) -> bool:
    """A question that only its requester sees and that they have not answered: asking again replaces it."""
    return other.gate is Gate.CONFIRM and other.state is State.WAITING and other.requester == requester


def _kind(facts: Facts | CreateFacts, workflow: Workflow | None) -> Kind:
    return facts.kind(workflow) if isinstance(facts, Facts) and workflow else Kind.UNKNOWN


def digest_of(operation: Operation) -> str:
    """What people decide about, as one short text."""
    workflow = operation.seen
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


def _changes(looked: Operation) -> dict[str, Any]:
    kept = (
        "seen",
        "workflow_id",
        "workflow_name",
        "branch",
        "kind",
        "way_back_alone",
        "last_backup_at",
        "report",
        "checked_at",
        "gate",
        "required",
        "approvers",
        "hide_errors",
        "places",
        "digest",
        "names",
    )
    return {name: getattr(looked, name) for name in kept}


def _cause(report: Report, gathered: Gathered) -> str:
    if gathered.missing:
        return "PlanetScale knows no such workflow."
    return " ".join(finding.sentence for finding in report.blocks if finding.code != OTHERS_WAIT)


def _blocked(connection: Connection, operation: Operation, now: datetime) -> Story | None:
    before = ledger.load(connection, operation.id)
    if before is None or before.state is not State.REQUESTED:
        return None
    changes = _changes(operation) | {"outcome": operation.outcome}
    ledger.move(connection, before, State.BLOCKED, now, **changes)
    return ledger.story(connection, operation.id)
