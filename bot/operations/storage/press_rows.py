"""The rows of presses and of decisions. Both are only ever added.

Plain functions of a connection, for `Database.write` and `Database.read`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.operations.model import DecisionKind
from bot.store import audit
from bot.store.engine.notify import Part, notify
from bot.store.engine.statements import insert_new, shared_now
from bot.store.schema import decisions, operations, presses

TRY_AGAIN = timedelta(seconds=5)
"""How long after its receipt, and again after that, a press of somebody whom Slack did not name is tried."""
_AGREES: Final = (DecisionKind.APPROVE.value, DecisionKind.CONFIRM.value)
_UNDECIDED: Final = (
    select(presses)
    .where(presses.c.operation_id == bindparam("operation"), presses.c.decided_at.is_(None))
    .order_by(presses.c.received_at, presses.c.id)
)

_LAST_CONSENT: Final = (
    select(presses.c.stored_at)
    .join(decisions, decisions.c.press_id == presses.c.id)
    .where(decisions.c.operation_id == bindparam("operation"), decisions.c.kind.in_(_AGREES))
    .order_by(decisions.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press of a button, as it was received."""

    operation_id: str
    user_id: str
    trigger_id: str
    kind: str
    prefix: str
    """The first part of the digest that the button carried; empty where it carried none."""
    received_at: datetime
    channel: str | None = None
    message_ts: str | None = None
    response_url: str | None = None
    reason: str | None = None
    """Why, where it was said before the press counted."""
    id: int = 0
    attempts: int = 0
    """How often Slack was asked in vain who that is."""

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be looked at, also where the clock was set back since."""
        return now >= self.received_at + TRY_AGAIN * self.attempts or now < self.received_at


def press(connection: Connection, pressed: Press) -> bool:
    """Take a press down. False for one that was delivered before, or of an operation that does not exist."""
    known = select(operations.c.id).where(operations.c.id == pressed.operation_id)
    if connection.scalar(known) is None:
        return False
    notify(connection, Part.WORKER)
    return insert_new(
        connection,
        presses,
        {
            "operation_id": pressed.operation_id,
            "user_id": pressed.user_id,
            "trigger_id": pressed.trigger_id,
            "kind": pressed.kind,
            "digest_prefix": pressed.prefix,
            "received_at": pressed.received_at,
            "channel": pressed.channel,
            "message_ts": pressed.message_ts,
            "response_url": pressed.response_url,
            "reason": pressed.reason,
            "attempts": 0,
        },
        stored_at=shared_now(connection),
    )


def undecided(connection: Connection, operation_id: str) -> list[Press]:
    """The presses that nobody has looked at, in the order of their receipt."""
    return [_press(row) for row in connection.execute(_UNDECIDED, {"operation": operation_id}).mappings()]


def due(connection: Connection, operation_id: str, now: datetime) -> list[Press]:
    """Those of them whose turn it is: what Slack could not name is tried again a little later."""
    return [one for one in undecided(connection, operation_id) if one.is_due(now)]


def put_aside(connection: Connection, pressed: Press) -> None:
    """Slack did not name whoever pressed: it is asked again, and nothing waits for that."""
    mine = (presses.c.id == pressed.id) & presses.c.decided_at.is_(None)
    connection.execute(update(presses).where(mine).values(attempts=pressed.attempts + 1))


def settle(connection: Connection, pressed: Press, now: datetime, result: str) -> bool:
    """Close a press with its result, and forget where it could be answered. False if it was closed before."""
    mine = (presses.c.id == pressed.id) & presses.c.decided_at.is_(None)
    values = {"decided_at": now, "result": result, "response_url": None}
    closed = connection.execute(update(presses).where(mine).values(values)).rowcount == 1
    if closed:
        why = {"reason": pressed.reason} if pressed.reason else {}
        what = f"pressed {pressed.kind}"
        audit.record(connection, now, pressed.user_id, what, pressed.operation_id, result=result, **why)
    return closed


def count(connection: Connection, pressed: Press, kind: DecisionKind, now: datetime) -> None:
    """Write down that a press counted."""
    values = {
        "operation_id": pressed.operation_id,
        "press_id": pressed.id,
        "user_id": pressed.user_id,
        "kind": kind.value,
        "at": now,
        "reason": pressed.reason,
    }
    connection.execute(insert(decisions), values)


def since_consent(connection: Connection, operation_id: str) -> timedelta | None:
    """How long ago the last press that agreed was stored, by the clock that all processes share.

    `None`: there is no such clock or no such press, or a version that did not know it wrote the row.
    """
    now = shared_now(connection)
    if now is None:
        return None
    row = connection.execute(select(now, _LAST_CONSENT.scalar_subquery()), {"operation": operation_id}).one()
    return None if row[1] is None else row[0] - row[1]


def _press(row: Any) -> Press:
    return Press(
        id=row["id"],
        operation_id=row["operation_id"],
        user_id=row["user_id"],
        trigger_id=row["trigger_id"],
        kind=row["kind"],
        prefix=row["digest_prefix"] or "",
        received_at=row["received_at"],
        channel=row["channel"],
        message_ts=row["message_ts"],
        response_url=row["response_url"],
        reason=row["reason"],
        attempts=row["attempts"],
    )
