"""The active workflows that Homes show: what is watched, and what the lists that were read last know besides.

One look is for everybody; what a person may read of it is decided for each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from bot.kinds.workflow.known import why_it_waits
from bot.kinds.workflow.running import Running, running
from bot.operations.model import Story
from bot.slack.cards.answers.home_page import Shown
from bot.slack.lists.keeping import ListKeeper
from bot.watch.model import Watch
from bot.watch.storage import watch_repository
from bot.workflows.attention import Waits
from bot.workflows.entries import Entry, listed_entry, watched_entry
from bot.workflows.facts.states import TRANSITIONAL, State, state_of
from bot.workflows.own import observed_of, ref_of

READ_AT_MOST: Final = 200
"""So many watches are read in full, those in trouble by their state first; the others are counted."""
_WORKS: Final = frozenset({State.PENDING, State.COPYING, State.VERIFYING_DATA})

Place = tuple[str, str]
Key = tuple[str, str, int]


@dataclass(slots=True)
class WatchMemory:
    """Watches as they were read last: a row that has not changed is not read again. For one thread a time."""

    known: Mapping[str, Watch] = field(default_factory=dict)

    def read(self, connection: Connection, wanted: list[Running]) -> dict[str, Watch]:
        """The watches of these, by id, but for those that cannot be read."""
        before = self.known
        same = {
            one.id: before[one.id] for one in wanted if one.id in before and before[one.id].fence == one.fence
        }
        changed = [one.id for one in wanted if one.id not in same]
        fresh = {one.id: one for one in watch_repository.these(connection, changed)} if changed else {}
        found = same | fresh
        self.known = found
        return found


@dataclass(frozen=True, slots=True)
class Workflows:
    """All active workflows, what needs somebody first."""

    shown: tuple[Shown, ...]
    more: tuple[Place, ...]
    """Where a watch each is that was not read."""


def workflows(
    connection: Connection,
    organizations: tuple[str, ...],
    waiting: list[Story],
    lists: ListKeeper,
    memory: WatchMemory,
    now: datetime,
) -> Workflows:
    """What is known of all of them at this moment."""
    rows = running(connection, organizations)
    watches = memory.read(connection, rows[:READ_AT_MOST])
    waits = _waits(waiting)
    watched = [_watched(watches[row.id], waits, now) for row in rows if row.id in watches]
    found = {one.key: one for one in watched}
    for entry in _listed(organizations, lists, waits):
        known = found.get(entry.key)
        if known is None or known.entry is None:
            found[entry.key] = Shown(entry.key, known.watch if known else None, entry, entry.attention(now))
    going_on = [one for one in found.values() if one.entry is None or one.entry.active]
    more = tuple(row.place for row in rows[READ_AT_MOST:])
    return Workflows(tuple(sorted(going_on, key=_in_turn)), more)


def _waits(waiting: list[Story]) -> dict[Key, Waits]:
    operations = [one.operation for one in waiting]
    return {
        (one.organization, one.database, one.number): why_it_waits(one)
        for one in operations
        if one.number is not None
    }


def _watched(watch: Watch, waits: Mapping[Key, Waits], now: datetime) -> Shown:
    organization, database = watch.ref.organization, watch.ref.database
    key, seen = (organization, database, ref_of(watch.ref).number), observed_of(watch.observed)
    if seen is None:
        return Shown(key, watch)
    entry = watched_entry(organization, database, seen, waits.get(key))
    return Shown(key, watch, entry, entry.attention(now))


def _listed(organizations: tuple[str, ...], lists: ListKeeper, waits: Mapping[Key, Waits]) -> Iterator[Entry]:
    for organization in organizations:
        kept = lists.lists(organization, lambda _: True)
        for database, listed in kept.listed.items() if kept else ():
            for one in listed.workflows:
                waiting = waits.get((organization, database, one.number))
                entry = listed_entry(organization, database, one, listed.read_at, waits=waiting)
                yield replace(entry, in_detail=one.number in listed.in_detail)


def _in_turn(one: Shown) -> tuple[int, int, Key]:
    """What needs somebody, the gravest first; then what moves, what works, what waits."""
    state = state_of(one.entry.workflow.state) if one.entry else None
    pace = 0 if state in TRANSITIONAL else 1 if state in _WORKS else 2
    return one.why.need if one.why else 99, pace, one.key
