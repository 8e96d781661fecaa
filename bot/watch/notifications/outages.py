"""PlanetScale does not answer: told once for each channel that shows workflows, and told when it is back."""

from collections import Counter
from collections.abc import Collection
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, bindparam, func, insert, select, update

from bot.operations.model import OUTCOME_OPEN, Operation, State
from bot.operations.storage import repository
from bot.store.engine.statements import new_id, serialize_on
from bot.store.errors import RowNotUnderstoodError
from bot.store.schema import operations, outages, watches
from bot.watch.model import SILENT_FOR
from bot.watch.ports import Outage
from bot.watch.storage import watch_repository
from bot.watch.watch_services import WatchServices

log = structlog.stdlib.get_logger(__name__)

_NAMES = [one.name for one in fields(Outage) if one.name in outages.columns]
_FAILING: Final = (
    select(watches.c.id)
    .where(
        watches.c.organization == bindparam("organization"),
        watches.c.over.is_(None),
        watches.c.silent_since.is_not(None),
    )
    .limit(1)
)
_OPEN: Final = select(outages).where(
    outages.c.organization == bindparam("organization"), outages.c.back_at.is_(None)
)
_AT_STAKE = [state.value for state in OUTCOME_OPEN | {State.EXECUTING}]


def check(connection: Connection, services: WatchServices, now: datetime) -> None:
    """Tell an outage that has lasted, or that it is over. A transaction; without news it changes nothing."""
    answered = _answered_at(connection, services.organization)
    since = _silent_since(connection, services.organization, answered)
    for outage in _open(connection, services.organization):
        if answered is not None and answered > outage.since:
            _over(connection, services, outage, now)
    if since is not None and now - since >= SILENT_FOR:
        serialize_on(connection, f"outages/{services.organization}")
        told = {outage.place for outage in _open(connection, services.organization)}
        shown = _shown_in(connection, services.organization)
        at_stake = _open_operations(connection, services.organization, shown)
        for place, count in shown.items():
            if place not in told:
                outage = Outage(
                    id=new_id(),
                    organization=services.organization,
                    place=place,
                    workflows=count,
                    since=since,
                    told_at=now,
                    mentions=tuple(sorted({one.requester for one in at_stake[place]})),
                    open_on=tuple(sorted({str(one.ref or one.database) for one in at_stake[place]})),
                )
                _begun(connection, services, outage, now)


def is_needed(connection: Connection, services: WatchServices) -> bool:
    """Whether `check` could do anything: a read of few rows."""
    organization = services.organization
    failing = connection.scalar(_FAILING, {"organization": organization})
    return failing is not None or bool(_open(connection, organization))


def _answered_at(connection: Connection, organization: str) -> datetime | None:
    found: datetime | None = connection.scalar(
        select(func.max(watches.c.read_at)).where(_running(organization))
    )
    return found


def _silent_since(connection: Connection, organization: str, answered: datetime | None) -> datetime | None:
    """The first failed read after which none was answered; `None` while anything is."""
    since = select(func.min(watches.c.silent_since)).where(_running(organization))
    if answered is not None:
        since = since.where(watches.c.silent_since > answered)
    found: datetime | None = connection.scalar(since)
    return found


def _running(organization: str) -> Any:
    return (watches.c.organization == organization) & watches.c.over.is_(None)


def _shown_in(connection: Connection, organization: str) -> Counter[str]:
    """How many workflows each channel shows."""
    places = connection.scalars(select(watches.c.places).where(_running(organization)))
    return Counter(one[0] for one in places if one)


def _open(connection: Connection, organization: str) -> list[Outage]:
    rows = connection.execute(_OPEN, {"organization": organization}).mappings()
    return [
        Outage(**{name: row[name] for name in _NAMES} | {"mentions": tuple(row["mentions"])}) for row in rows
    ]


def _open_operations(
    connection: Connection, organization: str, shown: Collection[str]
) -> dict[str, list[Operation]]:
    """What may be happening at this moment, by the channel whose note says so.

    That is where the workflow is shown, else where it was asked; what is in none of these is in every note.
    """
    query = select(operations.c.id).where(
        operations.c.organization == organization, operations.c.state.in_(_AT_STAKE)
    )
    found: dict[str, list[Operation]] = {place: [] for place in shown}
    for operation_id in connection.scalars(query).all():
        try:
            operation = repository.load(connection, operation_id)
            homes = _homes(connection, operation) if operation else ()
        except RowNotUnderstoodError as error:
            log.error("left_out", reason=str(error))
            continue
        home = next((place for place in homes if place in found), None)
        for place in [home] if home else shown:
            found[place] += [operation] if operation else []
    return found


def _homes(connection: Connection, operation: Operation) -> tuple[str, ...]:
    """Where its workflow is shown, then where it was asked."""
    watch = watch_repository.find(connection, operation.ref) if operation.ref else None
    return (*(watch.places[:1] if watch and not watch.over else ()), *operation.places[:1])


def _begun(connection: Connection, services: WatchServices, outage: Outage, now: datetime) -> None:
    row = {name: getattr(outage, name) for name in _NAMES} | {"mentions": list(outage.mentions)}
    connection.execute(insert(outages), row)
    services.board.outage(connection, outage, now)


def _over(connection: Connection, services: WatchServices, outage: Outage, now: datetime) -> None:
    open_still = (outages.c.id == outage.id) & outages.c.back_at.is_(None)
    if connection.execute(update(outages).where(open_still).values(back_at=now)).rowcount == 1:
        services.board.outage(connection, replace(outage, back_at=now), now)
