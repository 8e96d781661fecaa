"""Which operations have something to do now: one query, whose cost is what is due and not what exists."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    exists,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)

from bot.operations.model import OUTCOME_OPEN, Operation, State
from bot.operations.storage.press_rows import TRY_AGAIN
from bot.store.schema import operations, presses
from bot.store.types import Moment

_AT_WORK = (State.REQUESTED, State.READY, State.EXECUTING, State.SENDING)
"""They are brought on as fast as it goes, so there are few of them at any time."""
_READ_BACK = (State.WAITING, State.NOT_SEEN, *sorted(OUTCOME_OPEN - {State.SENDING}))
_ASKED = (State.REQUESTED, State.READY)
_NOW: Final = bindparam("now", type_=Moment)


@dataclass(frozen=True, slots=True)
class Due:
    """An operation with something to do, as far as rows can tell."""

    id: str
    state: str
    pressed: bool
    """A press waits to be decided, and it is its turn."""
    next_read_at: datetime | None
    execute_by: datetime | None
    claimed_by: str | None
    claimed_at: datetime | None
    leased_by: str | None
    leased_until: datetime | None

    @property
    def is_asked(self) -> bool:
        """Whether somebody has just asked for it, or pressed a button, and waits."""
        return self.pressed or self.state in _ASKED

    def is_read_due(self, now: datetime) -> bool:
        """Whether it is to be read, or tried, again."""
        return self.next_read_at is not None and self.next_read_at <= now

    def is_held_by_another(self, worker: str, now: datetime) -> bool:
        """Whether somebody else is at a step of it."""
        held = self.leased_until is not None and self.leased_until > now
        return held and self.leased_by != worker


def due(connection: Connection, worker: str, now: datetime) -> list[Due]:
    """What has something to do now, and is at hand for `worker`: what people asked for first, then by age.

    What is ready is among it also while another worker holds it, or it was put off: whoever looks remembers
    when its window began. What is being sent is among it, for whoever knows whether its sender is alive.
    """
    rows = connection.execute(_DUE, {"now": now, "worker": worker})
    return [Due(*row) for row in rows]


def plan(connection: Connection, operation: Operation) -> None:
    """Write down when time brings it on: another version of the bot, which changed it, did not."""
    same = (operations.c.id == operation.id, operations.c.fence == operation.fence)
    connection.execute(update(operations).where(*same).values(wake_at=operation.wake_at))


def _candidates() -> Any:
    at_work = select(operations.c.id).where(operations.c.state.in_(_AT_WORK))
    waiting = operations.c.state == State.WAITING
    woken = select(operations.c.id).where(waiting, operations.c.wake_at <= _NOW)
    not_worked_out = select(operations.c.id).where(waiting, operations.c.wake_at.is_(None))
    to_read = select(operations.c.id).where(
        operations.c.state.in_(_READ_BACK), operations.c.next_read_at <= _NOW
    )
    pressed = select(presses.c.operation_id).where(presses.c.decided_at.is_(None), _its_turn())
    left = select(operations.c.id).where(operations.c.leased_until <= _NOW)
    return union_all(at_work, woken, not_worked_out, to_read, pressed, left)


def _its_turn() -> ColumnElement[bool]:
    """As `Press.is_due`."""
    put_aside = presses.c.attempts * int(TRY_AGAIN.total_seconds() * 1_000_000)
    again_at = type_coerce(presses.c.received_at, BigInteger) + put_aside
    return or_(again_at <= _NOW, presses.c.received_at > _NOW)


def _due() -> Select[Any]:
    pressed = exists().where(
        presses.c.operation_id == operations.c.id, presses.c.decided_at.is_(None), _its_turn()
    )
    at_hand = or_(
        operations.c.leased_until.is_(None),
        operations.c.leased_until <= _NOW,
        operations.c.leased_by == bindparam("worker"),
        operations.c.state == State.READY,
    )
    asked = or_(operations.c.state.in_(_ASKED), pressed)
    return (
        select(
            operations.c.id,
            operations.c.state,
            pressed.label("pressed"),
            operations.c.next_read_at,
            operations.c.execute_by,
            operations.c.claimed_by,
            operations.c.claimed_at,
            operations.c.leased_by,
            operations.c.leased_until,
        )
        .where(operations.c.id.in_(_candidates()), at_hand)
        .order_by(case((asked, 0), else_=1), operations.c.asked_at)
    )


# Made once: to make it takes longer than to carry it out.
_DUE: Final = _due()
