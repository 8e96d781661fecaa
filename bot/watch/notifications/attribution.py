"""Which operation of the bot brought a workflow to where it is: for "by Ana, approved by Ben"."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from bot.operations.model import Operation, Story
from bot.operations.model import State as OperationState
from bot.operations.storage import stories
from bot.subjects.model import Snapshot
from bot.watch.model import Watch
from bot.watch.notifications.causes import CLOCKS_DIFFER_BY

LeadingTo = Callable[[Snapshot], Collection[str]]
"""The calls that lead to the state in which a subject is, as its kind knows them."""
LOOK_BACK: Final = 20
"""How many operations of a workflow are looked at."""

_DID_IT = frozenset(
    {
        OperationState.SENDING,
        OperationState.UNDER_WAY,
        OperationState.UNKNOWN,
        OperationState.NEEDS_PERSON,
        OperationState.SUCCEEDED,
    }
)


def story_of(connection: Connection, leading_to: LeadingTo, watch: Watch) -> Story | None:
    """The latest operation that can have led to the state; `None` where nobody asked the bot for it."""
    if watch.observed is None:
        return None
    ref, observed = watch.ref, watch.observed
    calls = leading_to(observed.snapshot)
    found = stories.history(connection, ref.organization, ref.database, ref, LOOK_BACK)
    sent = (one for one in found if one.operation.sent_at and one.operation.state in _DID_IT)
    latest = next((one for one in sent if one.operation.action.code in calls), None)
    return latest if latest and _fits(latest.operation, observed.entered_at) else None


def _fits(operation: Operation, entered_at: datetime) -> bool:
    """Whether the state began within the life of the request: else somebody else brought it there."""
    if operation.sent_at is None or entered_at < operation.sent_at - CLOCKS_DIFFER_BY:
        return False
    return operation.ended_at is None or entered_at <= operation.ended_at + CLOCKS_DIFFER_BY
