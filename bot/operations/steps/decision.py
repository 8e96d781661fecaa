"""Presses become decisions. The person is looked up when the worker decides; in doubt nothing is counted."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from bot.approvals.decide import Decision, PressKind, PressOutcome, PressSeen, Reason, decide, no_say
from bot.approvals.digest import matches
from bot.approvals.groups import stays_unread, unread_groups
from bot.approvals.people import Fits, NamedPeople, Person, Standing
from bot.approvals.terms import Gate
from bot.operations.announce import announce
from bot.operations.model import ENDED, Decided, DecisionKind, Operation, State, Story
from bot.operations.ports import Known, PrivateAnswer
from bot.operations.services import Services
from bot.operations.steps.assessment import Assessor
from bot.operations.steps.consent import case_of
from bot.operations.steps.lookup import look_up
from bot.operations.steps.recounting import Counting, Recounted, Recounter, drop, why_not, with_names
from bot.operations.steps.run_window import closes_at
from bot.operations.storage import press_rows, repository, stories
from bot.operations.storage.press_rows import Press
from bot.operations.storage.repository import OperationMovedError
from bot.runtime.tasks import give_up

TRIES = 3
"""Three tries within 20 s; then nothing is counted and the presser is told to press again."""

CONFIRM, NOT_NOW = "confirm", "not_now"
HAPPENED, DID_NOT_HAPPEN = "happened", "did_not_happen"
_SETTLING = {HAPPENED: DecisionKind.HAPPENED, DID_NOT_HAPPEN: DecisionKind.DID_NOT_HAPPEN}
_CLOSING = {CONFIRM: PrivateAnswer.CONFIRMED, NOT_NOW: PrivateAnswer.NOT_NOW}
"""What takes the place of the question that only the requester sees."""
_ANSWERED: Mapping[str, Any] = MappingProxyType({"owed": None, "reply_to": None})
"""Whoever answers the question has got it."""
_OWN_WORD = frozenset({CONFIRM, NOT_NOW, PressKind.WITHDRAW.value, PressKind.TAKE_BACK.value})
"""Whom the policy names as approvers has nothing to do with these."""
_LAST_WORDS = frozenset({CONFIRM, PressKind.APPROVE.value})
_COUNTS = {kind.value: DecisionKind(kind.value) for kind in PressKind}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a press."""

    counted: bool
    answer: str | None
    """What the presser is told; `None`: the card says it."""
    story: Story | None
    fence: int
    """The operation's, after it."""
    detail: str | None = None
    """A sentence that belongs to the answer."""


class Decider:
    """Decides the presses on one operation, in the order of their receipt.

    Who pressed is asked of all of them side by side. A press of somebody whom Slack does not name is put
    aside and tried again a little later: it holds up nobody else, and until then it stops nothing.
    """

    def __init__(self, services: Services, assessor: Assessor) -> None:
        """`assessor`: whose next look at the operation is begun with a press that may let it run."""
        self._services = services
        self._assessor = assessor
        self._recounter = Recounter(services)

    async def settle(self, operation_id: str) -> AsyncIterator[tuple[Press, Result]]:
        """Decide every press whose turn it is; what became of those that were settled, for good.

        Raises `OperationMovedError` where somebody else changed the operation, or took it over, since it was
        asked who pressed: that may not be so any more.
        """
        due = await self._services.database.read(press_rows.due, operation_id, self._services.clock.now())
        operation = await self._services.database.read(repository.load, operation_id) if due else None
        if operation is None:
            return
        fence, people = operation.fence, self._services.people
        counting = await self._begin(operation, due)
        try:
            asking = (look_up(people, one.user_id, _depends_on(operation, one)) for one in due)
            for press, known in zip(due, await asyncio.gather(*asking), strict=True):
                if _is_doubt(operation, press, known.person) and press.attempts + 1 < TRIES:
                    await self._services.database.write(press_rows.put_aside, press)
                elif result := await self._decide(press, known, fence, counting):
                    fence = result.fence
                    yield press, result
        finally:
            if counting:
                give_up(counting.task)

    async def _begin(self, operation: Operation, due: list[Press]) -> Counting | None:
        """Begin to look at what a press will need if it is the last word that is waited for.

        Beside the look-up of whoever pressed: everybody else who counts, and the subject. All of that is
        asked for after the press. For somebody who was not seen as a member nothing is read.
        """
        hopeful = [
            one for one in due if one.kind in _LAST_WORDS and self._services.people.was_member(one.user_id)
        ]
        if operation.state is not State.WAITING or not hopeful:
            return None
        decided = await self._services.database.read(stories.counted, operation.id)
        if not any(_would_do(operation, one, decided) for one in hopeful):
            return None
        self._assessor.begin(operation)
        return self._recounter.begin(operation) if operation.gate is Gate.PEER else None

    async def _decide(
        self, press: Press, known: Known, fence: int, counting: Counting | None
    ) -> Result | None:
        """Settle one press. `None` if it was settled before."""
        recounted = await self._others(press, known.person, counting)
        now = self._services.clock.now()
        return await self._services.database.write(self._settled, press, (known, recounted), fence, now)

    async def _others(self, press: Press, person: Person, counting: Counting | None) -> Recounted | None:
        """Everybody else who counts, if this is the last approval that is needed."""
        if press.kind != PressKind.APPROVE:
            return None
        story = await self._services.database.read(stories.story, press.operation_id)
        if story is None:
            return None
        is_last = (
            _verdict(story.operation, press, person, story.decisions).outcome is PressOutcome.APPROVED_NOW
        )
        return await self._recounter.recounted(story.operation, counting) if is_last else None

    async def tell(self, press: Press, result: Result) -> None:
        """Tell the presser what the card does not say. Slack may take its time: nothing waits for it."""
        answer = await self._asked_why(press, result) if press.kind == DecisionKind.DENY else result.answer
        if answer and result.story and press.response_url:
            await self._services.responder.tell(press.response_url, answer, result.story, result.detail)

    async def _asked_why(self, press: Press, result: Result) -> str | None:
        """Ask whoever denies why, first where the policy says so. What is left to be told."""
        if result.counted and not press.reason:
            opened = await self._services.responder.ask_why(press.trigger_id, press.operation_id)
            return result.answer if opened else PrivateAnswer.REASON_NOT_ASKED
        if result.answer == Reason.DENY_NEEDS_REASON:
            opened = await self._services.responder.ask_why_first(press)
            return None if opened else result.answer
        return result.answer

    def _settled(
        self,
        connection: Connection,
        press: Press,
        looked_up: tuple[Known, Recounted | None],
        fence: int,
        now: datetime,
    ) -> Result | None:
        known, recounted = looked_up
        operation = repository.load(connection, press.operation_id)
        if operation is None:
            return None
        if operation.fence != fence:
            raise OperationMovedError
        if press.channel and press.message_ts and operation.gate is Gate.PEER:
            self._services.board.adopt(connection, operation, press.channel, press.message_ts, now)
        dropped = recounted.found.dropped if recounted else ()
        before = stories.counted(connection, operation.id)
        before += tuple(Decided(user, DecisionKind.DROPPED, now) for user in dropped)
        verdict = _verdict(operation, press, known.person, before)
        counted = verdict.outcome is not None
        result = verdict.outcome.value if verdict.outcome else str(verdict.reason)
        if not press_rows.settle(connection, press, now, result):
            return None
        if counted:
            operation = self._follow(connection, operation, press, looked_up, now)
        answer = _CLOSING.get(press.kind) if counted else str(verdict.reason)
        detail = _detail(operation, verdict, known.person)
        return Result(counted, answer, stories.story(connection, operation.id), operation.fence, detail)

    def _follow(
        self,
        connection: Connection,
        operation: Operation,
        press: Press,
        looked_up: tuple[Known, Recounted | None],
        now: datetime,
    ) -> Operation:
        """What a press that counts leads to, with what was found of everybody else who counts."""
        known, recounted = looked_up
        kind = DecisionKind(press.kind)
        named = with_names(operation, (known, *(recounted.known if recounted else ())))
        if recounted:
            drop(connection, named, recounted.found, now)
        press_rows.count(connection, press, kind, now)
        to, changes = _after(connection, named, kind, press, now)
        if recounted and recounted.found.requester_left:
            outcome = replace(operation.outcome, cause=why_not(named, recounted.found))
            to, changes = State.SUPERSEDED, {"outcome": outcome}
        who = {"names": named.names, "identities": named.identities}
        after = repository.move(connection, operation, to, now, press.user_id, **who, **changes)
        announce(self._services.board, connection, operation, after, now)
        return after


def _depends_on(operation: Operation, press: Press) -> NamedPeople:
    """The named people of whom the presser has to be one; nobody is named for one's own word."""
    return NamedPeople() if press.kind in _OWN_WORD else NamedPeople.of(operation.approvers)


def _would_do(operation: Operation, press: Press, decided: tuple[Decided, ...]) -> bool:
    """Whether the press lets it run, if whoever pressed counts."""
    named = NamedPeople.of(operation.approvers)
    person = Person(press.user_id, Standing.MEMBER, named.groups)
    return _verdict(operation, press, person, decided).outcome is PressOutcome.APPROVED_NOW


def _is_doubt(operation: Operation, press: Press, person: Person) -> bool:
    """Whether it depends on what Slack did not say now, and may say a little later."""
    if person.standing is Standing.UNKNOWN:
        return True
    named = _depends_on(operation, press)
    in_doubt = named.fits(person) is Fits.IN_DOUBT and not operation.action.goes_back
    return in_doubt and not stays_unread(named.unread_by(person))


def _detail(operation: Operation, verdict: Decision, person: Person) -> str | None:
    """Which groups it depends on, where Slack did not say who is in them."""
    if verdict.reason is not Reason.GROUP_UNREAD:
        return None
    return unread_groups(NamedPeople.of(operation.approvers).unread_by(person))


def _after(
    connection: Connection, operation: Operation, kind: DecisionKind, press: Press, now: datetime
) -> tuple[State, Mapping[str, Any]]:
    """The state that a counted press leads to, and what changes with it.

    An approval is for the minutes after it was given, however late it is looked at.
    """
    runs = {"approved_at": now, "execute_by": closes_at(press.received_at)}
    match kind:
        case DecisionKind.CONFIRM:
            return State.READY, {**runs, **_ANSWERED}
        case DecisionKind.APPROVE:
            story = stories.story(connection, operation.id)
            known = story and replace(story, operation=operation)
            enough = known is not None and len(known.approved_by) >= operation.required
            return (State.READY, runs) if enough else (State.WAITING, {})
        case DecisionKind.TAKE_BACK:
            outcome = replace(operation.outcome, cause=None, trouble=None, tries=0)
            return State.WAITING, {"approved_at": None, "execute_by": None, "outcome": outcome}
        case DecisionKind.DENY:
            return State.DENIED, {}
        case DecisionKind.NOT_NOW:
            return State.WITHDRAWN, _ANSWERED
        case DecisionKind.WITHDRAW:
            return State.WITHDRAWN, {}
        case DecisionKind.HAPPENED | DecisionKind.DID_NOT_HAPPEN:
            happened = kind is DecisionKind.HAPPENED
            settled = replace(operation.outcome, settled_by=press.user_id, known_at=now)
            return (State.IN_PLACE if happened else State.NOT_SEEN), {"outcome": settled}
        case DecisionKind.REASON | DecisionKind.DROPPED:
            return operation.state, {}


def _verdict(operation: Operation, press: Press, person: Person, before: tuple[Decided, ...]) -> Decision:
    if person.standing is Standing.UNKNOWN:
        return Decision(0, reason=Reason.UNKNOWN_PERSON)
    if press.kind in {CONFIRM, NOT_NOW}:
        return _own_word(operation, press, person)
    if press.kind in _SETTLING:
        return _settling(operation, press, person)
    if press.kind not in _COUNTS or operation.gate is not Gate.PEER or operation.expires_at is None:
        return Decision(0, reason=Reason.ENDED_ALREADY)
    said = PressSeen(
        PressKind(press.kind), press.user_id, press.prefix, press.received_at, with_reason=bool(press.reason)
    )
    return decide(case_of(operation, before), said, person)


def _own_word(operation: Operation, press: Press, person: Person) -> Decision:
    """The requester's own confirmation: the same person, the same request, in time."""
    reason: Reason | None = None
    if person.standing is not Standing.MEMBER:
        reason = Reason.NOT_A_MEMBER
    elif not operation.was_asked_by(person.ids) or operation.gate is not Gate.CONFIRM:
        reason = Reason.NOT_AN_APPROVER
    elif operation.state is not State.WAITING:
        reason = Reason.ENDED_ALREADY if operation.state in ENDED else Reason.APPROVED_ALREADY
    elif operation.expires_at is None or press.received_at >= operation.expires_at:
        reason = Reason.EXPIRED
    elif press.kind == CONFIRM and not matches(press.prefix, operation.digest or ""):
        reason = Reason.STALE_BUTTON
    if reason:
        return Decision(0, reason=reason)
    return Decision(0, PressOutcome.APPROVED_NOW if press.kind == CONFIRM else PressOutcome.WITHDRAWN)


def _settling(operation: Operation, press: Press, person: Person) -> Decision:
    """Saying what happened, where reads cannot: whoever may approve, and so never the requester."""
    if operation.state is not State.NEEDS_PERSON:
        return Decision(0, reason=Reason.ENDED_ALREADY)
    requester = operation.identity(operation.requester) if operation.gate is Gate.PEER else None
    reason = no_say(person, NamedPeople.of(operation.approvers), requester=requester)
    if reason is None and not matches(press.prefix, operation.digest or ""):
        reason = Reason.STALE_BUTTON
    return Decision(0, reason=reason) if reason else Decision(1, PressOutcome.APPROVED_NOW)
