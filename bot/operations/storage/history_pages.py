"""The bot's own record in pages: what was asked for in a database, filtered, the newest first.

Plain functions of a connection, for `Database.read`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from bot.approvals.decide import Reason
from bot.operations.history import Page, Wanted
from bot.operations.model import State
from bot.operations.storage import stories
from bot.operations.storage.naming import is_about
from bot.store.schema import decisions, operations, presses

PAGE: Final = 12
_NAMED_IN = 1_000
"""So many of the latest requests are asked for what people are called."""


def page(connection: Connection, wanted: Wanted, number: int) -> Page:
    """A page of what was found; beyond the last one, the last one."""
    found = _count(connection, wanted)
    pages = max(1, -(-found // PAGE))
    here = min(max(1, number), pages)
    newest = operations.c.asked_at.desc(), operations.c.id.desc()
    query = select(operations.c.id).where(*_conditions(wanted)).order_by(*newest)
    ids = list(connection.scalars(query.limit(PAGE).offset((here - 1) * PAGE)))
    left_out = 0 if wanted.refused or wanted.denied else _count(connection, replace(wanted, refused=True))
    return Page(
        stories=[stories.as_of_now(connection, one) for one in stories.all_of(connection, ids)],
        number=here,
        of=pages,
        found=found,
        refused=left_out,
        ignored=ignored(connection, ids),
    )


def called(connection: Connection, organization: str, database: str) -> Mapping[str, frozenset[str]]:
    """The user ids of whoever asked or decided in a database, by what they are called at Slack."""
    here = (operations.c.organization == organization) & (operations.c.database == database)
    query = select(operations.c.facts["names"]).where(here).order_by(operations.c.asked_at.desc())
    ids: dict[str, set[str]] = defaultdict(set)
    for names in connection.scalars(query.limit(_NAMED_IN)):
        for user, name in (names or {}).items():
            ids[str(name)].add(str(user))
    return {name: frozenset(users) for name, users in ids.items()}


def _count(connection: Connection, wanted: Wanted) -> int:
    query = select(func.count()).select_from(operations).where(*_conditions(wanted))
    return connection.scalar(query) or 0


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[Any] = [
        operations.c.organization == wanted.organization,
        operations.c.database == wanted.database,
    ]
    states = [state.value for state in _states(wanted)]
    found.append(operations.c.state.in_(states) if states else operations.c.state != State.BLOCKED.value)
    if wanted.ref is not None:
        found += is_about(operations, wanted.ref)
    if wanted.action:
        found.append(operations.c.action == wanted.action)
    if wanted.since:
        found.append(operations.c.asked_at >= wanted.since)
    if wanted.by is not None:
        decided = exists().where(
            decisions.c.operation_id == operations.c.id, decisions.c.user_id.in_(wanted.by)
        )
        found.append(or_(operations.c.requester.in_(wanted.by), decided))
    return found


def _states(wanted: Wanted) -> list[State]:
    """The only ones that are looked for; none: all but what was refused at once."""
    denied = [State.DENIED] if wanted.denied else []
    return [*denied, State.BLOCKED] if wanted.refused else denied


def ignored(connection: Connection, ids: Sequence[str]) -> Mapping[str, int]:
    """How many presses of these requests did not count, where there were any."""
    counted = select(decisions.c.press_id).where(decisions.c.press_id.is_not(None))
    query = (
        select(presses.c.operation_id, func.count())
        .where(
            presses.c.operation_id.in_(ids),
            presses.c.decided_at.is_not(None),
            presses.c.id.not_in(counted),
            presses.c.result != Reason.DENY_NEEDS_REASON.value,  # it led to the form for the reason
        )
        .group_by(presses.c.operation_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
