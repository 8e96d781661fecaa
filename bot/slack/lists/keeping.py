"""The lists that were read last, of each database once for everybody: the Home shows them at once.

Kept in memory, by each process for itself: only what is active, and never longer than until it is read anew.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from bot.clock import Clock
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.lists.reading import DETAILS, Listed, ListReader, Lists, MayRead
from bot.workflows.facts.states import COPIED, is_active, state_of

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
        self._full: dict[WorkflowRef, Workflow] = {}
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
            listed={
                name: self._detailed(organization, name, one.listed)
                for name, one in kept.items()
                if one and one.listed
            },
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
            await self._read_in_full(organization, found.listed)
            return True

    def _detailed(self, organization: str, name: str, listed: Listed) -> Listed:
        """The list, with what was read in full of it and is not older than the list says."""
        refs = [WorkflowRef(organization, name, one.number) for one in listed.workflows]
        known = [self._full.get(ref) for ref in refs]
        pairs = list(zip(listed.workflows, known, strict=True))
        best = tuple(full if full and _is_still(full, one) else one for one, full in pairs)
        in_detail = frozenset(one.number for one, full in pairs if full and _is_still(full, one))
        return Listed(best, listed.read_at, in_detail)

    async def _read_in_full(self, organization: str, names: Iterable[str]) -> None:
        """A few of those whose verification is not known, of what was just listed; forget what has ended."""
        unclear = []
        for name in names:
            kept = self._kept[organization, name].listed
            listed = self._detailed(organization, name, kept) if kept else Listed((), self._clock.now())
            unclear += [
                WorkflowRef(organization, name, one.number)
                for one in listed.workflows
                if one.number not in listed.in_detail and state_of(one.state) in COPIED
            ]
        self._full |= await self._reader.in_full(unclear[:DETAILS])
        active = {
            WorkflowRef(*place, one.number)
            for place, kept in self._kept.items()
            for one in (kept.listed.workflows if kept.listed else ())
        }
        self._full = {ref: one for ref, one in self._full.items() if ref in active}

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


def _is_still(full: Workflow, listed: Workflow) -> bool:
    """Whether nothing has happened to a workflow since it was read in full, as far as a list tells."""
    return full.is_as(listed) and full.updated_at == listed.updated_at
