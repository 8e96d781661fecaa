"""Which reads go out, of all that are due and with as many requests as can be spared. Pure.

What is latest beside its own interval goes first, a list with the lateness of all that it tells, so that a
short budget goes where it tells most, and nobody starves: lateness grows for as long as it takes. What moves
traffic goes ahead.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.subjects.model import MOVING, WORKING
from bot.watch.polling.pace import Pace

_WEIGHTS = {MOVING: 2.0}
"""Where the budget is short, all other intervals stretch by this much before those of what moves traffic do:
at 8, ten moving workflows took most of the budget, and waiting ones were read after half an hour.
"""
_IN_FULL = {MOVING: 0.25, WORKING: 0.25}
"""The same for reads in full beside looks at the state: a list tells the state of many at once, and only
their tables and streams are older then.
"""
_SHORTEST = timedelta(seconds=0.05)


class Due(NamedTuple):
    """A watch that is due, for a look at its state or for a read in full. A tick can have thousands."""

    id: str
    database: str
    urgency: int
    looked_at: datetime
    """When it was last read, or began to be watched."""
    due_at: datetime
    detail_due_at: datetime
    seen: bool = True
    """It was read in full before: a list can tell what changed."""

    def at_once(self, now: datetime) -> "Due":
        """The same, whose times mean nothing any more: it is just due."""
        return self._replace(looked_at=now, due_at=now, detail_due_at=now)

    def is_listed(self, now: datetime) -> bool:
        """Whether a list would do for it."""
        return self.seen and self.due_at <= now

    def late(self, now: datetime) -> float:
        """By how much the look at its state is late: as a multiple of its interval and by its weight, 1 when
        it is just due.
        """
        return _WEIGHTS.get(self.urgency, 1.0) * (1 + (now - self.due_at) / self._interval)

    def late_in_full(self, now: datetime, pace: Pace) -> float:
        """The same for a read in full, which is also a look at its state."""
        late = (now - self.detail_due_at) / pace.in_full(self.urgency, self._interval)
        weight = _WEIGHTS.get(self.urgency, 1.0) * _IN_FULL.get(self.urgency, 1.0)
        return max(self.late(now), weight * (1 + late))

    @property
    def _interval(self) -> timedelta:
        return max(_SHORTEST, self.due_at - self.looked_at)


@dataclass(frozen=True, slots=True)
class ListRead:
    """List a database, for these watches and whoever else of it benefits."""

    database: str
    due: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DetailRead:
    """Read one workflow in full."""

    database: str
    id: str


Read = ListRead | DetailRead


def choose(dues: Iterable[Due], spare: int, now: datetime, pace: Pace) -> list[Read]:
    """The reads to start now, the most urgent first; at most `spare`."""
    by_database: dict[str, list[Due]] = defaultdict(list)
    for due in dues:
        by_database[due.database].append(due)
    offers: list[tuple[float, Read]] = []
    for database, here in by_database.items():
        listed = [due for due in here if due.is_listed(now)]
        if len(listed) > 1:
            rank = sum(due.late(now) for due in listed)
            offers.append((rank, ListRead(database, tuple(due.id for due in listed))))
        for due in here:
            if due.detail_due_at <= now or len(listed) == 1:
                offers.append((due.late_in_full(now, pace), DetailRead(database, due.id)))
    offers.sort(key=lambda offer: offer[0], reverse=True)  # stable: a list goes before its details
    return _within([read for _, read in offers], spare)


def _within(offers: Sequence[Read], spare: int) -> list[Read]:
    """The first `spare` of the offers, without lists that nobody needs beside the reads in full."""
    most = spare
    while True:
        taken = _needed(offers[:most])
        if len(taken) >= spare or most >= len(offers):
            return taken[:spare]
        most += spare - len(taken)


def _needed(offers: Sequence[Read]) -> list[Read]:
    in_full = {read.id for read in offers if isinstance(read, DetailRead)}
    return [needed for read in offers if (needed := _without(read, in_full))]


def _without(read: Read, in_full: Collection[str]) -> Read | None:
    """A list for those alone that are not read in full; for a single one, the read in full."""
    if isinstance(read, DetailRead):
        return read
    rest = tuple(one for one in read.due if one not in in_full)
    if not rest:
        return None
    return DetailRead(read.database, rest[0]) if len(rest) == 1 else ListRead(read.database, rest)
