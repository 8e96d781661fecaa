"""From *requested* to *waiting*, *ready* or *blocked*: who asks, what the policy and the checks say."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.approvals.decide import may_ask
from bot.approvals.digest import Asked, digest
from bot.approvals.people import Standing
from bot.approvals.policy import Rule
from bot.approvals.soundness import enough_approvers
from bot.approvals.terms import Gate
from bot.commands.model import Action
from bot.operations import ledger, naming
from bot.operations.announce import announce
from bot.operations.debts import Debts
from bot.operations.gather import Gathered, Own
from bot.operations.model import Operation, State
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
_TOO_OLD = (
    "I could not look at this within five minutes of your asking, and it may not be what you want by now. "
    "If it is, ask again."
)
QUESTION_OPEN = timedelta(minutes=2)
"""How long the requester's own confirmation may take."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found about a request, ready to be written down."""

    operation: Operation
    rule: Rule
    report: Report
    unread_since: datetime | None
    """PlanetScale could not be read: it goes by what was seen then."""


class Preparing:
    """Looks at a new request and decides what has to happen before it may run."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.debts = Debts(parts)
        """The answers that it owes; whoever gives them later must know what it has told."""

    async def prepare(self, operation: Operation) -> None:
        """Take the request as far as it goes without another person."""
        if self._parts.clock.now() - operation.asked_at > RUN_WINDOW:
            await self._block(operation, Answer.BLOCKED, _TOO_OLD)
            return
        known, shown_to_others, refusal = await self._meet(operation)
        operation = replace(operation, names={**operation.names, operation.requester: known.name})
        if refusal:
            await self._block(operation, refusal, None)
            return
        if operation.names_no_workflow:
            found = await self._name(operation, known)
            if found is None:
                return
            operation = found
        looked, gathered = await self.look(operation)
        rule = looked.rule
        places = self._channels(operation, rule, shown_to_others=shown_to_others)
        looked = replace(looked, operation=replace(looked.operation, places=places))
        if not may_ask(rule, known.person):
            await self._block(looked.operation, Answer.NOT_ALLOWED, None)
            return
        if unread := await self._why_unread(operation, gathered):
            await self._block(replace(looked.operation, report=None), Answer.BLOCKED, unread)
            return
        if looked.report.blocks:
            await self._block(looked.operation, Answer.BLOCKED, _cause(looked.report))
            return
        if looked.report.needs_force and not operation.force:
            await self._block(looked.operation, Answer.NEEDS_FORCE, None)
            return
        if lonely := await self._too_few(rule, operation.requester):
            await self._block(looked.operation, Answer.BLOCKED, lonely)
            return
        await self._open(looked)

    async def refused(self, operation: Operation) -> Answer | None:
        """Why it would be refused whatever PlanetScale says: for who asks, or where. Changes nothing."""
        known, _, refusal = await self._meet(operation)
        if refusal is None and not may_ask(self._rule(operation, None), known.person):
            return Answer.NOT_ALLOWED
        return refusal

    async def _meet(self, operation: Operation) -> tuple[Known, bool | None, Answer | None]:
        """Who asks, whether people of other companies would see it, and why not for one of these."""
        known = await self._parts.people.who(operation.requester, frozenset(self._groups(operation)))
        shown_to_others = await self._shown_to_others(operation)
        return known, shown_to_others, self._refused(operation, known, shown_to_others=shown_to_others)

    async def _name(self, operation: Operation, known: Known) -> Operation | None:
        """The operation with the number that was left out; `None` where it ends, or is another's by now."""
        if not may_ask(self._rule(operation, None), known.person):
            await self._block(operation, Answer.NOT_ALLOWED, None)
            return None
        found = await naming.only_active(self._parts.planetscale, operation)
        if isinstance(found, naming.Unclear):
            await self._block(replace(operation, choices=found.choices), Answer.WHICH, found.cause)
            return None
        now = self._parts.clock.now()
        return await self._parts.database.write(naming.named, operation, found, now)

    async def _too_few(self, rule: Rule, requester: str) -> str | None:
        """A sentence, if the people whom the policy names cannot be enough: then nobody should wait."""
        if rule.gate is not Gate.PEER or rule.approvers.anybody:
            return None
        members: dict[str, frozenset[str]] = {}
        for group in rule.approvers.groups:
            known = await self._parts.people.members(group)
            if known is None:
                return None  # Slack cannot say: it is found out when somebody presses
            members[group] = known
        if enough_approvers(rule.approvers, rule.required, requester, members):
            return None
        return f"The policy asks for {rule.required} of a few people, and besides you there are not enough."

    async def look(self, operation: Operation) -> tuple[Looked, Gathered]:
        """Read what the checks need and run them, with the rule that holds now. Changes nothing."""
        own = await self._parts.database.read(self._own, operation)
        soak = self._parts.policy.terms_for(operation.organization, operation.database).soak
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
            way_back_alone=self._way_back_alone(operation),
            last_backup_at=gathered.last_backup_at,
            report=report,
            checked_at=self._parts.clock.now(),
            gate=rule.gate,
            required=rule.required,
            approvers=rule.approvers.ids,
            hide_errors=rule.hide_errors,
        )
        unread_since = gathered.known_at if workflow is not gathered.workflow else None
        return Looked(replace(seen, digest=digest_of(seen)), rule, report, unread_since), gathered

    def _own(self, connection: Connection, operation: Operation) -> Own:
        others = tuple(one for one in ledger.open_on(connection, operation) if _counts(one, operation))
        links = {one.id: self._parts.board.link(connection, one.id) for one in others}
        known = {operation_id: link for operation_id, link in links.items() if link}
        sent = tuple(ledger.sent_before(connection, operation))
        return Own(others, known, sent, ledger.last_read(connection, operation))

    def _rule(self, operation: Operation, workflow: Workflow | None) -> Rule:
        copy = copy_of(workflow) if workflow else None
        return self._parts.policy.rule_for(
            operation.organization,
            operation.database,
            operation.action,
            switched=workflow is None or anything_switched(workflow),
            rows_copied=copy is None or copy.copied is None or copy.copied > 0,
            copy_complete=workflow is not None and workflow.data_copy_completed_at is not None,
        )

    def _way_back_alone(self, operation: Operation) -> bool:
        terms = self._parts.policy.terms_for(operation.organization, operation.database)
        ways = (Action.REVERSE_TRAFFIC, Action.REVERSE_CUTOVER)
        return all(terms.names(action.value) is not Gate.PEER for action in ways)

    def _groups(self, operation: Operation) -> tuple[str, ...]:
        terms = self._parts.policy.terms_for(operation.organization, operation.database)
        return tuple(one for one in (*terms.approvers, *terms.requesters) if one.startswith("S"))

    async def _shown_to_others(self, operation: Operation) -> bool | None:
        """Whether people of other companies would see a card where this was asked, and the policy minds.

        `None`: Slack could not say, so no card may stand there.
        """
        terms = self._parts.policy.terms_for(operation.organization, operation.database)
        if operation.channel.startswith("D") or terms.allow_shared_channels:
            return False
        return await self._parts.people.shared(operation.channel)

    async def _why_unread(self, operation: Operation, gathered: Gathered) -> str | None:
        """A sentence, where asking again would not help: a wrong name, or a token that may not read."""
        failure = gathered.failure
        if gathered.missing:
            return await self._parts.gatherer.what_is_missing(operation)
        return f"{failure.what} {failure.todo}" if failure and failure.refused else None

    def _refused(self, operation: Operation, known: Known, *, shown_to_others: bool | None) -> Answer | None:
        if known.person.standing is Standing.UNKNOWN:
            return Answer.WHO_ARE_YOU
        if known.person.standing is not Standing.MEMBER:
            return Answer.NOT_A_MEMBER
        terms = self._parts.policy.terms_for(operation.organization, operation.database)
        elsewhere = terms.channel or self._parts.default_channel
        if elsewhere:
            return None
        if operation.channel.startswith("D"):
            return Answer.ASK_IN_A_CHANNEL
        if shown_to_others is None:
            return Answer.UNKNOWN_CHANNEL
        return Answer.SHARED_CHANNEL if shown_to_others else None

    def _channels(self, operation: Operation, rule: Rule, *, shown_to_others: bool | None) -> tuple[str, ...]:
        """Where its card may stand, the best first; never where people of other companies would see it."""
        private = operation.channel.startswith("D")
        asked_in = operation.channel if shown_to_others is False and not private else None
        wanted = (rule.channel, asked_in, self._parts.default_channel)
        return tuple(dict.fromkeys(place for place in wanted if place))

    async def _open(self, looked: Looked) -> None:
        """Write down what was found: it waits for people, or may run at once."""
        now = self._parts.clock.now()
        after = await self._parts.database.write(self._opened, looked, now)
        if after:
            await self.debts.pay(after)

    def _opened(self, connection: Connection, looked: Looked, now: datetime) -> Operation | None:
        before = ledger.load(connection, looked.operation.id)
        if before is None or before.state is not State.REQUESTED or before.fence != looked.operation.fence:
            return None  # somebody withdrew it, or another worker was faster
        changes = _changes(looked.operation)
        if self._twin(connection, looked.operation, now):
            outcome = replace(before.outcome, cause="The same was asked for at the same moment.")
            to, more = State.BLOCKED, {"outcome": outcome, "owed": Answer.BLOCKED}
        elif looked.rule.gate is Gate.NONE:
            asked = before.asked_at
            to, more = State.READY, {"approved_at": asked, "execute_by": asked + RUN_WINDOW}
        elif looked.rule.gate is Gate.CONFIRM:
            question = {"owed": Answer.CONFIRM, "unread_since": looked.unread_since}
            to, more = State.WAITING, {"expires_at": now + QUESTION_OPEN, **question}
        else:
            to, more = State.WAITING, {"expires_at": now + looked.rule.expires_after}
        if "owed" not in more:
            more |= _elsewhere(looked.operation)
        after = ledger.move(connection, before, to, now, **changes | more)
        announce(self._parts.board, connection, before, after, now)
        return after

    def _twin(self, connection: Connection, operation: Operation, now: datetime) -> bool:
        """Whether the same came in since the checks looked. A requester's own open question gives way."""
        for other in ledger.open_on(connection, operation):
            if other.subject != operation.subject:
                continue
            if not _open_question(other):
                return True
            if other.requester == operation.requester:
                ledger.move(connection, other, State.WITHDRAWN, now, operation.requester)
        return False

    async def _block(self, operation: Operation, answer: Answer, cause: str | None) -> None:
        now = self._parts.clock.now()
        outcome = replace(operation.outcome, cause=cause)
        blocked = replace(operation, outcome=outcome, owed=answer)
        after = await self._parts.database.write(self._blocked, blocked, now)
        if after:
            await self.debts.pay(after)

    def _blocked(self, connection: Connection, operation: Operation, now: datetime) -> Operation | None:
        before = ledger.load(connection, operation.id)
        if before is None or before.state is not State.REQUESTED:
            return None
        changes = _changes(operation) | {"outcome": operation.outcome, "owed": operation.owed}
        after = ledger.move(connection, before, State.BLOCKED, now, **changes)
        announce(self._parts.board, connection, before, after, now)
        return after


def _elsewhere(operation: Operation) -> dict[str, Any]:
    """The requester is told where the card is, if it is not where they asked."""
    if operation.places and operation.places[0] != operation.channel:
        return {"owed": Answer.CARD_POSTED}
    return {"reply_to": None}


def _counts(other: Operation, operation: Operation) -> bool:
    """Whether `other` is looked at by the checks of `operation`.

    Of two that both may run and ask for the same, the one that was asked first is not held up by the other:
    else each would give way to the other, and nothing would be sent.
    """
    if _open_question(other):
        return False
    same = other.subject == operation.subject and operation.state is State.READY
    later = (other.asked_at, other.id) > (operation.asked_at, operation.id)
    return not (same and later and other.state in {State.WAITING, State.READY})


def _open_question(other: Operation) -> bool:
    """A question that only its requester sees and has not answered: it is in nobody's way."""
    return other.gate is Gate.CONFIRM and other.state is State.WAITING


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
        "choices",
    )
    return {name: getattr(looked, name) for name in kept}


def _cause(report: Report) -> str:
    return " ".join(finding.sentence for finding in report.blocks if finding.code != OTHERS_WAIT)
