"""Which operation of the bot caused what was seen at PlanetScale.

The watch may see a change before the operation that caused it has read it back, and long after it did: so
what counts is when the request was sent and when its end was known, not the state in which it is.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from bot.operations.model import BEFORE_SENDING, LATE_FOR, State
from bot.planetscale.refs import WorkflowRef
from bot.store.schema import operations
from bot.workflows.actions.registry import CAUSED_BY, calls
from bot.workflows.facts.states import TRANSITIONAL, state_of
from bot.workflows.observing.happenings import Happened, Happening

CLOCKS_DIFFER_BY = timedelta(minutes=2)
"""At most, between this machine's clock and PlanetScale's."""

_DID_NOTHING = BEFORE_SENDING | {State.REFUSED}
"""What was not seen to happen may have happened since: a request can land late, or leave late."""
_VERIFICATIONS = {call.name for call in calls(lambda one: one.starts_verification)}


def causes_of(
    connection: Connection,
    ref: WorkflowRef,
    happened: Sequence[Happened],
    told: Iterable[str],
    read_before: datetime,
) -> dict[Happening, str]:
    """The operations that caused what happened; what none of them explains is missing.

    `told`: what they are known to have caused already, as `mark` writes it: each causes a thing once.
    `read_before`: when the workflow was last read without it.
    """
    if not any(_calls(one) for one in happened):
        return {}
    sent, known = _sent(connection, ref), set(told)
    found: dict[Happening, str] = {}
    for one in happened:
        for row in sent:
            fits = row["call"] in _calls(one) and _fits(row, one, read_before)
            if fits and mark(row["id"], one.what) not in known:
                found[one.what] = row["id"]
                break
    return found


def mark(operation_id: str, what: Happening) -> str:
    """That this operation caused this, for the next time."""
    return f"{operation_id}:{what.value}"


def _calls(happened: Happened) -> set[str]:
    """The bot's calls that can have caused it."""
    what = happened.what
    if what is Happening.ERROR and state_of(happened.was_state or "") in TRANSITIONAL:
        what = Happening.MOVING_LONG  # whatever moved it broke it
    return {call.name for call in CAUSED_BY.get(what, ())}


def _sent(connection: Connection, ref: WorkflowRef) -> list[Any]:
    """What the bot sent to the workflow, the latest first."""
    columns = (
        operations.c.id,
        operations.c.call,
        operations.c.sent_at,
        operations.c.ended_at,
        operations.c.state,
    )
    here = (
        operations.c.organization == ref.organization,
        operations.c.database == ref.database,
        operations.c.number == ref.number,
        operations.c.sent_at.is_not(None),
        operations.c.state.not_in([state.value for state in _DID_NOTHING]),
    )
    query = select(*columns).where(*here).order_by(operations.c.sent_at.desc()).limit(20)
    return list(connection.execute(query).mappings())


def _fits(row: Any, happened: Happened, read_before: datetime) -> bool:
    """Whether it happened, or began, between the request and the moment at which its end was known."""
    sent_at, ended_at = row["sent_at"], row["ended_at"]
    if sent_at > happened.seen_at or happened.at < sent_at - CLOCKS_DIFFER_BY:
        return False
    moment = happened.at
    if row["call"] in _VERIFICATIONS:  # its request has ended once the verification runs
        began = happened.workflow.vdiff.started_at if happened.workflow.vdiff else None
        if began is None:
            return True
        moment = began
    if moment < sent_at - CLOCKS_DIFFER_BY:
        return False
    late = LATE_FOR if row["state"] == State.NOT_SEEN.value else timedelta()
    if ended_at is None or moment <= ended_at + late + CLOCKS_DIFFER_BY:
        return True
    first_seen = moment == happened.seen_at  # PlanetScale keeps no time of it
    return first_seen and ended_at >= read_before - CLOCKS_DIFFER_BY
