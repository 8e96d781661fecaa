"""What there is to choose from at PlanetScale, remembered for a short while: forms ask for it many times."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from bot.clock import Clock
from bot.planetscale.calls import NewWorkflow
from bot.planetscale.client import PlanetScale
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.models import Keyspace
from bot.planetscale.organizations import Organizations
from bot.runtime.tasks import Tasks
from bot.slack.cards.forms.offers import Tables, tables_of
from bot.subjects.findings import Finding, Level
from bot.workflows.checks.creation_checks import check_create
from bot.workflows.checks.facts import CreateFacts

FRESH_FOR: Final = 60.0
"""Seconds. Whatever is chosen is checked against a fresh reading when the form is submitted."""
MOST_KEPT: Final = 500
_OF_THE_BRANCH: Final = frozenset({"busy", "safe-migrations"})
"""Checks of a `create` that say the same whatever is chosen in the form."""

Key = tuple[str, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Reading:
    began: float
    outcome: asyncio.Future[Any]
    """What was read, or the `PlanetScaleError`."""


class Catalogue:
    """Reads lists of names. Every method raises `PlanetScaleError`, and nothing is read twice at a time.

    A reading goes on when whoever waits for it gives up: the next one to ask finds it done.
    """

    def __init__(self, planetscale: PlanetScale, organization: str, clock: Clock, tasks: Tasks) -> None:
        self._planetscale = planetscale
        self._organization = organization
        self._clock = clock
        self._tasks = tasks
        self._readings: OrderedDict[Key, _Reading] = OrderedDict()

    async def databases(self) -> tuple[str, ...]:
        """The names of the organization's databases."""

        async def read() -> tuple[str, ...]:
            found = await self._planetscale.databases(self._organization)
            return tuple(sorted(one.name for one in found))

        return await self._get(("databases",), read)

    async def branches(self, database: str) -> tuple[str, ...]:
        """The names of a database's branches."""

        async def read() -> tuple[str, ...]:
            found = await self._planetscale.branches(self._organization, database)
            return tuple(sorted(one.name for one in found))

        return await self._get(("branches", database), read)

    async def keyspaces(self, database: str, branch: str) -> tuple[Keyspace, ...]:
        """The keyspaces of a branch."""

        async def read() -> tuple[Keyspace, ...]:
            return await self._planetscale.keyspaces(self._organization, database, branch)

        return await self._get(("keyspaces", database, branch), read)

    async def tables(self, database: str, branch: str, keyspace: str) -> Tables:
        """The tables of a keyspace that can be moved."""

        async def read() -> Tables:
            found = await self._planetscale.schema(self._organization, database, branch, keyspace)
            return tables_of(found)

        return await self._get(_of_tables(database, branch, keyspace), read)

    async def in_the_way(self, database: str, branch: str) -> tuple[Finding, ...]:
        """Why nothing can be created on a branch now, whatever is chosen: in the words of the checks."""

        async def read() -> tuple[Finding, ...]:
            workflows, branches = await asyncio.gather(
                self._planetscale.workflows(self._organization, database),
                self._planetscale.branches(self._organization, database),
            )
            anything = NewWorkflow(
                name="-", branch_name=branch, source_keyspace="-", target_keyspace="-", tables=("-",)
            )
            facts = CreateFacts(
                database=database,
                new=anything,
                now=self._clock.now(),
                workflows=workflows,
                branches=branches,
            )
            blocks = (one for one in check_create(facts) if one.level is Level.BLOCK)
            return tuple(one for one in blocks if one.code in _OF_THE_BRANCH)

        return await self._get(("in the way", database, branch), read)

    def has_keyspaces(self, database: str, branch: str) -> bool:
        """Whether asking for them takes no time."""
        return self._done(("keyspaces", database, branch))

    def has_tables(self, database: str, branch: str, keyspace: str) -> bool:
        """Whether asking for them takes no time."""
        return self._done(_of_tables(database, branch, keyspace))

    def delay(self) -> str:
        """Why what is being read has not come yet, as a sentence for people."""
        if self._planetscale.held_back:
            return PlanetScaleError(FailureKind.BUDGET, read=True).what
        return "PlanetScale is slow just now."

    def forget(self, database: str, branch: str) -> None:
        """Read anew what is asked for next of this branch."""
        for key in [key for key in self._readings if key[1:3] == (database, branch)]:
            if self._readings[key].outcome.done():
                del self._readings[key]

    def _done(self, key: Key) -> bool:
        reading = self._fresh(key)
        return reading is not None and reading.outcome.done()

    async def _get(self, key: Key, read: Callable[[], Awaitable[T]]) -> T:
        reading = self._fresh(key) or self._begin(key, read)
        outcome = await asyncio.shield(reading.outcome)
        if isinstance(outcome, PlanetScaleError):
            raise outcome
        found: T = outcome
        return found

    def _fresh(self, key: Key) -> _Reading | None:
        """A reading that still counts: failed ones do not, those under way do."""
        reading = self._readings.get(key)
        if reading is None or not reading.outcome.done():
            return reading
        failed = reading.outcome.cancelled() or isinstance(reading.outcome.result(), PlanetScaleError)
        old = self._clock.monotonic() - reading.began >= FRESH_FOR
        return None if failed or old else reading

    def _begin(self, key: Key, read: Callable[[], Awaitable[Any]]) -> _Reading:
        reading = _Reading(self._clock.monotonic(), asyncio.get_running_loop().create_future())
        self._readings[key] = reading
        self._readings.move_to_end(key)
        while len(self._readings) > MOST_KEPT:
            self._readings.popitem(last=False)
        self._tasks.spawn(_into(reading.outcome, read), "read for a form")
        return reading


class Catalogues:
    """A catalogue for each organization."""

    def __init__(self, organizations: Organizations, clock: Clock, tasks: Tasks) -> None:
        self._each = {
            name: Catalogue(organizations.of(name), name, clock, tasks) for name in organizations.names
        }
        self._organizations = organizations

    def named(self, organization: str) -> str:
        """The organization that a form is about; an empty name means the default one."""
        return self._organizations.named(organization or None)

    def told(self, organization: str) -> str:
        """The same, to be told to people: empty where there is only one."""
        return self.named(organization) if len(self._each) > 1 else ""

    def knows(self, organization: str) -> bool:
        """Whether the bot works for it now: a form may be older than the bot's settings."""
        return self.named(organization) in self._each

    def of(self, organization: str) -> Catalogue:
        """What there is in one that it knows."""
        return self._each[self.named(organization)]


async def _into(outcome: asyncio.Future[Any], read: Callable[[], Awaitable[Any]]) -> None:
    try:
        outcome.set_result(await read())
    except PlanetScaleError as error:
        outcome.set_result(error)
    finally:
        outcome.cancel()  # of no effect once there is a result: nobody waits for ever


def _of_tables(database: str, branch: str, keyspace: str) -> Key:
    return ("tables", database, branch, keyspace)
