"""The rows of operations: every change of state is a compare-and-swap, and stands in the audit log.

Plain functions of a connection, for `Database.write` and `Database.read`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    case,
    cast,
    literal,
    or_,
    select,
    type_coerce,
    update,
)

from bot.operations.model import ENDED, OPEN, OUTCOME_OPEN, Operation, State
from bot.operations.storage import step_leases
from bot.operations.storage.naming import has_no_name, is_about
from bot.operations.storage.operation_rows import from_row, to_row, understood
from bot.operations.storage.press_rows import undecided
from bot.store import audit
from bot.store.engine.counting import count
from bot.store.engine.notify import Part, notify
from bot.store.engine.statements import insert_new, serialize_on
from bot.store.errors import MovedError
from bot.store.schema import operations
from bot.store.types import Moment
from bot.subjects.model import Ref, Snapshot

_RUNNING = OUTCOME_OPEN | {State.EXECUTING}
REMEMBERED = 20
"""How many earlier requests on a workflow are asked for what it was like."""

# Made once: to make them takes longer than to carry them out.
_THE_ONE: Final = select(operations).where(operations.c.id == bindparam("operation"))
_SWAP: Final = update(operations).where(
    operations.c.id == bindparam("operation"),
    operations.c.fence == bindparam("seen_fence"),
    operations.c.state == bindparam("seen_state"),
)
"""Sets the columns that it is given."""


class OperationMovedError(MovedError):
    """Somebody else changed the operation meanwhile. Nothing was done; look again."""


class NotItsTurnError(OperationMovedError):
    """Another request on the workflow goes first. Nothing was done; look again once that may have ended."""


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
        action=operation.action.name,
        organization=operation.organization,
        database=operation.database,
        number=operation.number,
        **({"named": operation.named} if operation.named else {}),
        arguments=dict(operation.arguments),
        force=operation.force,
        reason=operation.reason,
        channel=operation.channel,
    )
    notify(connection, Part.WORKER)
    return True


def load(connection: Connection, operation_id: str) -> Operation | None:
    """The operation as it is now."""
    row = connection.execute(_THE_ONE, {"operation": operation_id}).mappings().first()
    return from_row(connection, row) if row else None


def direct_to(connection: Connection, operation_id: str) -> tuple[str, ...]:
    """Who gets its card as a direct message, whichever version wrote the row."""
    facts = connection.scalar(select(operations.c.facts).where(operations.c.id == operation_id))
    return tuple((facts or {}).get("direct_to") or ())


def held(connection: Connection, operation_id: str) -> Operation | None:
    """As `load`, and nobody else changes it until this transaction ends."""
    row = connection.execute(_THE_ONE.with_for_update(), {"operation": operation_id}).mappings().first()
    return from_row(connection, row) if row else None


def move(
    connection: Connection, operation: Operation, to: State, now: datetime, who: str = "bot", **changes: Any
) -> Operation:
    """Bring `operation` to state `to` with `changes`, if it is still as the caller saw it.

    The audit line names the arrow. An end sets `ended_at` and stops reading back.
    Raises `OperationMovedError` when somebody else was faster.
    """
    if to in ENDED and operation.state not in ENDED:
        changes = {"ended_at": now, "next_read_at": None} | changes
    after = _swap(connection, operation, replace(operation, state=to, **changes))
    if to in ENDED and operation.state not in ENDED:
        count(connection, lambda figures: figures.operation_ended(after.action.name, to.value))
    if operation.state is not to:
        audit.record(
            connection, now, who, to.value, operation.id, was=operation.state.value, cause=after.outcome.cause
        )
    return after


def amend(connection: Connection, operation: Operation, **changes: Any) -> Operation:
    """Change what is not the state. Raises `OperationMovedError` as `move` does."""
    return _swap(connection, operation, replace(operation, **changes))


def _swap(connection: Connection, before: Operation, after: Operation) -> Operation:
    after = replace(after, fence=before.fence + 1, version=before.version + 1)
    unchanged = {"operation": before.id, "seen_fence": before.fence, "seen_state": before.state.value}
    if connection.execute(_SWAP, to_row(after) | unchanged).rowcount != 1:
        raise OperationMovedError
    return after


def claim(connection: Connection, operation: Operation, worker: str, now: datetime) -> Operation:
    """Make `operation` this worker's to send: one wins.

    Raises `OperationMovedError` for the others, and for one whose lease was taken over; and
    `NotItsTurnError` while another request on its workflow is under way. The lease lasts for as long again,
    so nobody takes it over before the request has left.
    """
    if any(not press.attempts for press in undecided(connection, operation.id)):
        raise OperationMovedError  # somebody may just have taken it back: that is decided first
    if any(other.state in _RUNNING for other in open_on(connection, operation)):
        raise NotItsTurnError  # one after the other; what was looked at is old by then
    after = move(connection, operation, State.EXECUTING, now)
    longer = literal(now + step_leases.LASTS, Moment)
    until = case((operations.c.leased_by == worker, longer), else_=operations.c.leased_until)
    mine = {"claimed_by": worker, "claimed_at": now, "leased_until": until}
    connection.execute(update(operations).where(operations.c.id == operation.id).values(mine))
    return after


def claimed(connection: Connection, operation_id: str) -> tuple[str | None, datetime | None]:
    """Which worker claimed it, and when."""
    query = select(operations.c.claimed_by, operations.c.claimed_at).where(operations.c.id == operation_id)
    row = connection.execute(query).one()
    return row[0], row[1]


def own_claim(
    connection: Connection, before: Operation, state: State, worker: str, at: datetime
) -> Operation | None:
    """The operation in `state`, if `worker` brought it there from `before` with its claim of this moment."""
    this_one = (
        operations.c.id == before.id,
        operations.c.state == state.value,
        operations.c.fence == before.fence + 2,  # claimed, then brought to the state
        operations.c.claimed_by == worker,
        operations.c.claimed_at == at,
    )
    row = connection.execute(select(operations).where(*this_one)).mappings().first()
    return from_row(connection, row) if row else None


def let_go(connection: Connection, operation_id: str) -> None:
    """Whoever claimed it does not come back to it."""
    mine = operations.c.id == operation_id
    connection.execute(update(operations).where(mine).values(claimed_at=None))


def open_on(connection: Connection, operation: Operation) -> list[Operation]:
    """The others on the same workflow (for a create: creates in the database) that have not ended."""
    serialize_on(connection, f"{operation.organization}/{operation.database}/{operation.number}")
    same: list[Any] = [
        *_in_database(operation),
        operations.c.state.in_([state.value for state in OPEN - {State.REQUESTED}]),
        operations.c.id != operation.id,
    ]
    if operation.action.creates:
        same.append(operations.c.call.is_(None))
    else:
        same.append(_named_alike(operation))
    query = select(operations).where(*same).order_by(operations.c.asked_at)
    return [from_row(connection, row) for row in connection.execute(query).mappings()]


def on_its_subject(operation: Operation) -> tuple[ColumnElement[bool], ...]:
    """The others on the same workflow."""
    return (*_in_database(operation), _named_alike(operation), operations.c.id != operation.id)


def _in_database(operation: Operation) -> tuple[ColumnElement[bool], ...]:
    return operations.c.organization == operation.organization, operations.c.database == operation.database


def _named_alike(operation: Operation) -> ColumnElement[bool]:
    """About the same subject; about none that has a name, if it has none itself."""
    return and_(*is_about(operations, operation.ref)) if operation.ref else has_no_name(operations)


def is_followed(connection: Connection, operation: Operation) -> bool:
    """Whether another request on its workflow was sent since: what is seen there now may be that one's."""
    later = (
        *on_its_subject(operation),
        operations.c.sent_at > operation.sent_at,
    )
    return connection.scalar(select(operations.c.id).where(*later).limit(1)) is not None


def sent_before(connection: Connection, operation: Operation) -> Sequence[Operation]:
    """Operations on the same workflow that were sent, the latest first."""
    query = (
        select(operations)
        .where(
            *on_its_subject(operation),
            operations.c.sent_at.is_not(None),
        )
        .order_by(operations.c.sent_at.desc())
    )
    return list(understood(connection, query))


def is_outcome_open(connection: Connection, ref: Ref) -> bool:
    """Whether a request was sent to this workflow whose end is not proven."""
    here = (
        *is_about(operations, ref),
        operations.c.state.in_([state.value for state in OUTCOME_OPEN]),
    )
    return connection.scalar(select(operations.c.id).where(*here).limit(1)) is not None


def nothing_open(connection: Connection, operation: Operation, now: datetime) -> bool:
    """Whether no other request to its subject is about to be sent, under way, not known, or may still take
    effect."""
    if operation.ref is None or any(one.state is not State.WAITING for one in open_on(connection, operation)):
        return False
    doubts = (one.in_doubt_until for one in sent_before(connection, operation))
    return not any(until and now < until for until in doubts)


_AWAITED: Final = select(operations).where(
    operations.c.call.is_not(None),
    operations.c.sent_at.is_not(None),
    or_(
        operations.c.state.in_([state.value for state in OUTCOME_OPEN]),
        (operations.c.state == State.NOT_SEEN.value) & operations.c.next_read_at.is_not(None),
    ),
)


def awaited_on(connection: Connection, ref: Ref) -> Sequence[Operation]:
    """Operations that were sent to a workflow, and of which it is not known yet how they ended, or not for
    sure: what was not seen to happen is looked after for a while.
    """
    return list(understood(connection, _AWAITED.where(*is_about(operations, ref))))


def hold(connection: Connection, refs: Iterable[Ref]) -> None:
    """Until this transaction ends, nobody else changes a request on these that may still change.

    Whoever changes a request goes on to the watch on its subject: who begins with the watch and comes to
    requests later holds these first, lest each waits for the other. SQLite's transactions go in turn anyway.
    """
    here = [and_(*is_about(operations, ref)) for ref in refs]
    if not here or connection.dialect.name != "postgresql":
        return
    open_ones = or_(operations.c.ended_at.is_(None), operations.c.next_read_at.is_not(None))
    query = select(operations.c.id).where(or_(*here), open_ones).order_by(operations.c.id)
    connection.execute(query.with_for_update(key_share=True)).all()  # presses can still be taken down


def last_read(connection: Connection, operation: Operation) -> tuple[Snapshot, datetime] | None:
    """The workflow as any request on it read it last, and when."""
    query = (
        select(operations)
        .where(*on_its_subject(operation))
        .order_by(operations.c.asked_at.desc())
        .limit(REMEMBERED)
    )
    found: list[tuple[Snapshot, datetime]] = []
    for other in understood(connection, query):
        reads = ((other.outcome.latest, other.outcome.read_at), (other.seen, other.checked_at))
        found += [(workflow, at) for workflow, at in reads if workflow and at]
    return max(found, key=lambda one: one[1], default=None)


def look_again(connection: Connection, ref: Ref, now: datetime) -> None:
    """Requests that wait for people on this workflow are checked anew: what was shown may not be so."""
    here = (
        *is_about(operations, ref),
        operations.c.state == State.WAITING.value,
    )
    connection.execute(update(operations).where(*here).values(next_read_at=now))
    notify(connection, Part.WORKER)


def reply_given(connection: Connection, operation_id: str) -> Operation | None:
    """The requester gets their private answer: forget that it was owed, and where to.

    The operation as it was; `None` if nothing was owed any more.
    """
    operation = load(connection, operation_id)
    if operation is None or operation.owed is None:
        return None
    amend(connection, operation, owed=None, reply_to=None)
    return operation


def with_pending_reply(
    connection: Connection, worker: str, now: datetime, since: datetime
) -> list[Operation]:
    """Operations asked for, or ended, after `since` whose requester has not got their private answer.

    But for those that another worker holds: it gives what it owes.
    """
    lately = or_(operations.c.asked_at > since, operations.c.ended_at > since)
    # as text: rows whose JSON is spoilt are left out, and hide no others
    owes = cast(type_coerce(operations.c.facts, Text), Text).contains('"owed": "')
    at_hand = or_(
        operations.c.leased_until.is_(None),
        operations.c.leased_until <= now,
        operations.c.leased_by == worker,
    )
    return [
        one for one in understood(connection, select(operations).where(lately, owes, at_hand)) if one.owed
    ]
