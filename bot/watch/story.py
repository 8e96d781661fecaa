"""Which operation of the bot brought a workflow to where it is: for "by Ana, approved by Ben"."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from bot.operations import ledger
from bot.operations.model import Operation, Story
from bot.operations.model import State as OperationState
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.watch.model import Watch
from bot.workflows.states import State, state_of

CLOCKS_APART: Final = timedelta(minutes=2)
"""PlanetScale's clock and the bot's are not the same."""
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
_REVERSES = frozenset({WorkflowCall.REVERSE_TRAFFIC})
_SWITCHES = frozenset({WorkflowCall.SWITCH_REPLICAS, WorkflowCall.SWITCH_PRIMARIES})

_WAYS: Mapping[State, tuple[frozenset[WorkflowCall], str | None]] = {
    # state → the calls that lead there, and PlanetScale's time of it
    State.VERIFYING_DATA: (frozenset({WorkflowCall.VERIFY_DATA}), None),
    State.SWITCHING_REPLICAS: (_SWITCHES, None),
    State.SWITCHED_REPLICAS: (frozenset({WorkflowCall.SWITCH_REPLICAS}), "switch_replicas_at"),
    State.SWITCHING_PRIMARIES: (_SWITCHES, None),
    State.SWITCHED_PRIMARIES: (frozenset({WorkflowCall.SWITCH_PRIMARIES}), "switch_primaries_at"),
    State.REVERSING_TRAFFIC: (_REVERSES, None),
    State.REVERSING_TRAFFIC_FOR_CANCEL: (frozenset({WorkflowCall.CANCEL}), None),
    State.CUTTING_OVER: (frozenset({WorkflowCall.CUTOVER}), None),
    State.CUTOVER: (frozenset({WorkflowCall.CUTOVER}), "cutover_at"),
    State.REVERSED_CUTOVER: (frozenset({WorkflowCall.REVERSE_CUTOVER}), None),
    State.COMPLETED: (frozenset({WorkflowCall.COMPLETE}), "completed_at"),
    State.CANCELLING: (frozenset({WorkflowCall.CANCEL}), None),
    State.CANCELLED: (frozenset({WorkflowCall.CANCEL}), "cancelled_at"),
}


def story_of(connection: Connection, watch: Watch) -> Story | None:
    """The latest operation that can have led to the state; `None` where nobody asked the bot for it."""
    if watch.sight is None:
        return None
    ref, workflow = watch.ref, watch.sight.workflow
    calls, field = _WAYS.get(state_of(workflow.state) or State.PENDING, (frozenset(), None))
    stories = ledger.history(connection, ref.organization, ref.database, ref.number, LOOK_BACK)
    sent = [one for one in stories if one.operation.sent_at and one.operation.state in _DID_IT]
    latest = next((one for one in sent if one.operation.call in calls), None)
    return latest if latest and _fits(latest.operation, workflow, field) else None


def _fits(operation: Operation, workflow: Workflow, field: str | None) -> bool:
    """Whether PlanetScale's time of it, where there is one, lies within the life of the request."""
    moment: datetime | None = getattr(workflow, field) if field else None
    if moment is None or operation.sent_at is None:
        return True
    begun = operation.sent_at - CLOCKS_APART
    return begun <= moment and (operation.ended_at is None or moment <= operation.ended_at + CLOCKS_APART)
