"""An operation as the rule of who decides and who counts sees it."""

from typing import Final

from bot.approvals.decide import Case, Counted, Phase, PressKind
from bot.approvals.people import NamedPeople
from bot.operations.model import BEFORE_SENDING, ENDED, Decided, DecisionKind, Operation, State

_SAYS: Final = {DecisionKind(kind.value): kind for kind in PressKind} | {
    DecisionKind.DROPPED: PressKind.TAKE_BACK
}
"""What does not count any more is, for the tally, as if it had been taken back."""


def case_of(operation: Operation, decided: tuple[Decided, ...]) -> Case:
    """The operation with what people decided about it so far."""
    return Case(
        id=operation.id,
        phase=_phase(operation.state),
        requester=operation.identity(operation.requester),
        digest=operation.digest or "",
        required=max(1, operation.required),
        approvers=NamedPeople.of(operation.approvers),
        expires_at=operation.expires_at or operation.asked_at,
        decisions=tuple(
            Counted(operation.identity(one.user), _SAYS[one.kind]) for one in decided if one.kind in _SAYS
        ),
        deny_reason=operation.deny_reason,
        goes_back=operation.action.goes_back,
    )


def _phase(state: State) -> Phase:
    if state in ENDED:
        return Phase.ENDED
    if state is State.WAITING:
        return Phase.WAITING
    if state is State.REQUESTED:
        return Phase.CHECKING
    return Phase.APPROVED if state in BEFORE_SENDING else Phase.RUNNING
