"""Presses become decisions. The person is looked up when the worker decides; in doubt nothing is counted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from bot.approvals.decide import Case, Counted, Decision, Kind, Outcome, Phase, Reason, decide
from bot.approvals.decide import Press as Pressed
from bot.approvals.digest import matches
from bot.approvals.people import People as Eligible
from bot.approvals.people import Person, Standing
from bot.approvals.terms import Gate
from bot.operations import ledger, presses, stories
from bot.operations.announce import announce
from bot.operations.model import BEFORE_SENDING, ENDED, Decided, DecisionKind, Operation, State, Story
from bot.operations.parts import Parts
from bot.operations.ports import Answer, Known
from bot.operations.prepare import RUN_WINDOW
from bot.operations.presses import Press

TRIES = 3
TRY_AGAIN_SECONDS = 5.0
"""Three tries within 20 s; then nothing is counted and the presser is told to press again."""

CONFIRM, NOT_NOW = "confirm", "not_now"
HAPPENED, DID_NOT_HAPPEN = "happened", "did_not_happen"
_SETTLING = {HAPPENED: DecisionKind.HAPPENED, DID_NOT_HAPPEN: DecisionKind.DID_NOT_HAPPEN}
_CLOSING = {CONFIRM: Answer.CONFIRMED, NOT_NOW: Answer.NOT_NOW}
"""What takes the place of the question that only the requester sees."""
_ANSWERED: Mapping[str, Any] = MappingProxyType({"owed": None, "reply_to": None})
"""Whoever answers the question has got it."""
_COUNTS = {kind.value: DecisionKind(kind.value) for kind in Kind}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a press."""

    counted: bool
    answer: str | None
    """What the presser is told; `None`: the card says it."""
    story: Story | None


class Deciding:
    """Decides the presses on one operation, in the order of their receipt."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def decide(self, operation: Operation, press: Press) -> Result | None:
        """Settle one press, for good. `None` if it was settled before."""
        known = await self._who(operation, press)
        return await self._parts.database.write(self._settled, press, known, self._parts.clock.now())

    async def tell(self, press: Press, result: Result) -> None:
        """Tell the presser what the card does not say. Slack may take its time: nothing waits for it."""
        if result.counted and press.kind == DecisionKind.DENY:
            await self._parts.teller.ask_why(press.trigger_id, press.operation_id)
        if result.answer and result.story and press.response_url:
            await self._parts.teller.tell(press.response_url, result.answer, result.story)

    async def _who(self, operation: Operation, press: Press) -> Known:
        groups = frozenset(one for one in operation.approvers if one.startswith("S"))
        known = await self._parts.people.who(press.user_id, groups)
        for _ in range(TRIES - 1):
            if known.person.standing is not Standing.UNKNOWN:
                break
            await self._parts.clock.sleep(TRY_AGAIN_SECONDS)
            known = await self._parts.people.who(press.user_id, groups)
        return known

    def _settled(self, connection: Connection, press: Press, known: Known, now: datetime) -> Result | None:
        operation = ledger.load(connection, press.operation_id)
        if operation is None:
            return None
        if press.channel and press.message_ts and operation.gate is Gate.PEER:
            self._parts.board.adopt(connection, operation, press.channel, press.message_ts, now)
        verdict = _verdict(operation, press, known.person, stories.counted(connection, operation.id))
        counted = verdict.outcome is not None
        result = verdict.outcome.value if verdict.outcome else str(verdict.reason)
        if not presses.settle(connection, press, now, result):
            return None
        if counted:
            self._follow(connection, operation, press, known, now)
        answer = _CLOSING.get(press.kind) if counted else str(verdict.reason)
        return Result(counted, answer, stories.story(connection, operation.id))

    def _follow(
        self, connection: Connection, operation: Operation, press: Press, known: Known, now: datetime
    ) -> None:
        kind = DecisionKind(press.kind)
        presses.count(connection, press, kind, now)
        named = replace(operation, names={**operation.names, press.user_id: known.name})
        to, changes = _after(connection, named, kind, press, now)
        after = ledger.move(connection, operation, to, now, press.user_id, names=named.names, **changes)
        announce(self._parts.board, connection, operation, after, now)


def _after(
    connection: Connection, operation: Operation, kind: DecisionKind, press: Press, now: datetime
) -> tuple[State, Mapping[str, Any]]:
    """The state that a counted press leads to, and what changes with it.

    An approval is for the minutes after it was given, however late it is looked at.
    """
    runs = {"approved_at": now, "execute_by": press.received_at + RUN_WINDOW}
    match kind:
        case DecisionKind.CONFIRM:
            return State.READY, {**runs, **_ANSWERED}
        case DecisionKind.APPROVE:
            story = stories.story(connection, operation.id)
            enough = story is not None and len(story.approved_by) >= operation.required
            return (State.READY, runs) if enough else (State.WAITING, {})
        case DecisionKind.TAKE_BACK:
            outcome = replace(operation.outcome, cause=None)
            return State.WAITING, {"approved_at": None, "execute_by": None, "outcome": outcome}
        case DecisionKind.DENY:
            return State.DENIED, {}
        case DecisionKind.NOT_NOW:
            return State.WITHDRAWN, _ANSWERED
        case DecisionKind.WITHDRAW:
            return State.WITHDRAWN, {}
        case DecisionKind.HAPPENED | DecisionKind.DID_NOT_HAPPEN:
            happened = kind is DecisionKind.HAPPENED
            settled = replace(
                operation.outcome, settled_by=press.user_id, settled_as=kind.value, known_at=now
            )
            return (State.IN_PLACE if happened else State.NOT_SEEN), {"outcome": settled}
        case DecisionKind.REASON:
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
    said = Pressed(Kind(press.kind), press.user_id, press.prefix, press.received_at)
    return decide(_case(operation, before), said, person)


def _case(operation: Operation, before: tuple[Decided, ...]) -> Case:
    words = {kind.value for kind in Kind}
    return Case(
        id=operation.id,
        phase=_phase(operation.state),
        requester=operation.requester,
        digest=operation.digest or "",
        required=max(1, operation.required),
        approvers=Eligible.of(operation.approvers),
        expires_at=operation.expires_at or operation.asked_at,
        decisions=tuple(Counted(one.user, Kind(one.kind.value)) for one in before if one.kind.value in words),
    )


def _phase(state: State) -> Phase:
    if state in ENDED:
        return Phase.ENDED
    if state is State.WAITING:
        return Phase.WAITING
    if state is State.REQUESTED:
        return Phase.CHECKING
    return Phase.APPROVED if state in BEFORE_SENDING else Phase.RUNNING


def _own_word(operation: Operation, press: Press, person: Person) -> Decision:
    """The requester's own confirmation: the same person, the same request, in time."""
    reason: Reason | None = None
    if person.standing is not Standing.MEMBER:
        reason = Reason.NOT_A_MEMBER
    elif person.id != operation.requester or operation.gate is not Gate.CONFIRM:
        reason = Reason.NOT_AN_APPROVER
    elif operation.state is not State.WAITING:
        reason = Reason.ENDED_ALREADY if operation.state in ENDED else Reason.APPROVED_ALREADY
    elif operation.expires_at is None or press.received_at >= operation.expires_at:
        reason = Reason.EXPIRED
    elif press.kind == CONFIRM and not matches(press.prefix, operation.digest or ""):
        reason = Reason.STALE_BUTTON
    if reason:
        return Decision(0, reason=reason)
    return Decision(0, Outcome.APPROVED_NOW if press.kind == CONFIRM else Outcome.WITHDRAWN)


def _settling(operation: Operation, press: Press, person: Person) -> Decision:
    """Saying what happened, where reads cannot: whoever may approve, and so never the requester."""
    if operation.state is not State.NEEDS_PERSON:
        return Decision(0, reason=Reason.ENDED_ALREADY)
    if person.standing is not Standing.MEMBER:
        return Decision(0, reason=Reason.NOT_A_MEMBER)
    if operation.gate is Gate.PEER and person.id == operation.requester:
        return Decision(0, reason=Reason.REQUESTER_CANNOT_APPROVE)
    if not Eligible.of(operation.approvers).admits(person):
        return Decision(0, reason=Reason.NOT_AN_APPROVER)
    if not matches(press.prefix, operation.digest or ""):
        return Decision(0, reason=Reason.STALE_BUTTON)
    return Decision(1, Outcome.APPROVED_NOW)
