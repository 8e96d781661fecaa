"""The rows of operations: every change of state is a compare-and-swap, and stands in the audit log.

Plain functions of a connection, for `Database.write` and `Database.read`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, or_, select, update

from bot.approvals.terms import Gate
from bot.operations.model import ENDED, OPEN, OUTCOME_OPEN, Decided, DecisionKind, Operation, State, Story
from bot.operations.rows import decided, from_row, to_row
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.store import audit
from bot.store.schema import decisions, operations, presses
from bot.store.statements import insert_new, serialize_on

_RUNNING = OUTCOME_OPEN | {State.EXECUTING}
REMEMBERED = 20
"""How many earlier requests on a workflow are asked for what it was like."""


class MovedError(Exception):
    """Somebody else changed the operation meanwhile. Nothing was done; look again."""


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
    id: int = 0
    attempts: int = 0


def add(connection: Connection, operation: Operation, trigger_id: str | None) -> bool:
    """Take an operation down. False for a command that is delivered again: it is the same operation."""
    if not insert_new(connection, operations, to_row(operation) | {"trigger_id": trigger_id}):
        return False
    audit.record(
        connection,
        operation.asked_at,
        operation.requester,
        "asked",
        operation.id,
        action=operation.action.value,
        organization=operation.organization,
        database=operation.database,
        number=operation.number,
        arguments=dict(operation.arguments),
        force=operation.force,
        channel=operation.channel,
    )
    return True


def load(connection: Connection, operation_id: str) -> Operation | None:
    """The operation as it is now."""
    row = connection.execute(select(operations).where(operations.c.id == operation_id)).mappings().first()
    return from_row(row) if row else None


def move(
    connection: Connection, operation: Operation, to: State, now: datetime, who: str = "bot", **changes: Any
) -> Operation:
    """Bring `operation` to state `to` with `changes`, if it is still as the caller saw it.

    The audit line names the arrow. An end sets `ended_at` and stops reading back.
    Raises `MovedError` when somebody else was faster.
    """
    if to in ENDED and operation.state not in ENDED:
        changes = {"ended_at": now, "next_read_at": None} | changes
    after = _swap(connection, operation, replace(operation, state=to, **changes))
    if operation.state is not to:
        audit.record(
            connection, now, who, to.value, operation.id, was=operation.state.value, cause=after.outcome.cause
        )
    return after


def amend(connection: Connection, operation: Operation, **changes: Any) -> Operation:
    """Change what is not the state. Raises `MovedError` as `move` does."""
    return _swap(connection, operation, replace(operation, **changes))


def _swap(connection: Connection, before: Operation, after: Operation) -> Operation:
    after = replace(after, fence=before.fence + 1, version=before.version + 1)
    unchanged = (
        operations.c.id == before.id,
        operations.c.fence == before.fence,
        operations.c.state == before.state.value,
    )
    done = connection.execute(update(operations).where(*unchanged).values(to_row(after)))
    if done.rowcount != 1:
        raise MovedError
    return after


def claim(connection: Connection, operation: Operation, worker: str, now: datetime) -> Operation:
    """Make `operation` this worker's to send: one wins. Raises `MovedError` for the others."""
    if undecided(connection, operation.id):
        raise MovedError  # somebody may just have taken it back: that is decided first
    if any(_is_in_the_way(other, operation) for other in open_on(connection, operation)):
        raise MovedError  # it left after this one was looked at: look again
    if any(other.state in _RUNNING for other in open_on(connection, operation)):
        raise MovedError  # another request on the workflow was faster: one after the other
    after = move(connection, operation, State.EXECUTING, now)
    mine = {"claimed_by": worker, "claimed_at": now}
    connection.execute(update(operations).where(operations.c.id == operation.id).values(mine))
    return after


def _is_in_the_way(other: Operation, operation: Operation) -> bool:
    """Whether `other` was sent there and its end is not proven. Creates meet only on a branch."""
    meet = operation.call is not None or other.branch == operation.branch
    return meet and other.state in OUTCOME_OPEN


def claimed(connection: Connection, operation_id: str) -> tuple[str | None, datetime | None]:
    """Which worker claimed it, and when."""
    query = select(operations.c.claimed_by, operations.c.claimed_at).where(operations.c.id == operation_id)
    row = connection.execute(query).one()
    return row[0], row[1]


def open_on(connection: Connection, operation: Operation) -> list[Operation]:
    """The others on the same workflow (for a create: creates in the database) that have not ended."""
    serialize_on(connection, f"{operation.organization}/{operation.database}/{operation.number}")
    same: list[Any] = [
        operations.c.organization == operation.organization,
        operations.c.database == operation.database,
        operations.c.state.in_([state.value for state in OPEN - {State.REQUESTED}]),
        operations.c.id != operation.id,
    ]
    if operation.call is None:
        same.append(operations.c.call.is_(None))
    else:
        same.append(operations.c.number == operation.number)
    query = select(operations).where(*same).order_by(operations.c.asked_at)
    return [from_row(row) for row in connection.execute(query).mappings()]


def due(connection: Connection, now: datetime) -> list[str]:
    """The ids of operations for which there is something to do now."""
    active = operations.c.state.in_([State.REQUESTED, State.READY, State.EXECUTING, State.SENDING])
    expired = (operations.c.state == State.WAITING) & (
        (operations.c.expires_at <= now) | operations.c.reminded_at.is_(None)
    )
    to_read = operations.c.next_read_at <= now
    pressed = operations.c.id.in_(select(presses.c.operation_id).where(presses.c.decided_at.is_(None)))
    query: Select[Any] = select(operations.c.id).where(or_(active, expired, to_read, pressed))
    return list(connection.scalars(query.order_by(operations.c.asked_at)))


def story(connection: Connection, operation_id: str) -> Story | None:
    """The operation, what people decided, and the request that asks for the same again."""
    operation = load(connection, operation_id)
    if operation is None:
        return None
    counted = connection.execute(
        select(decisions).where(decisions.c.operation_id == operation_id).order_by(decisions.c.id)
    ).mappings()
    asked_again = (operations.c.again_of == operation_id) & (operations.c.state != State.BLOCKED.value)
    again = select(operations.c.id).where(asked_again).order_by(operations.c.asked_at)
    return Story(
        operation=operation,
        decisions=_with_reasons(decided(row) for row in counted),
        asked_again=connection.scalar(again.limit(1)),
        kind=operation.kind,
        way_back_alone=operation.way_back_alone,
    )


def _with_reasons(rows: Iterable[Decided]) -> tuple[Decided, ...]:
    """The decisions; a reason that was given afterwards stands beside the decision that it is about."""
    told: list[Decided] = []
    for row in rows:
        if row.kind is not DecisionKind.REASON:
            told.append(row)
            continue
        mine = [place for place, one in enumerate(told) if one.user == row.user]
        if mine:
            told[mine[-1]] = replace(told[mine[-1]], reason=row.reason)
    return tuple(told)


def give_reason(
    connection: Connection, operation_id: str, user: str, reason: str, now: datetime
) -> Operation | None:
    """Keep why somebody denied it, or why its requester asks. The operation, if it was theirs to say."""
    found = story(connection, operation_id)
    text = reason.strip()[:500]
    if found is None or not text:
        return None
    operation = found.operation
    denied = found.last(DecisionKind.DENY)
    if denied and denied.user == user:
        values = {"operation_id": operation_id, "user_id": user, "kind": DecisionKind.REASON.value}
        connection.execute(insert(decisions).values(values | {"at": now, "reason": text}))
        after = amend(connection, operation)
    elif operation.requester == user and operation.state in OPEN:
        after = amend(connection, operation, reason=text)
    else:
        return None
    audit.record(connection, now, user, "gave a reason", operation_id, reason=text)
    return after


def press(connection: Connection, pressed: Press) -> bool:
    """Take a press down. False for one that was delivered before, or of an operation that does not exist."""
    if load(connection, pressed.operation_id) is None:
        return False
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
            "attempts": 0,
        },
    )


def undecided(connection: Connection, operation_id: str) -> list[Press]:
    """The presses that nobody has looked at, in the order of their receipt."""
    waiting = (presses.c.operation_id == operation_id) & presses.c.decided_at.is_(None)
    query = select(presses).where(waiting).order_by(presses.c.received_at, presses.c.id)
    return [_press(row) for row in connection.execute(query).mappings()]


def settle(connection: Connection, pressed: Press, now: datetime, result: str) -> bool:
    """Close a press with its result, and forget where it could be answered. False if it was closed before."""
    mine = (presses.c.id == pressed.id) & presses.c.decided_at.is_(None)
    values = {"decided_at": now, "result": result, "response_url": None}
    closed = connection.execute(update(presses).where(mine).values(values)).rowcount == 1
    if closed:
        audit.record(
            connection, now, pressed.user_id, f"pressed {pressed.kind}", pressed.operation_id, result=result
        )
    return closed


def count(connection: Connection, pressed: Press, kind: DecisionKind, now: datetime) -> None:
    """Write down that a press counted."""
    values = {
        "operation_id": pressed.operation_id,
        "press_id": pressed.id,
        "user_id": pressed.user_id,
        "kind": kind.value,
        "at": now,
    }
    connection.execute(insert(decisions).values(values))


def counted(connection: Connection, operation_id: str) -> tuple[Decided, ...]:
    """The presses that counted, in order."""
    found = story(connection, operation_id)
    return found.decisions if found else ()


def sent_before(connection: Connection, operation: Operation) -> Sequence[Operation]:
    """Operations on the same workflow that were sent, the latest first."""
    query = (
        select(operations)
        .where(
            operations.c.organization == operation.organization,
            operations.c.database == operation.database,
            operations.c.number == operation.number,
            operations.c.sent_at.is_not(None),
            operations.c.id != operation.id,
        )
        .order_by(operations.c.sent_at.desc())
    )
    return [from_row(row) for row in connection.execute(query).mappings()]


def last_read(connection: Connection, operation: Operation) -> tuple[Workflow, datetime] | None:
    """The workflow as any request on it read it last, and when."""
    query = (
        select(operations)
        .where(
            operations.c.organization == operation.organization,
            operations.c.database == operation.database,
            operations.c.number == operation.number,
            operations.c.id != operation.id,
        )
        .order_by(operations.c.asked_at.desc())
        .limit(REMEMBERED)
    )
    found: list[tuple[Workflow, datetime]] = []
    for row in connection.execute(query).mappings():
        other = from_row(row)
        reads = ((other.outcome.latest, other.outcome.read_at), (other.seen, other.checked_at))
        found += [(workflow, at) for workflow, at in reads if workflow and at]
    return max(found, key=lambda one: one[1], default=None)


def history(
    connection: Connection, organization: str, database: str, number: int | None, limit: int
) -> list[Story]:
    """The latest operations of a database or of one workflow, newest first."""
    wanted: list[Any] = [operations.c.organization == organization, operations.c.database == database]
    if number is not None:
        wanted.append(operations.c.number == number)
    query = select(operations.c.id).where(*wanted).order_by(operations.c.asked_at.desc()).limit(limit)
    return _stories(connection, connection.scalars(query))


def latest(connection: Connection, organizations: Collection[str], limit: int) -> list[Story]:
    """The latest operations of these organizations, newest first."""
    here = operations.c.organization.in_(organizations)
    query = select(operations.c.id).where(here).order_by(operations.c.asked_at.desc()).limit(limit)
    return _stories(connection, connection.scalars(query))


def look_again(connection: Connection, ref: WorkflowRef, now: datetime) -> None:
    """Requests that wait for people on this workflow are checked anew: what was shown may not be so."""
    here = (
        operations.c.organization == ref.organization,
        operations.c.database == ref.database,
        operations.c.number == ref.number,
        operations.c.state == State.WAITING.value,
    )
    connection.execute(update(operations).where(*here).values(next_read_at=now))


def waiting(connection: Connection) -> list[Story]:
    """What waits for others than its requester, the oldest first. A private question is nobody else's."""
    asked = (operations.c.state == State.WAITING) & (operations.c.gate == Gate.PEER.value)
    query = select(operations.c.id).where(or_(asked, operations.c.state == State.NEEDS_PERSON))
    return _stories(connection, connection.scalars(query.order_by(operations.c.asked_at)))


def _stories(connection: Connection, ids: Iterable[str]) -> list[Story]:
    found = (story(connection, operation_id) for operation_id in list(ids))
    return [one for one in found if one]


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
        attempts=row["attempts"],
    )


def paid(connection: Connection, operation_id: str) -> Operation | None:
    """The requester gets their private answer: forget that it was owed, and where to.

    The operation as it was; `None` if nothing was owed any more.
    """
    operation = load(connection, operation_id)
    if operation is None or operation.owed is None:
        return None
    amend(connection, operation, owed=None, reply_to=None)
    return operation


def owing(connection: Connection, since: datetime) -> list[Operation]:
    """Operations asked for, or ended, after `since` whose requester has not got their private answer."""
    lately = or_(operations.c.asked_at > since, operations.c.ended_at > since)
    found = [from_row(row) for row in connection.execute(select(operations).where(lately)).mappings()]
    return [one for one in found if one.owed]
