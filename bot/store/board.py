"""The message board: which messages should be in Slack, and which of them are out of date.

Rooms below Slack say only this, within the transaction that changes what a message shows. How it reads is
rendered when it is delivered. What the courier does with the board is in `bot.store.outbox`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Connection,
    Row,
    Update,
    and_,
    bindparam,
    case,
    exists,
    or_,
    select,
    update,
)

from bot.store.engine.statements import insert_new
from bot.store.schema import messages
from bot.store.types import Moment


class MessageState(StrEnum):
    """Where a message stands."""

    WANTED = "wanted"
    """Not in Slack yet."""
    POSTING = "posting"
    """A post was sent, or is about to be: whether it is in Slack is not known until that is recorded."""
    OUTDATED = "outdated"
    """In Slack, and out of date."""
    SHOWN = "shown"
    """In Slack as wanted."""
    FAILED = "failed"
    """Slack took it at none of its places."""
    GONE = "gone"
    """Nothing to show any more, or vanished from Slack and not live."""


UPDATES = ""
"""The lane of what is in Slack: all updates share one rate."""
_PENDING = (MessageState.WANTED, MessageState.POSTING, MessageState.OUTDATED)


class Urgency(IntEnum):
    """What goes to Slack first."""

    CARD = 0
    STATE = 1
    PROGRESS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A message that should be in Slack."""

    key: str
    """Its name for ever, such as `operation:7f3…:card`."""
    places: Sequence[str]
    """Channel or user ids; the first that takes it. For a reply: where it stands alone without its thread."""
    subject_kind: str
    """Chooses the renderer."""
    subject_id: str | None = None
    subject: Mapping[str, Any] | None = None
    """An event's data: JSON without secrets."""
    thread_of: str | None = None
    """The key of the message that it replies to; that one may be wanted later, and is no reply itself."""
    broadcast: bool = False
    """Of a reply: it is shown in the channel as well, for those who must not miss it."""
    priority: int = Urgency.CARD
    live: bool = True
    """If somebody deletes it in Slack, it is posted anew when it changes."""


def want(connection: Connection, now: datetime, wanted: Wanted) -> None:
    """`wanted` should be in Slack, and is out of date now. Its copies as well.

    Other places than before count only while it is not posted; one that failed is then tried again, a live
    one also some time after it failed. What waits already is not made less urgent.
    """
    columns: dict[str, Any] = {
        "subject_kind": wanted.subject_kind,
        "subject_id": wanted.subject_id,
        "subject": wanted.subject,
        "priority": int(wanted.priority),
        "live": wanted.live,
        "updated_at": now,
    }
    new = {
        "key": wanted.key,
        "places": list(wanted.places),
        "lane": _lane_of_new(connection, wanted.places, wanted.thread_of),
        "thread_of": wanted.thread_of,
        "broadcast": wanted.broadcast,
        "created_at": now,
    }
    if insert_new(connection, messages, columns | new):
        return
    of_key = {"of_key": wanted.key}
    row = connection.execute(_HELD, of_key).one()
    if row.state in _PENDING:
        columns["priority"] = min(row.priority, int(wanted.priority))
    connection.execute(_RENEWED, columns | _awakened(connection, row, wanted, now) | of_key)
    del columns["live"]
    connection.execute(_COPIES_RENEWED, columns | of_key)


def _lane_of_new(connection: Connection, places: Sequence[str], thread_of: str | None) -> str | None:
    """The channel that it goes to: a reply to where its parent is, or will be."""
    parent = connection.execute(_HERE, {"of_key": thread_of}).first() if thread_of else None
    return lane(None, places, 0) if parent is None else parent.posted_channel or parent.lane


def lane(ts: str | None, places: Sequence[str], index: int) -> str | None:
    """What a message shares Slack's rates with."""
    return UPDATES if ts else next(iter(places[index:]), None)


def _awakened(connection: Connection, row: Row[Any], wanted: Wanted, now: datetime) -> dict[str, Any]:
    if row.state in (MessageState.WANTED, MessageState.FAILED):
        cooled = row.state == MessageState.FAILED and (row.not_before is None or row.not_before <= now)
        places = list(wanted.places)
        if places == row.places and not (cooled and wanted.live):
            return {}
        state = MessageState.OUTDATED if row.ts else MessageState.WANTED
        afresh = {"place_index": 0, "not_before": None, "attempts": 0, "error": None}
        there = UPDATES if row.ts else _lane_of_new(connection, places, row.thread_of)
        return afresh | {"places": places, "state": state, "lane": there}
    if row.state in (MessageState.SHOWN, MessageState.GONE):
        again = MessageState.OUTDATED if row.ts else MessageState.WANTED
        return {"state": again, "lane": row.lane or lane(row.ts, row.places, row.place_index)}
    return {}


def retire(connection: Connection, now: datetime, key: str) -> None:
    """It is brought up to date once more if it has to be, but not posted again if it vanishes from Slack."""
    connection.execute(update(messages).where(messages.c.key == key).values(live=False, updated_at=now))


def outdate(connection: Connection, now: datetime, key: str) -> None:
    """What it and its copies should show has changed; nothing urgent. One that is not in Slack stays so."""
    connection.execute(_OUTDATED, {"of_key": key, "moment_now": now})


def _outdated() -> Update:
    in_slack, is_late = messages.c.ts.is_not(None), messages.c.state.in_(_PENDING)
    changes = {
        "state": case((in_slack, MessageState.OUTDATED.value), else_=messages.c.state),
        "priority": case((is_late, messages.c.priority), else_=int(Urgency.PROGRESS)),
        "wanted_version": messages.c.wanted_version + 1,
        "updated_at": bindparam("moment_now", type_=Moment),
    }
    return update(messages).where(or_(messages.c.key == _KEY, messages.c.copy_of == _KEY)).values(changes)


_KEY: Final[BindParameter[str]] = bindparam("of_key")
# Made once: to make them takes longer than to carry them out.
_HELD: Final = select(messages).where(messages.c.key == _KEY).with_for_update()
_HERE: Final = select(messages.c.posted_channel, messages.c.lane).where(messages.c.key == _KEY)
_RENEWED: Final = (
    update(messages).where(messages.c.key == _KEY).values(wanted_version=messages.c.wanted_version + 1)
)
"""Sets the columns that it is given."""
_COPIES_RENEWED: Final = (
    update(messages)
    .where(messages.c.copy_of == _KEY, messages.c.state.in_((MessageState.SHOWN, MessageState.OUTDATED)))
    .values(wanted_version=messages.c.wanted_version + 1, state=MessageState.OUTDATED.value, live=False)
)
"""The same."""
_OUTDATED: Final = _outdated()


def adopt(connection: Connection, now: datetime, key: str, channel: str, ts: str) -> bool:
    """Somebody pressed a button on this message, which shows what `key` shows.

    If the board does not know that copy (a post whose answer was lost, and that was made again), it is
    redrawn from now on like the first one. Whether it was unknown; False also when there is no such `key`.
    """
    original = connection.execute(select(messages).where(messages.c.key == key)).one_or_none()
    of_key = or_(messages.c.key == key, messages.c.copy_of == key)
    here = and_(messages.c.posted_channel == channel, messages.c.ts == ts)
    if original is None or connection.scalar(select(exists().where(of_key, here))):
        return False
    columns = {
        "key": f"{key}@{channel}/{ts}",
        "copy_of": key,
        "places": [channel],
        "lane": UPDATES,
        "subject_kind": original.subject_kind,
        "subject_id": original.subject_id,
        "subject": original.subject,
        "priority": original.priority,
        "live": False,
        "state": MessageState.OUTDATED,
        "posted_channel": channel,
        "ts": ts,
        "created_at": now,
        "updated_at": now,
    }
    return insert_new(connection, messages, columns)


def subject_at(connection: Connection, channel: str, ts: str) -> tuple[str, str] | None:
    """Kind and id of what the message that stands there is about; `None` for one that is not on the board."""
    here = (messages.c.posted_channel == channel) & (messages.c.ts == ts)
    row = connection.execute(select(messages.c.subject_kind, messages.c.subject_id).where(here)).first()
    return (row[0], row[1]) if row and row[1] else None
