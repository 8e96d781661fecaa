"""The rows of watches: begun, woken, stopped, changed. Every change is a compare-and-swap on the fence.

Plain functions of a connection, for `Database.write` and `Database.read`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Select, bindparam, exists, select, update

from bot.operations.model import Operation
from bot.operations.storage.kept_forms import forms_of
from bot.operations.storage.naming import in_order
from bot.store import audit, board
from bot.store.board import MessageState
from bot.store.engine.statements import insert_new, new_id
from bot.store.errors import MovedError, RowNotUnderstoodError
from bot.store.schema import messages, watches
from bot.subjects.model import Ref
from bot.watch.model import Origin, Over, Watch
from bot.watch.storage.watch_rows import changed_columns, from_row, to_row, understood

log = structlog.stdlib.get_logger(__name__)

NOBODY: Final[Mapping[str, str]] = MappingProxyType({})


REMEMBERED: Final = 20
"""How many effects of operations a watch remembers."""
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_ON: Final = select(watches).where(*(column == bindparam(column.name) for column in in_order(watches)))
_SWAP = update(watches).where(
    watches.c.id == bindparam("watch_id"), watches.c.fence == bindparam("seen_fence")
)
"""Sets the columns that it is given. Made once: to make it took longer than to carry it out."""


class WatchMovedError(MovedError):
    """Somebody else changed the watch meanwhile. Nothing was done; look again."""


def begin(
    connection: Connection,
    ref: Ref,
    *,
    places: Sequence[str],
    origin: Origin,
    now: datetime,
    started_by: str | None = None,
    mention: str | None = None,
    names: Mapping[str, str] = NOBODY,
) -> Watch:
    """Watch a workflow from now on, and read it at once. One that is watched already goes on as it is, at
    `places` from now on if Slack took its live message nowhere.

    `names`: what these people are called at Slack, by user id.
    """
    new = Watch(
        id=new_id(),
        ref=ref,
        places=tuple(places),
        origin=origin,
        started_by=started_by,
        mention=mention,
        due_at=now,
        detail_due_at=now,
        changed_at=None if origin is Origin.FOUND else now,
        created_at=now,
        names=names,
    )
    if insert_new(connection, watches, to_row(forms_of(connection, ref.columns), new)):
        return new
    found = _locked(connection, ref)
    if found is None:
        raise WatchMovedError
    if found.over is None:
        moved = _moved_to(connection, found, places)
        if moved and mention:
            moved |= {"mention": mention, "names": {**found.names, **names}}
        return swap(connection, found, due_at=now, detail_due_at=now, **moved)
    return swap(
        connection,
        found,
        places=new.places,
        origin=origin,
        started_by=started_by or found.started_by,
        mention=mention,
        names={**found.names, **names},
        observed=None,
        looked_at=None,
        due_at=now,
        detail_due_at=now,
        changed_at=new.changed_at,
        silent_since=None,
        misses=0,
        missing_since=None,
        essence=None,
        live_number=found.live_number + 1,
        over=None,
        over_at=None,
        stopped_by=None,
    )


def touched(connection: Connection, operation: Operation, now: datetime) -> None:
    """An operation of the bot is on this workflow: it is watched from now on, and read at once.

    Its requester is called from the first time on, until somebody takes over. One whose watch ended after the
    operation was asked for stays as it is: somebody may have stopped it meanwhile.
    """
    ref = operation.ref
    if ref is None:
        return
    who = operation.requester
    try:
        found = _locked(connection, ref)
    except RowNotUnderstoodError as error:
        log.error("left_out", reason=str(error))  # no watch may be in the way of an operation
        return
    asked = f"{operation.id}:asked"
    changes: dict[str, Any] = {}
    if found is None or asked not in found.caused:
        changes = {"mention": who}
    if operation.action.creates:
        changes |= {"origin": Origin.CREATED, "started_by": who}
    named = {who: operation.names[who]} if who in operation.names else {}
    if found is None or (found.over_at and found.over_at < operation.asked_at):
        if operation.places:
            origin = {"origin": Origin.TOUCHED, "mention": who} | changes
            watch = begin(connection, ref, places=operation.places, now=now, names=named, **origin)
            swap(connection, watch, caused=with_marks(watch, [asked]))
    elif found.over is None:
        changes |= {"due_at": now, "detail_due_at": now, "changed_at": now}
        changes["caused"] = with_marks(found, [asked])
        if operation.places != found.places:
            changes |= _moved_to(connection, found, operation.places)
        swap(connection, found, names={**found.names, **named}, **changes)
        board.outdate(connection, now, found.live_key)  # what may be pressed goes by what is under way


def _moved_to(connection: Connection, watch: Watch, places: Sequence[str]) -> dict[str, Any]:
    """What changes if Slack took the live message nowhere, and there are places where it may."""
    if not places or not is_nowhere(connection, watch):
        return {}
    return {"places": tuple(places), "live_number": watch.live_number + 1, "essence": None}


def with_marks(watch: Watch, marks: Iterable[str]) -> tuple[str, ...]:
    """What operations of the bot caused, with these added."""
    return tuple(dict.fromkeys((*watch.caused, *marks)))[-REMEMBERED:]


def stop(
    connection: Connection, ref: Ref, by: str, now: datetime, names: Mapping[str, str] = NOBODY
) -> Watch | None:
    """End the watch because `by` said so. `None` if there is none that is running."""
    found = _locked(connection, ref)
    if found is None or found.over:
        return None
    after = swap(
        connection,
        found,
        over=Over.STOPPED,
        over_at=now,
        stopped_by=by,
        names={**found.names, **names},
        due_at=None,
        detail_due_at=None,
    )
    audit.record(connection, now, by, "stopped watching", None, watch=found.id, workflow=str(ref))
    return after


def call_instead(
    connection: Connection, watch_id: str, user: str, now: datetime, names: Mapping[str, str] = NOBODY
) -> Watch | None:
    """From now on `user` is called. `None` if it is not watched any more."""
    found = _not_over(connection, watch_id)
    if found is None:
        return None
    audit.record(connection, now, user, "is called instead", None, watch=watch_id, was=found.mention)
    return swap(connection, found, mention=user, names={**found.names, **names})


def to_the_bottom(connection: Connection, watch_id: str, now: datetime) -> tuple[Watch, Watch] | None:
    """The live message goes on under a new number: the watch before and after.

    `None` if it is not watched any more.
    """
    found = _not_over(connection, watch_id)
    if found is None:
        return None
    return found, swap(connection, found, live_number=found.live_number + 1, drawn_at=now)


def is_nowhere(connection: Connection, watch: Watch) -> bool:
    """Whether Slack took the live message nowhere."""
    failed = messages.c.key == watch.live_key, messages.c.state == MessageState.FAILED.value
    return bool(connection.scalar(select(exists().where(*failed))))


def load(connection: Connection, watch_id: str) -> Watch | None:
    """The watch as it is now, also one that is over."""
    return _one(connection, select(watches).where(watches.c.id == watch_id))


def these(connection: Connection, ids: Collection[str]) -> list[Watch]:
    """Of these watches those that can be read, in no order."""
    query = select(watches).where(watches.c.id.in_(ids))
    return list(understood(connection, connection.execute(query).mappings()))


def find(connection: Connection, ref: Ref) -> Watch | None:
    """The watch on a workflow, also one that is over."""
    return _one(connection, _ON, ref.columns)


def running_on(connection: Connection, ref: Ref) -> Watch | None:
    """The watch on a workflow, if it is not over; nobody else changes it until this transaction ends."""
    found = _locked(connection, ref)
    return found if found and found.over is None else None


def running(connection: Connection, organization: str) -> list[Watch]:
    """All that is watched, by database and number."""
    here = (watches.c.organization == organization) & watches.c.over.is_(None)
    query = select(watches).where(here).order_by(*in_order(watches))
    return list(understood(connection, connection.execute(query).mappings()))


def swap(connection: Connection, before: Watch, **changes: Any) -> Watch:
    """Change the watch, if it is still as the caller saw it. Raises `WatchMovedError` if it is not."""
    after = replace(before, **changes, fence=before.fence + 1)
    unchanged = {"watch_id": before.id, "seen_fence": before.fence}
    forms = forms_of(connection, before.ref.columns)
    if connection.execute(_SWAP, changed_columns(forms, before, after) | unchanged).rowcount != 1:
        raise WatchMovedError
    return after


def _locked(connection: Connection, ref: Ref) -> Watch | None:
    """As `find`, and nobody else changes it until this transaction ends."""
    return _one(connection, _ON.with_for_update(), ref.columns)


def _not_over(connection: Connection, watch_id: str) -> Watch | None:
    """The watch, if it is not over; nobody else changes it until this transaction ends."""
    mine = (watches.c.id == watch_id, watches.c.over.is_(None))
    return _one(connection, select(watches).where(*mine).with_for_update())


def _one(connection: Connection, query: Select[Any], given: Mapping[str, Any] = _NOTHING) -> Watch | None:
    row = connection.execute(query, given).mappings().first()
    return from_row(connection, row) if row else None
