"""Rows that nothing needs any more, found and removed in small portions.

The audit log and the decisions are never among them, nor an operation's own row: these are the record. Of
what they tell of, only how it was carried out is forgotten: the requests to the other side, the looks at what
came of them, presses that did not count, and where its messages stood in Slack.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Connection, Table, bindparam, delete, exists, func, or_, select

from bot.store.board import MessageState
from bot.store.schema import attempts, decisions, leases, messages, operations, presses, readings, watches
from bot.store.types import Moment

PORTION: Final = 500
"""Rows of one table that are removed in one transaction: people wait behind no more than that."""

_SETTLED: Final = (MessageState.SHOWN, MessageState.FAILED, MessageState.GONE)
_BEFORE: Final = bindparam("before", type_=Moment)
_MOST: Final[Any] = bindparam("most")
_child, _copy = messages.alias("child"), messages.alias("copy")
_last_attempt = attempts.alias("last_attempt")
_ENDED: Final = select(operations.c.id).where(operations.c.ended_at < _BEFORE)


@dataclass(frozen=True, slots=True)
class _Old:
    """The rows of a table that are not needed."""

    key: Column[Any]
    where: tuple[ColumnElement[bool], ...]

    @property
    def table(self) -> Table:
        """Theirs."""
        return self.key.table


def _of_an_open_one() -> ColumnElement[bool]:
    """What the message is about goes on, or ended lately: it is drawn anew when that changes."""
    operation = exists().where(
        operations.c.id == messages.c.subject_id,
        or_(operations.c.ended_at.is_(None), operations.c.ended_at >= _BEFORE),
    )
    watch = exists().where(watches.c.id == messages.c.subject_id, watches.c.over.is_(None))
    return or_(operation, watch)


_ALL: Final = (
    _Old(
        readings.c.id,
        (readings.c.attempt_id.in_(select(attempts.c.id).where(attempts.c.operation_id.in_(_ENDED))),),
    ),
    _Old(
        attempts.c.id,
        (
            attempts.c.operation_id.in_(_ENDED),
            ~exists().where(readings.c.attempt_id == attempts.c.id),
            # their numbers go on from the last one: an account is known since the request of a number
            attempts.c.id < select(func.max(_last_attempt.c.id)).scalar_subquery(),
        ),
    ),
    _Old(
        presses.c.id,
        (
            presses.c.operation_id.in_(_ENDED),
            presses.c.decided_at < _BEFORE,
            ~exists().where(decisions.c.press_id == presses.c.id),
        ),
    ),
    _Old(
        messages.c.id,
        (
            messages.c.state.in_(_SETTLED),
            messages.c.updated_at < _BEFORE,
            ~exists().where(_child.c.thread_of == messages.c.key),
            ~exists().where(_copy.c.copy_of == messages.c.key),
            ~_of_an_open_one(),
        ),
    ),
    _Old(leases.c.name, (leases.c.until < _BEFORE,)),
)
"""In the order in which they go: what points at another row before that one."""

_FOUND: Final[Mapping[str, Any]] = MappingProxyType(
    {old.table.name: select(old.key).where(*old.where).order_by(old.key).limit(_MOST) for old in _ALL}
)
_REMOVED: Final[Mapping[str, Any]] = MappingProxyType(
    {
        old.table.name: delete(old.table).where(old.key.in_(bindparam("keys", expanding=True)), *old.where)
        for old in _ALL
    }
)


def tables() -> Sequence[str]:
    """The tables of which rows are removed, in the order in which that is done."""
    return tuple(_FOUND)


def find(connection: Connection, table: str, before: datetime, most: int = PORTION) -> list[Any]:
    """The keys of rows of `table` that nothing has needed since `before`."""
    return list(connection.scalars(_FOUND[table], {"before": before, "most": most}))


def remove(connection: Connection, table: str, keys: Sequence[Any], before: datetime) -> int:
    """Remove those of them that are still not needed. How many that were."""
    return connection.execute(_REMOVED[table], {"keys": list(keys), "before": before}).rowcount
