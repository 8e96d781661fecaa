"""What people are to see after a change of state: the card, and who is told what, and how loudly."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.operations.events import Event
from bot.operations.model import ENDED, Operation, State
from bot.operations.ports import CardBoard, Telling
from bot.operations.storage import repository, stories

_TOLD: Mapping[State, tuple[Event, bool]] = {
    # state → event, and whether it is a reply alone (else the channel is shown it too)
    State.DENIED: (Event.DENIED, True),
    State.EXPIRED: (Event.EXPIRED, True),
    State.TOO_LATE: (Event.TOO_LATE, True),
    State.SUPERSEDED: (Event.SUPERSEDED, True),
    State.WITHDRAWN: (Event.WITHDRAWN, True),
    State.REFUSED: (Event.REFUSED, False),
    State.BROKE_OFF: (Event.BROKE_OFF, False),
    State.UNKNOWN: (Event.UNKNOWN, False),
    State.NEEDS_PERSON: (Event.NEEDS_PERSON, False),
    State.IN_PLACE: (Event.IN_PLACE, False),
    State.NOT_SEEN: (Event.RESOLVED, False),
}


def announce(
    board: CardBoard, connection: Connection, before: Operation, after: Operation, now: datetime
) -> None:
    """Put on the board what follows from `before` becoming `after`. Part of the same transaction."""
    if after.again_of and after.state is not before.state and after.state in {State.WAITING, State.BLOCKED}:
        _redraw(board, connection, after.again_of, now)
    if before.changed_at != after.changed_at and after.ref:
        for earlier in stories.shown_on(connection, after.ref):
            board.outdate(connection, earlier, now)
    if not after.has_card:
        return
    board.card(connection, after, now)
    if before.state is after.state:
        return
    if State.WAITING in {before.state, after.state}:
        for told in (Event.REMINDER, Event.ASK_SOMEONE):
            board.outdate(connection, after.id, now, told)
    if after.state is State.WAITING and before.state is State.REQUESTED:
        board.tell(connection, after, Telling(Event.TABLES, in_thread=True), now)
    elif telling := _telling(before, after):
        board.tell(connection, after, telling, now)


def _redraw(board: CardBoard, connection: Connection, operation_id: str, now: datetime) -> None:
    """The card that was asked again says so, or offers it once more if nothing came of it."""
    earlier = repository.load(connection, operation_id)
    if earlier and earlier.has_card:
        board.card(connection, earlier, now)


def _telling(before: Operation, after: Operation) -> Telling | None:
    if after.state is State.SUCCEEDED:
        return _success(after)
    resolved = before.state is State.UNKNOWN and after.state in _TOLD.keys() & ENDED
    if resolved or after.state is State.NOT_SEEN:
        return Telling(Event.RESOLVED, in_thread=False, data=_data(after))
    if after.state in _TOLD:
        event, in_thread = _TOLD[after.state]
        return Telling(event, in_thread, _data(after))
    return None


def _success(after: Operation) -> Telling | None:
    if after.outcome.known_at:
        return Telling(Event.RESOLVED, in_thread=False, data=_data(after))
    action = after.action
    if action.only_starts:
        return Telling(Event.BEGUN, in_thread=True, data=_data(after))
    quietly = not action.heard_by_all and not after.outcome.slow  # a call is closed where it was made
    return Telling(Event.SUCCEEDED, in_thread=quietly, data=_data(after))


def _data(operation: Operation) -> Mapping[str, Any]:
    return {"state": operation.state.value}
