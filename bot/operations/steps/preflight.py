"""From *requested* to *waiting*, *ready* or *blocked*: who asks, what the policy and the checks say."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot.approvals.terms import Gate
from bot.operations.announce import announce
from bot.operations.model import Operation, State
from bot.operations.ports import Known, PrivateAnswer
from bot.operations.services import Services
from bot.operations.steps import resolution
from bot.operations.steps.assessment import Assessment, Assessor, is_open_question, rule_of
from bot.operations.steps.eligibility import Eligibility, why_not_ask
from bot.operations.steps.pending_replies import PendingReplies
from bot.operations.steps.recounting import with_names
from bot.operations.steps.run_window import RUN_WINDOW, closes_at
from bot.operations.storage import repository
from bot.operations.subject_kind import Checked, Unclear
from bot.subjects.findings import OTHERS_WAIT, Report

_TOO_OLD = (
    "I could not look at this within five minutes of your asking, and it may not be what you want by now. "
    "If it is, ask again."
)
QUESTION_OPEN = timedelta(minutes=2)
"""How long the requester's own confirmation may take."""


class Preparer:
    """Looks at a new request and decides what has to happen before it may run."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._eligibility = Eligibility(services)
        self._assessor = Assessor(services)
        self.pending_replies = PendingReplies(services)
        """The answers that it owes; whoever gives them later must know what it has told."""

    async def prepare(self, operation: Operation) -> None:
        """Take the request as far as it goes without another person."""
        if self._services.clock.now() - operation.asked_at > RUN_WINDOW:
            await self._block(operation, PrivateAnswer.BLOCKED, _TOO_OLD)
            return
        try:
            if self._services.people.was_member(operation.requester) and not operation.names_no_subject:
                self._assessor.begin(operation)  # beside asking who that is
            await self._prepare(operation)
        finally:
            self._assessor.drop(operation.id)

    async def _prepare(self, operation: Operation) -> None:
        met = await self._eligibility.meet(operation)
        operation = with_names(operation, (met.known,))
        if met.refusal:
            await self._block(operation, met.refusal, None)
            return
        if operation.names_no_subject:
            found = await self._name(operation, met.known)
            if found is None:
                return
            operation = found
        assessment, checked = await self._assessor.assess(operation)
        places = self._eligibility.channels(operation, assessment.rule, met)
        assessment = replace(assessment, operation=replace(assessment.operation, places=places))
        obstacle = await self._obstacle(assessment, checked, met.known)
        if obstacle:
            await self._block(*obstacle)
        else:
            await self._open(assessment, answers_later=met.outside)

    async def _obstacle(
        self, assessment: Assessment, checked: Checked, known: Known
    ) -> tuple[Operation, PrivateAnswer, str | None] | None:
        """The first thing that stands in its way, the gravest first."""
        operation, report = assessment.operation, assessment.report
        if refusal := why_not_ask(assessment.rule, known.person):
            return operation, refusal.answer, refusal.cause
        if unread := await self._why_unread(operation, checked):
            by_hand = checked.failure is not None and checked.failure.is_about_the_bot and not checked.missing
            outcome = replace(operation.outcome, by_hand=by_hand)
            return replace(operation, report=None, outcome=outcome), PrivateAnswer.BLOCKED, unread
        if report.blocks:
            return operation, PrivateAnswer.BLOCKED, _cause(report)
        if report.needs_force and not operation.force:
            return operation, PrivateAnswer.NEEDS_FORCE, "Its warnings need `--force`."
        if done := self._services.kind_of(operation).done_already(operation, report):
            return operation, PrivateAnswer.BLOCKED, done
        if lonely := await self._eligibility.too_few(operation, assessment.rule, known.person):
            return operation, PrivateAnswer.BLOCKED, lonely
        if (assessment.rule.asks_why or operation.force) and not operation.reason:
            return operation, PrivateAnswer.NEEDS_REASON, "It needs a reason, and none was given."
        return None

    async def _name(self, operation: Operation, known: Known) -> Operation | None:
        """The operation with the number that was left out; `None` where it ends, or is another's by now."""
        if refusal := why_not_ask(rule_of(self._services, operation, None), known.person):
            await self._block(operation, refusal.answer, refusal.cause)
            return None
        found = await self._services.kind_of(operation).find(operation)
        if isinstance(found, Unclear):
            await self._block(replace(operation, choices=found.choices), PrivateAnswer.WHICH, found.cause)
            return None
        now = self._services.clock.now()
        return await self._services.database.write(resolution.named, operation, found, now)

    async def _why_unread(self, operation: Operation, checked: Checked) -> str | None:
        """A sentence, where asking again would not help: a wrong name, or a token that may not read."""
        failure = checked.failure
        if checked.missing:
            return await self._services.kind_of(operation).why_missing(operation)
        return f"{failure.what} {failure.todo}" if failure and failure.refused else None

    async def _open(self, assessment: Assessment, *, answers_later: bool) -> None:
        """Write down what was found: it waits for people, or may run at once.

        `answers_later`: its requester may have to be told where it was asked that no card can stand there.
        """
        now = self._services.clock.now()
        opened = partial(self._opened, answers_later=answers_later)
        after = await self._services.database.write(opened, assessment, now)
        if after:
            await self.pending_replies.give(after)

    def _opened(
        self, connection: Connection, assessment: Assessment, now: datetime, *, answers_later: bool
    ) -> Operation | None:
        before = repository.load(connection, assessment.operation.id)
        if (
            before is None
            or before.state is not State.REQUESTED
            or before.fence != assessment.operation.fence
        ):
            return None  # somebody withdrew it, or another worker was faster
        changes = _changes(assessment.operation)
        if self._twin(connection, assessment.operation, now):
            outcome = replace(before.outcome, cause="The same was asked for at the same moment.")
            to, more = State.BLOCKED, {"outcome": outcome, "owed": PrivateAnswer.BLOCKED}
        elif assessment.rule.gate is Gate.NONE:
            asked = before.asked_at
            to, more = State.READY, {"approved_at": asked, "execute_by": closes_at(asked)}
        elif assessment.rule.gate is Gate.CONFIRM and _agreed_already(assessment):
            to, more = State.READY, {"approved_at": now, "execute_by": closes_at(before.asked_at)}
        elif assessment.rule.gate is Gate.CONFIRM:
            question = {"owed": PrivateAnswer.CONFIRM, "unread_since": assessment.unread_since}
            to, more = State.WAITING, {"expires_at": now + QUESTION_OPEN, **question}
        else:
            direct = now if assessment.rule.direct and not assessment.rule.approvers.anybody else None
            expires_at = now + assessment.rule.expires_after
            to, more = State.WAITING, {"expires_at": expires_at, "direct_at": direct}
        if "owed" not in more:
            more |= _elsewhere(assessment.operation, answers_later=answers_later)
        after = repository.move(connection, before, to, now, **changes | more)
        announce(self._services.board, connection, before, after, now)
        return after

    def _twin(self, connection: Connection, operation: Operation, now: datetime) -> bool:
        """Whether the same came in since the checks looked. A requester's own open question gives way."""
        for other in repository.open_on(connection, operation):
            if other.wish != operation.wish:
                continue
            if not is_open_question(other):
                return True
            if other.identity(other.requester) == operation.identity(operation.requester):
                repository.move(connection, other, State.WITHDRAWN, now, operation.requester)
        return False

    async def _block(self, operation: Operation, answer: PrivateAnswer, cause: str | None) -> None:
        now = self._services.clock.now()
        outcome = replace(operation.outcome, cause=cause)
        blocked = replace(operation, outcome=outcome, owed=answer)
        after = await self._services.database.write(self._blocked, blocked, now)
        if after:
            await self.pending_replies.give(after)

    def _blocked(self, connection: Connection, operation: Operation, now: datetime) -> Operation | None:
        before = repository.load(connection, operation.id)
        if before is None or before.state is not State.REQUESTED:
            return None
        outcome = operation.outcome
        if outcome.by_hand and not repository.nothing_open(connection, operation, now):
            outcome = replace(outcome, by_hand=False)
        changes = _changes(operation) | {"outcome": outcome, "owed": operation.owed}
        after = repository.move(connection, before, State.BLOCKED, now, **changes)
        announce(self._services.board, connection, before, after, now)
        return after


def _agreed_already(assessment: Assessment) -> bool:
    """Whether the dialog of the button has asked what the question would: nothing is left to be told.

    What it told is still so, was read just now, and the checks warn of nothing.
    """
    operation, seen = assessment.operation, assessment.operation.seen
    if operation.agreed_in is None or not operation.action.goes_back or seen is None:
        return False
    fresh = assessment.unread_since is None
    return fresh and seen.state == operation.agreed_in and not assessment.report.warnings


def _elsewhere(operation: Operation, *, answers_later: bool) -> dict[str, Any]:
    """The requester is told where the card is, if it is not where they asked."""
    if operation.places and operation.places[0] != operation.channel:
        return {"owed": PrivateAnswer.CARD_POSTED}
    return {} if answers_later else {"reply_to": None}


def _changes(assessment: Operation) -> dict[str, Any]:
    changed = (
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
        "notify",
        "deny_reason",
        "hide_errors",
        "places",
        "digest",
        "names",
        "identities",
        "choices",
    )
    return {name: getattr(assessment, name) for name in changed}


def _cause(report: Report) -> str:
    return " ".join(finding.sentence for finding in report.blocks if finding.code != OTHERS_WAIT)
