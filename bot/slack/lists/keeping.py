"""The lists that were read last, of each database once for everybody: the Home shows them at once.

Kept in memory, by each process for itself: only what is active, and never longer than until it is read anew.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from bot.clock import Clock
from bot.slack.lists.reading import Listed, ListReader, Lists, MayRead
from bot.workflows.facts.states import is_active

MOST: Final = 60
"""So many databases in one pass: a Home that is opened takes no more than that of what people may ask."""
NEVER: Final = float("-inf")

Place = tuple[str, str]
"""An organization and a database."""


class ListKeeper(Protocol):
    """What a Home asks for lists."""

    def lists(self, organization: str, may_read: MayRead) -> Lists | None:
        """What is kept, of what may be read; `None` where nothing was read yet."""
        ...

    async def refresh(
        self, organization: str, may_read: MayRead, first: Iterable[str], older_than: float
    ) -> bool:
        """Read what may be read and is older than so many seconds. Whether anything was read."""
        ...


@dataclass(frozen=True, slots=True)
class _Kept:
    at: float
    """By the monotonic clock."""
    listed: Listed | None = None
    failed: str | None = None


class KeptLists:
    """Reads lists of databases, and keeps them."""

    def __init__(self, reader: ListReader, clock: Clock) -> None:
        self._reader = reader
        self._clock = clock
        self._kept: dict[Place, _Kept] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self._unlisted: dict[str, str | None] = {}
        self._passed: dict[str, float] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def lists(self, organization: str, may_read: MayRead) -> Lists | None:
        """As `ListKeeper.lists`."""
        if organization not in self._names:
            return None
        names = [name for name in self._names[organization] if may_read(name)]
        kept = {name: self._kept.get((organization, name)) for name in names}
        return Lists(
            listed={name: one.listed for name, one in kept.items() if one and one.listed},
            failed={name: one.failed for name, one in kept.items() if one and one.failed},
            not_read=tuple(name for name, one in kept.items() if one is None),
            unlisted=self._unlisted.get(organization),
        )

    async def refresh(
        self, organization: str, may_read: MayRead, first: Iterable[str], older_than: float
    ) -> bool:
        """As `ListKeeper.refresh`; two who ask at the same time are one pass."""
        async with self._locks.setdefault(organization, asyncio.Lock()):
            since = self._clock.monotonic() - older_than

            def is_due(name: str) -> bool:
                return may_read(name) and self._at(organization, name) <= since

            known = self._names.get(organization, ())
            if self._passed.get(organization, NEVER) > since and not any(map(is_due, known)):
                return False
            oldest_first = sorted(known, key=lambda name: self._at(organization, name))
            found = await self._reader.read(organization, is_due, (*first, *oldest_first), MOST)
            self._keep(organization, found)
            return True

    def _at(self, organization: str, name: str) -> float:
        kept = self._kept.get((organization, name))
        return kept.at if kept else NEVER

    def _keep(self, organization: str, found: Lists) -> None:
        now = self._clock.monotonic()
        self._passed[organization] = now
        self._names[organization] = found.names
        self._unlisted[organization] = found.unlisted
        there = {(organization, name) for name in found.names}
        self._kept = {
            place: one for place, one in self._kept.items() if place[0] != organization or place in there
        }
        for name, listed in found.listed.items():
            active = tuple(one for one in listed.workflows if is_active(one.state))
            self._kept[organization, name] = _Kept(now, listed=Listed(active, listed.read_at))
        for name, why in found.failed.items():
            before = self._kept.get((organization, name))
            self._kept[organization, name] = _Kept(now, before.listed if before else None, why)
