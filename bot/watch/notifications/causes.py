"""Which operation of the bot caused what was seen at PlanetScale.

The watch may see a change before the operation that caused it has read it back, and long after it did: so
what counts is when the request was sent and when its end was known, not the state in which it is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from bot.operations.model import BEFORE_SENDING, LATE_FOR, State
from bot.operations.storage import own_accounts
from bot.operations.storage.naming import is_about
from bot.store.schema import operations
from bot.subjects.model import HappenedToSubject, Ref
from bot.watch.model import Watch
from bot.watch.watched_kind import WatchedKind

CLOCKS_DIFFER_BY = timedelta(minutes=2)
"""At most, between this machine's clock and PlanetScale's."""

_DID_NOTHING = BEFORE_SENDING | {State.REFUSED}
"""What was not seen to happen may have happened since: a request can land late, or leave late."""


def causes_of(
    connection: Connection,
    kind: WatchedKind,
    watch: Watch,
    happened: Sequence[HappenedToSubject],
    read_before: datetime,
) -> dict[str, str]:
    """The operations that caused what happened; what none of them explains is missing.

    Each causes a thing once. `read_before`: when the subject was last read without it.
    """
    if not any(kind.causes(one) for one in happened):
        return {}
    sent, known = _sent(connection, watch.ref), set(watch.caused)
    own = own_accounts.known(connection, watch.ref.organization)
    found: dict[str, str] = {}
    for one in happened:
        for row in sent:
            fits = row["call"] in kind.causes(one) and _fits(kind, row, one, read_before)
            fits = fits and not (own and _is_others(kind, row, one, own))
            if fits and mark(row["id"], one.what) not in known:
                found[one.what] = row["id"]
                break
    return found


def mark(operation_id: str, what: str) -> str:
    """That this operation caused this, for the next time."""
    return f"{operation_id}:{what}"


def _sent(connection: Connection, ref: Ref) -> list[Any]:
    """What the bot sent to the workflow, the latest first."""
    columns = (
        operations.c.id,
        operations.c.call,
        operations.c.sent_at,
        operations.c.ended_at,
        operations.c.state,
    )
    here = (
        *is_about(operations, ref),
        operations.c.sent_at.is_not(None),
        operations.c.state.not_in([state.value for state in _DID_NOTHING]),
    )
    query = select(*columns).where(*here).order_by(operations.c.sent_at.desc()).limit(20)
    return list(connection.execute(query).mappings())


def _is_others(kind: WatchedKind, row: Any, happened: HappenedToSubject, own: Any) -> bool:
    """Whether it is no late effect of a request that was not seen to happen: another account is named for it.

    What has another end by then is told by its own card, with who did it.
    """
    return row["state"] == State.NOT_SEEN.value and kind.is_others(happened, row["call"], own)


def _fits(kind: WatchedKind, row: Any, happened: HappenedToSubject, read_before: datetime) -> bool:
    """Whether it happened, or began, between the request and the moment at which its end was known."""
    sent_at, ended_at = row["sent_at"], row["ended_at"]
    if sent_at > happened.seen_at or happened.at < sent_at - CLOCKS_DIFFER_BY:
        return False
    moment = kind.began(happened, row["call"])
    if moment is None:
        return True
    if moment < sent_at - CLOCKS_DIFFER_BY:
        return False
    late = LATE_FOR if row["state"] == State.NOT_SEEN.value else timedelta()
    if ended_at is None or moment <= ended_at + late + CLOCKS_DIFFER_BY:
        return True
    first_seen = moment == happened.seen_at  # PlanetScale keeps no time of it
    return first_seen and ended_at >= read_before - CLOCKS_DIFFER_BY
