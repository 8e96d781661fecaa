"""What the courier has to do, and what became of it. Everybody else uses `bot.store.board`.

An entry is claimed before anything is done about it: whoever raises its `fence` holds it until
`claimed_until`. What is recorded afterwards counts only while the fence is still the same.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from bot.store.board import MessageState, adopt, lane
from bot.store.schema import messages
from bot.store.types import Moment

_UNPOSTED = (MessageState.WANTED, MessageState.POSTING)
_PENDING = (*_UNPOSTED, MessageState.OUTDATED)
_LANED = (*_PENDING, MessageState.FAILED)
COOLING = timedelta(minutes=10)
"""So long after Slack took a message nowhere, a live one is tried again when it changes."""
RESTING = timedelta(hours=1)
"""So long after Slack took it nowhere, it is tried again although nothing has changed."""
REPLACED = "replaced"
"""How the `error` of a copy begins that is only still there because Slack does not let it be changed."""
_RELEASED: Mapping[str, Any] = {"claimed_until": None, "not_before": None, "attempts": 0, "error": None}
_NOT_IN_SLACK: Mapping[str, Any] = {
    "ts": None,
    "posted_channel": None,
    "delivery_id": None,
    "shown_version": 0,
    "shown_hash": None,
}

_parent = messages.alias("parent")
_earlier = messages.alias("earlier")
_original = messages.alias("original")
_now = bindparam("now", type_=Moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message that is not in Slack as it should be."""

    key: str
    subject_kind: str
    subject_id: str | None
    subject: Mapping[str, Any] | None
    state: str
    """`wanted`, `posting`, `outdated`, or `failed` where it is tried once more."""
    priority: int
    version: int
    """The version that is wanted."""
    live: bool
    copy_of: str | None
    """The key of the message that it is a further copy of in Slack."""
    channel: str | None
    """Where it is or goes: a channel id, or the id of a user. `None`: it has no place."""
    thread_ts: str | None
    """For a post: the message that it replies to."""
    broadcast: bool
    """For such a reply: it is shown in the channel as well."""
    ts: str | None
    """Which message it is in Slack; `None`: it has to be posted."""
    shown_hash: str | None
    delivery_id: str | None
    sent_at: datetime | None
    place_index: int
    places: tuple[str, ...]
    attempts: int
    error: str | None
    fence: int


def due(connection: Connection, now: datetime, limit: int, *, without_lane: bool = False) -> list[Entry]:
    """What can be delivered now, the most urgent first.

    A reply waits until its parent is in Slack (or never will be), and for the replies before it. What is told
    in a message of its own waits for what was to be told of the same subject before it. What was replaced
    waits until there is something in its place.

    `without_lane`: only what an earlier version wrote.
    """
    given = {"now": now, "most": limit}
    if without_lane:
        return [_entry(row) for row in connection.execute(_UNPLACED, given)]
    return [
        _entry(row) for row in connection.execute(_DUE, given | {"rested_since": now - (RESTING - COOLING)})
    ]


def heads(
    connection: Connection, now: datetime, but_lanes: Collection[str], but_keys: Collection[str]
) -> list[Entry]:
    """Of each lane what is due first, the most urgent first; so what waits behind it costs nothing.

    `but_lanes`, `but_keys`: what is in hand.
    """
    given = {
        "now": now,
        "rested_since": now - (RESTING - COOLING),
        "but_lanes": list(but_lanes),
        "but_keys": list(but_keys),
    }
    some = zip(_LANED, connection.execute(_WAITING).one(), strict=True)
    rows = [row for state, is_any in some if is_any for row in connection.execute(_HEADS[state], given)]
    return [_entry(row) for row in sorted(rows, key=lambda row: (row.priority, row.id))]


_WITH_PARENT: Final = messages.outerjoin(_parent, _parent.c.key == messages.c.thread_of)


def _selected() -> Select[Any]:
    return select(messages, _parent.c.posted_channel.label("parent_channel"), _parent.c.ts.label("parent_ts"))


def _due(*waits: ColumnElement[bool]) -> Select[Any]:
    due = _selected().select_from(_WITH_PARENT).where(*waits, *_deliverable())
    return due.order_by(messages.c.priority, messages.c.id).limit(bindparam("most"))


def _deliverable() -> Iterator[ColumnElement[bool]]:
    """What has to hold of a message that waits, so that something can be done about it now."""
    yield or_(messages.c.not_before.is_(None), messages.c.not_before <= _now)
    yield or_(messages.c.claimed_until.is_(None), messages.c.claimed_until <= _now)
    yield ~_still_alone()
    yield or_(
        messages.c.ts.is_not(None),
        and_(messages.c.thread_of.is_(None), ~_held_back()),
        _its_turn(),
    )


def _heads(state: MessageState) -> Select[Any]:
    """Steps from lane to lane in the index, and takes the first row of each."""
    lanes = _lanes(state)
    open_lanes = lanes.c.lane.not_in(bindparam("but_lanes", expanding=True))
    head = messages.c.id == _head(state, lanes)
    rows = lanes.join(messages, head).outerjoin(_parent, _parent.c.key == messages.c.thread_of)
    return _selected().select_from(rows).where(lanes.c.lane.is_not(None), open_lanes)


def _lanes(state: MessageState) -> CTE:
    """The lanes in which something is in `state`."""
    here, next_one = messages.alias(), messages.alias()
    first = select(func.min(here.c.lane).label("lane")).where(here.c.state == state)
    lanes = first.cte(f"{state.value}_lanes", recursive=True)
    behind = select(func.min(next_one.c.lane)).where(
        next_one.c.state == state, next_one.c.lane > lanes.c.lane
    )
    return lanes.union_all(select(behind.scalar_subquery()).where(lanes.c.lane.is_not(None)))


def _head(state: MessageState, lanes: CTE) -> ScalarSelect[Any]:
    """What is due first in a lane."""
    rested = (_rested(),) if state is MessageState.FAILED else ()
    first = select(messages.c.id).select_from(_WITH_PARENT)
    first = first.where(messages.c.state == state, messages.c.lane == lanes.c.lane, *rested)
    first = first.where(messages.c.key.not_in(bindparam("but_keys", expanding=True)), *_deliverable())
    first = first.order_by(messages.c.priority, messages.c.id).limit(1)
    return first.correlate(lanes).scalar_subquery()


def _rested() -> Any:
    """Slack took it nowhere an hour ago: perhaps it does now. For what matters still, or is shown wrongly."""
    matters = or_(messages.c.live, messages.c.ts.is_not(None))
    since = or_(
        messages.c.not_before.is_(None), messages.c.not_before <= bindparam("rested_since", type_=Moment)
    )
    return and_(messages.c.state == MessageState.FAILED, matters, since)


def _still_alone() -> Any:
    """It was replaced, and what is to stand in its place is not in Slack yet."""
    unposted = exists().where(_original.c.key == messages.c.copy_of, _original.c.ts.is_(None))
    return and_(messages.c.copy_of.is_not(None), messages.c.error.startswith(REPLACED), unposted)


def _held_back() -> Any:
    """What was to be told before it of the same subject is under way, or was put off."""
    return exists().where(
        _earlier.c.subject_kind == messages.c.subject_kind,
        _earlier.c.subject_id == messages.c.subject_id,
        _earlier.c.thread_of.is_(None),
        _earlier.c.id < messages.c.id,
        _earlier.c.priority <= messages.c.priority,
        _earlier.c.state.in_(_UNPOSTED),
        or_(_earlier.c.not_before > _now, _earlier.c.claimed_until > _now),
    )


def _its_turn() -> Any:
    settled = (MessageState.FAILED, MessageState.GONE)
    before_it = exists().where(
        _earlier.c.thread_of == messages.c.thread_of,
        _earlier.c.id < messages.c.id,
        _earlier.c.state.in_(_UNPOSTED),
    )
    return and_(or_(_parent.c.ts.is_not(None), _parent.c.state.in_(settled)), ~before_it)


# Made once: to make them takes longer than to carry them out.
_DUE: Final = _due(or_(messages.c.state.in_(_PENDING), _rested()))
_UNPLACED: Final = _due(messages.c.state.in_(_PENDING), messages.c.lane.is_(None))
_HEADS: Final = {state: _heads(state) for state in _LANED}
_WAITING: Final = select(*(exists().where(messages.c.state == state) for state in _LANED))
_MINE: Final = update(messages).where(
    messages.c.key == bindparam("of_key"), messages.c.fence == bindparam("seen_fence")
)
"""Sets the columns that it is given."""
_REPLIES: Final = (
    update(messages)
    .where(messages.c.thread_of == bindparam("of_key"), messages.c.ts.is_(None))
    .where(messages.c.state.in_(_PENDING))
    .values(lane=bindparam("to"))
)
"""They go to where their parent is."""
_OLD_COPY: Final = select(
    exists().where(
        messages.c.copy_of == bindparam("of_key"),
        messages.c.ts.is_not(None),
        messages.c.error.startswith(REPLACED),
    )
)
_NEXT_AT: Final = tuple(
    select(func.min(column)).where(column > _now, messages.c.state.in_(_PENDING))
    for column in (messages.c.not_before, messages.c.claimed_until)
)


def _entry(row: Row[Any]) -> Entry:
    if row.ts:
        channel, thread_ts = row.posted_channel, None
    elif row.parent_ts:
        channel, thread_ts = row.parent_channel, row.parent_ts
    else:
        channel, thread_ts = next(iter(row.places[row.place_index :]), None), None
    return Entry(
        key=row.key,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        subject=row.subject,
        state=row.state,
        priority=row.priority,
        version=row.wanted_version,
        live=row.live,
        copy_of=row.copy_of,
        channel=channel,
        thread_ts=thread_ts,
        broadcast=bool(row.broadcast) and thread_ts is not None,
        ts=row.ts,
        shown_hash=row.shown_hash,
        delivery_id=row.delivery_id,
        sent_at=row.sent_at,
        place_index=row.place_index,
        places=tuple(row.places),
        attempts=row.attempts,
        error=row.error,
        fence=row.fence,
    )


def next_at(connection: Connection, now: datetime) -> datetime | None:
    """When to look again at those that must wait; `None` if none has to wait for a moment."""
    moments = [connection.scalar(statement, {"now": now}) for statement in _NEXT_AT]
    return min((moment for moment in moments if moment), default=None)


# claims


def start_update(connection: Connection, _now: datetime, entry: Entry, until: datetime) -> Entry | None:
    """Claim it for an update: from here on it is not certain what Slack shows.

    `None`: somebody else has it.
    """
    return _claim(connection, entry, until, {"shown_hash": None})


def start_search(connection: Connection, _now: datetime, entry: Entry, until: datetime) -> Entry | None:
    """Claim it in order to look for an earlier post in Slack. `None`: somebody else has it."""
    return _claim(connection, entry, until, {})


def start_post(
    connection: Connection, now: datetime, entry: Entry, until: datetime, content: str
) -> Entry | None:
    """Claim it, and store what is about to be posted, under `entry.delivery_id`.

    `content`: its hash. `None`: somebody else has it.
    """
    changes = {
        "state": MessageState.POSTING,
        "delivery_id": entry.delivery_id,
        "sent_at": now,
        "shown_version": entry.version,
        "shown_hash": content,
    }
    held = _claim(connection, entry, until, changes)
    return replace(held, state=MessageState.POSTING, sent_at=now) if held else None


def _claim(connection: Connection, entry: Entry, until: datetime, changes: Mapping[str, Any]) -> Entry | None:
    changes = {"fence": entry.fence + 1, "claimed_until": until, **changes}
    return replace(entry, fence=entry.fence + 1) if _record(connection, entry, changes) else None


# what became of it


def posted(connection: Connection, now: datetime, entry: Entry, channel: str, ts: str) -> None:
    """It is in Slack. If somebody else took it over meanwhile, this is a copy, and is adopted."""
    up_to_date = messages.c.wanted_version <= messages.c.shown_version
    state = case((up_to_date, MessageState.SHOWN), else_=MessageState.OUTDATED)
    if not _record(connection, entry, {**_RELEASED, "posted_channel": channel, "ts": ts, "state": state}):
        adopt(connection, now, entry.key, channel, ts)
        return
    same = and_(messages.c.posted_channel == channel, messages.c.ts == ts)
    connection.execute(delete(messages).where(messages.c.copy_of == entry.key, same))
    if entry.copy_of is None:
        connection.execute(_REPLIES, {"of_key": entry.key, "to": channel})


def shown(connection: Connection, _now: datetime, entry: Entry, content: str) -> None:
    """Slack shows `entry.version` of it, whose content has this hash."""
    changes = {"shown_version": entry.version, "shown_hash": content, "state": _shown_or_newer(entry)}
    _record(connection, entry, {**_RELEASED, **changes})


def gone(connection: Connection, _now: datetime, entry: Entry) -> None:
    """There is nothing to show any more (unless it was wanted again meanwhile)."""
    changed = messages.c.wanted_version > entry.version
    state = case((changed, messages.c.state), else_=MessageState.GONE)
    _record(connection, entry, {**_RELEASED, "state": state})


def put_off(
    connection: Connection,
    _now: datetime,
    entry: Entry,
    error: str,
    not_before: datetime | None,
    *,
    unsent: bool = True,
) -> None:
    """Try again at `not_before`. `unsent`: it is certain that this attempt posted nothing."""
    changes: dict[str, Any] = {
        "claimed_until": None,
        "not_before": not_before,
        "attempts": entry.attempts + 1,
        "error": error,
    }
    if unsent and entry.ts is None:
        changes["state"] = MessageState.WANTED
    _record(connection, entry, changes)


def next_place(connection: Connection, now: datetime, entry: Entry, error: str) -> bool:
    """Slack does not take it where it was to go: it is to be posted at its next place, a reply outside of its
    thread. What stood at the one before is kept as a copy. False: no place is left, and it has failed.
    """
    changes = {**_RELEASED, **_NOT_IN_SLACK, "state": MessageState.WANTED, "error": error}
    index = entry.place_index
    if entry.thread_ts:
        changes["thread_of"] = None
    else:
        index = changes["place_index"] = index + 1
    if index >= len(entry.places):
        return not fail(connection, now, entry, error)
    if _record(connection, entry, changes) and entry.ts and entry.channel:
        adopt(connection, now, entry.key, entry.channel, entry.ts)
    return True


def fail(connection: Connection, now: datetime, entry: Entry, error: str) -> bool:
    """Slack takes it nowhere. Whether this was recorded: somebody else may have taken it over, or said so."""
    state = {"state": MessageState.FAILED, "fence": entry.fence + 1, "place_index": 0}
    return _record(connection, entry, {**_RELEASED, **state, "error": error, "not_before": now + COOLING})


def left_as_it_is(connection: Connection, _now: datetime, entry: Entry, error: str) -> None:
    """Slack does not let it be changed, and what changed is not worth a new message."""
    changes = {"shown_version": entry.version, "state": _shown_or_newer(entry), "error": error}
    _record(connection, entry, {**_RELEASED, **changes})


def replace_it(connection: Connection, now: datetime, entry: Entry, error: str) -> None:
    """Slack does not let it be changed: it is posted anew, and what is there is removed afterwards.

    Where Slack does not let it be removed either, `is_replaced` says so of the new one.
    """
    where = (entry.channel, entry.ts)
    changes = {**_RELEASED, **_NOT_IN_SLACK, "state": MessageState.WANTED}
    if not _record(connection, entry, changes) or where[0] is None or where[1] is None:
        return
    adopt(connection, now, entry.key, where[0], where[1])
    old = and_(messages.c.copy_of == entry.key, messages.c.posted_channel == where[0])
    there = messages.c.ts == where[1]
    connection.execute(update(messages).where(old, there).values(error=f"{REPLACED},{error}"))


def is_replaced(connection: Connection, key: str) -> bool:
    """Whether an earlier copy of it stands in Slack, out of date."""
    return bool(connection.scalar(_OLD_COPY, {"of_key": key}))


def tell_again(
    connection: Connection, _now: datetime, entry: Entry, error: str, not_before: datetime
) -> None:
    """Slack took `entry.version` of it without its buttons: it is tried with them again at `not_before`."""
    changes = {"shown_version": entry.version, "shown_hash": None, "state": MessageState.OUTDATED}
    _record(connection, entry, {**_RELEASED, **changes, "error": error, "not_before": not_before})


def _shown_or_newer(entry: Entry) -> Any:
    """It is as it was rendered, unless it has changed meanwhile."""
    return case((messages.c.wanted_version > entry.version, MessageState.OUTDATED), else_=MessageState.SHOWN)


def vanished(connection: Connection, _now: datetime, entry: Entry, error: str) -> None:
    """It is not in Slack any more, or cannot be changed there: it is posted anew if it is live."""
    state = MessageState.WANTED if entry.live else MessageState.GONE
    _record(connection, entry, {**_RELEASED, **_NOT_IN_SLACK, "state": state, "error": error})


def _record(connection: Connection, entry: Entry, changes: Mapping[str, Any]) -> bool:
    seen = {"of_key": entry.key, "seen_fence": entry.fence}
    return connection.execute(_MINE.values(_in_its_lane(entry, changes)), seen).rowcount == 1


def _in_its_lane(entry: Entry, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes, with the lane that follows from them."""
    after: dict[str, Any] = {
        "ts": entry.ts,
        "place_index": entry.place_index,
        "state": entry.state,
        **changes,
    }
    if not {"ts", "place_index"} & changes.keys():
        return dict(changes)
    matters = after["state"] != MessageState.FAILED or entry.live or after["ts"]
    return {**changes, "lane": lane(after["ts"], entry.places, after["place_index"]) if matters else None}
