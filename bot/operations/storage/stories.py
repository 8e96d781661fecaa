"""Operations with what people decided about them: what a card or a list of them tells.

Plain functions of a connection, for `Database.write` and `Database.read`.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, Connection, bindparam, insert, or_, select

from bot.approvals.terms import Gate
from bot.operations.model import ENDED, MAY_HAVE_CHANGED, OPEN, Decided, DecisionKind, Operation, State, Story
from bot.operations.storage import repository
from bot.operations.storage.kept_forms import forms_for
from bot.operations.storage.lately import LATELY, lately
from bot.operations.storage.naming import is_about
from bot.operations.storage.operation_rows import decided, understood
from bot.store import audit
from bot.store.errors import RowNotUnderstoodError
from bot.store.schema import decisions, operations
from bot.subjects.model import Ref

log = structlog.stdlib.get_logger(__name__)

_ENDED_UNSEEN = operations.c.state == State.NOT_SEEN.value
"""Its effect can come long after its end."""
LOOKED_AT = 20
"""How many of the latest requests on a workflow are looked at for what was decided about the same."""
REDRAWN = 10
"""So many cards of a workflow are redrawn when it changes; older ones were when they were the latest."""

_COUNTED: Final = (
    select(decisions).where(decisions.c.operation_id == bindparam("operation")).order_by(decisions.c.id)
)
_ASKED_AGAIN: Final = (
    select(operations.c.id)
    .where(operations.c.again_of == bindparam("operation"), operations.c.state != State.BLOCKED.value)
    .order_by(operations.c.asked_at)
    .limit(1)
)


def story(connection: Connection, operation_id: str) -> Story | None:
    """The operation, what people decided, and the request that asks for the same again."""
    operation = repository.load(connection, operation_id)
    if operation is None:
        return None
    this = {"operation": operation_id}
    found = Story(
        operation=operation,
        decisions=counted(connection, operation_id),
        asked_again=connection.scalar(_ASKED_AGAIN, this),
        lately=_lately(connection, operation),
        kind=operation.kind,
        way_back_alone=operation.way_back_alone,
    )
    return forms_for(connection, operation).with_history(connection, found, as_of_now=False)


def _lately(connection: Connection, operation: Operation) -> tuple[Story, ...]:
    """What came to nothing lately of what asked for the same, for whoever decides now."""
    if operation.state is not State.WAITING:
        return ()
    ended = operations.c.ended_at > operation.asked_at - LATELY
    query = select(operations.c.id).where(*repository.on_its_subject(operation), ended)
    found = all_of(
        connection, connection.scalars(query.order_by(operations.c.ended_at.desc()).limit(LOOKED_AT))
    )
    return lately(operation, found)


def story_as_of_now(connection: Connection, operation_id: str) -> Story | None:
    """The story, with what changed its workflow last after it had ended: for whoever says how things are."""
    found = story(connection, operation_id)
    return found and as_of_now(connection, found)


def as_of_now(connection: Connection, told: Story) -> Story:
    """The same for a story that was read already."""
    found = replace(told, overtaken_by=_overtaken_by(connection, told.operation))
    return forms_for(connection, told.operation).with_history(connection, found, as_of_now=True)


def _overtaken_by(connection: Connection, operation: Operation) -> Operation | None:
    if operation.ref is None or operation.state not in ENDED or operation.ended_at is None:
        return None
    over = operation.outcome.late_effect_at or operation.ended_at
    query = (
        select(operations)
        .where(
            *repository.on_its_subject(operation),
            operations.c.sent_at.is_not(None),
            operations.c.state.in_([state.value for state in MAY_HAVE_CHANGED | {State.NOT_SEEN}]),
            or_(operations.c.ended_at.is_(None), operations.c.ended_at > over, _ENDED_UNSEEN),
        )
        .order_by(operations.c.sent_at.desc())
    )
    later = understood(connection, query)
    return next((one for one in later if one.changed_at and one.changed_at > over), None)


def shown_on(connection: Connection, ref: Ref) -> list[str]:
    """The ids of the requests on a workflow that have ended with a card, the latest first."""
    asked_others = (operations.c.gate == Gate.PEER.value) & (operations.c.state != State.BLOCKED.value)
    here = (
        *is_about(operations, ref),
        operations.c.state.in_([state.value for state in ENDED]),
        or_(operations.c.approved_at.is_not(None), asked_others),
    )
    query = select(operations.c.id).where(*here).order_by(operations.c.ended_at.desc()).limit(REDRAWN)
    return list(connection.scalars(query))


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
    """Keep why somebody denied it, or why its requester asks. The operation, if it was theirs to say.

    `reason` as `bot.commands.reason` keeps it. What the requester said stays as approvers read it.
    """
    found = story(connection, operation_id)
    if found is None:
        return None
    operation = found.operation
    denied = found.last(DecisionKind.DENY)
    who = operation.identity(user)
    if denied and operation.identity(denied.user) == who:
        if denied.reason == reason:
            return operation  # the same words, taken down twice
        values = {"operation_id": operation_id, "user_id": user, "kind": DecisionKind.REASON.value}
        connection.execute(insert(decisions), values | {"at": now, "reason": reason})
        after = repository.amend(connection, operation)
    elif operation.identity(operation.requester) == who and operation.state in OPEN and not operation.reason:
        after = repository.amend(connection, operation, reason=reason)
    else:
        return None
    audit.record(connection, now, user, "gave a reason", operation_id, reason=reason)
    return after


def counted(connection: Connection, operation_id: str) -> tuple[Decided, ...]:
    """The presses that counted, in order."""
    rows = connection.execute(_COUNTED, {"operation": operation_id}).mappings()
    return _with_reasons(decided(row) for row in rows)


def approvals(connection: Connection, operation_id: str) -> tuple[Decided, ...]:
    """Whose latest word is an approval, in order."""
    found = story(connection, operation_id)
    return found.approved_by if found else ()


def history(
    connection: Connection, organization: str, database: str, ref: Ref | None, limit: int
) -> list[Story]:
    """The latest operations of a database or of one subject, newest first, without what came later."""
    wanted: list[Any] = [operations.c.organization == organization, operations.c.database == database]
    if ref is not None:
        wanted += is_about(operations, ref)
    query = select(operations.c.id).where(*wanted).order_by(operations.c.asked_at.desc()).limit(limit)
    return all_of(connection, connection.scalars(query))


def latest(connection: Connection, organizations: Collection[str], limit: int) -> list[Story]:
    """The latest operations of these organizations, newest first."""
    here = operations.c.organization.in_(organizations)
    query = select(operations.c.id).where(here).order_by(operations.c.asked_at.desc()).limit(limit)
    return all_of(connection, connection.scalars(query))


_WAITS_FOR_PEOPLE: Final = or_(
    (operations.c.state == State.WAITING) & (operations.c.gate == Gate.PEER.value),
    operations.c.state == State.NEEDS_PERSON,
)
"""A private question is nobody else's."""


def waiting(connection: Connection) -> list[Story]:
    """What waits for others than its requester, the oldest first."""
    return _waiting(connection)


def waiting_on(connection: Connection, ref: Ref) -> list[Story]:
    """The same, on one subject."""
    return _waiting(connection, *is_about(operations, ref))


def _waiting(connection: Connection, *where: ColumnElement[bool]) -> list[Story]:
    query = select(operations.c.id).where(_WAITS_FOR_PEOPLE, *where).order_by(operations.c.asked_at)
    return all_of(connection, connection.scalars(query))


def all_of(connection: Connection, ids: Iterable[str]) -> list[Story]:
    """Those that this version can read: a list of the others is more than none."""
    found: list[Story] = []
    for operation_id in list(ids):
        try:
            one = story(connection, operation_id)
        except RowNotUnderstoodError as error:
            log.error("left_out", operation=operation_id, reason=str(error))
            continue
        found += [one] if one else []
    return found
