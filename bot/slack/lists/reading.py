"""The workflows of many databases, read side by side: bounded in time, and never ahead of other people."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeVar

from bot.clock import Clock
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.models import Workflow
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.planetscale.unseen import unseen

AT_ONCE: Final = 6
"""Databases that are read at the same time: whoever else asks waits behind so many requests, no more."""
SECONDS: Final = 20.0
"""For all of them; what is not read by then is named."""
PATIENCE: Final = 8.0
"""Seconds for one database: a slow one does not hold up the answer about the others."""
DETAILS: Final = 5
"""A list carries neither tables nor verification: so many active workflows are read one by one as well."""
_FOR_ALL: Final = frozenset(
    {FailureKind.BUDGET, FailureKind.UNCOUNTED, FailureKind.LIMITED, FailureKind.UNAUTHORIZED}
)
"""What failed so for one database fails so for the next: nothing more is asked."""

T = TypeVar("T")
MayRead = Callable[[str], bool]
Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Listed:
    """What one list said."""

    workflows: tuple[Workflow, ...]
    read_at: datetime
    """When it was asked for."""
    in_detail: frozenset[int] = frozenset()
    """The numbers of those that were read in full."""


@dataclass(frozen=True, slots=True)
class Lists:
    """What was read of an organization, and what was not."""

    listed: Mapping[str, Listed] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    """Why a database could not be read: a sentence."""
    not_read: tuple[str, ...] = ()
    """For which there was no time."""
    names: tuple[str, ...] = ()
    """All that there are, read or not."""
    unlisted: str | None = None
    """Why there may be databases that are not even named: PlanetScale did not list them."""


@dataclass(slots=True)
class _Pass:
    """One pass over the databases of an organization."""

    organization: str
    names: tuple[str, ...]
    left: deque[str]
    listed: dict[str, Listed] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class ListReader:
    """Reads lists for a person who waits."""

    def __init__(self, organizations: Organizations, clock: Clock, pause: Pause = asyncio.sleep) -> None:
        """`pause` returns after so many seconds. It is not the clock's own: that of tests moves time on."""
        self._organizations = organizations
        self._clock = clock
        self._pause = pause

    async def read(
        self, organization: str, may_read: MayRead, first: Iterable[str], most: int | None = None
    ) -> Lists:
        """The lists of all databases that the token lists and `may_read` admits, those of `first` first.

        `most`: so many databases, and no more. Where PlanetScale does not list databases, `first` are read.
        Raises nothing of PlanetScale's.
        """
        known, unlisted = list(dict.fromkeys(first)), None
        try:
            seen = await self._within(SECONDS, self._names(organization))
        except (PlanetScaleError, TimeoutError) as error:
            seen, unlisted = known, _why(error, SECONDS)
        wanted = [name for name in sorted(seen, key=_in_turn(known)) if may_read(name)]
        one = _Pass(organization, tuple(seen), deque(wanted[:most]))
        await self._all(one)
        rest = tuple(name for name in wanted if name not in one.listed and name not in one.failed)
        return Lists(one.listed, one.failed, rest, one.names, unlisted)

    async def in_full(self, wanted: Sequence[WorkflowRef]) -> dict[WorkflowRef, Workflow]:
        """Those of a few workflows that could be read one by one."""
        reads = (
            self._within(PATIENCE, self._organizations.of(ref.organization).workflow(ref)) for ref in wanted
        )
        results = await asyncio.gather(*reads, return_exceptions=True)
        for failure in results:
            if isinstance(failure, BaseException) and not isinstance(
                failure, PlanetScaleError | TimeoutError
            ):
                raise failure
        return {ref: one for ref, one in zip(wanted, results, strict=True) if isinstance(one, Workflow)}

    async def _names(self, organization: str) -> list[str]:
        return [one.name for one in await self._organizations.of(organization).databases(organization)]

    async def _all(self, one: _Pass) -> None:
        """Side by side until all are read, or time is up."""
        readers = [asyncio.create_task(self._some(one)) for _ in range(min(AT_ONCE, len(one.left)))]
        if not readers:
            return
        end = asyncio.ensure_future(self._pause(SECONDS))
        together = asyncio.gather(*readers)
        either: set[asyncio.Future[Any]] = {together, end}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if together.done():
                together.result()
        finally:
            end.cancel()
            together.cancel()
            await asyncio.gather(*readers, return_exceptions=True)

    async def _some(self, one: _Pass) -> None:
        while one.left:
            await self._one(one, one.left.popleft())

    async def _one(self, one: _Pass, database: str) -> None:
        planetscale, read_at = self._organizations.of(one.organization), self._clock.now()
        try:
            found = await self._within(PATIENCE, planetscale.workflows(one.organization, database))
        except PlanetScaleError as error:
            missing = error.kind is FailureKind.NOT_FOUND
            one.failed[database] = unseen(database, one.organization, one.names) if missing else error.what
            if error.kind in _FOR_ALL:
                one.left.clear()
        except TimeoutError as error:
            one.failed[database] = _why(error, PATIENCE)
        else:
            one.listed[database] = Listed(found, read_at)

    async def _within(self, seconds: float, read: Coroutine[Any, Any, T]) -> T:
        """What is read, or `TimeoutError` after so many seconds."""
        reading = asyncio.create_task(read)
        waiting = asyncio.ensure_future(self._pause(seconds))
        either: set[asyncio.Future[Any]] = {reading, waiting}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                raise TimeoutError
            return reading.result()
        finally:
            waiting.cancel()
            reading.cancel()


def _in_turn(known: Sequence[str]) -> Callable[[str], tuple[int, str]]:
    """What the bot knows goes first, in the order given; the others by name."""
    place = {name: number for number, name in enumerate(known)}
    return lambda name: (place.get(name, len(place)), name)


def _why(error: PlanetScaleError | TimeoutError, seconds: float) -> str:
    if isinstance(error, PlanetScaleError):
        return error.what
    return f"PlanetScale did not answer within {seconds:.0f} s."
