"""What people decided lately about the very same: whoever decides now should know it. Pure."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from bot.approvals.terms import Gate
from bot.operations.model import Operation, State, Story

LATELY: Final = timedelta(hours=24)
MOST: Final = 3
"""So many are told, the latest."""
_DECIDED: Final = frozenset(
    {State.DENIED, State.WITHDRAWN, State.EXPIRED, State.SUPERSEDED, State.TOO_LATE, State.REFUSED}
)
"""Ends after which nothing has changed: the same may be asked again."""


def is_the_same(operation: Operation, other: Operation) -> bool:
    """Whether both ask for the same action on the same workflow; for a create, by branch and name."""
    here = (operation.organization, operation.database, operation.ref)
    if operation.id == other.id or here != (other.organization, other.database, other.ref):
        return False
    if operation.action.code != other.action.code:
        return False
    if not operation.action.creates:
        return operation.wish == other.wish
    return (operation.branch, operation.workflow_name) == (other.branch, other.workflow_name)


def lately(operation: Operation, others: Iterable[Story]) -> tuple[Story, ...]:
    """Requests for the same that others had to decide and that came to nothing within a day before this one
    was asked, the latest first; none from before the last one that was carried out.
    """
    earlier = [
        one
        for one in others
        if is_the_same(operation, one.operation)
        and one.operation.ended_at is not None
        and operation.asked_at - LATELY < one.operation.ended_at <= operation.asked_at
    ]
    found: list[Story] = []
    for one in sorted(
        earlier, key=lambda one: one.operation.ended_at or one.operation.asked_at, reverse=True
    ):
        if one.operation.changed_at:
            break
        if one.operation.state in _DECIDED and one.operation.gate is Gate.PEER:
            found.append(one)
    return tuple(found[:MOST])
