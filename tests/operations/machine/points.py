"""Every moment at which the world can interfere: before and after each transaction and each request.

Something can be laid in wait for the n-th of them: a crash, a press, a change from outside.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from bot.kinds.workflow.workflow_forms import CARRIES
from bot.store.engine.database import Database
from bot.store.engine.lane import WorkPriority
from bot.store.engine.transaction import transact
from bot.store.errors import CommitUnknownError

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Action = Callable[[], Awaitable[None]]

MOST_POINTS = 6000
"""So many in one step of the machine are a worker that spins."""


class CrashError(BaseException):
    """The process is gone: not an error that anybody could handle."""


class SpinningError(BaseException):
    """The worker never comes to rest."""


class Points:
    """Counts the points of a run, and springs what was laid in wait at them."""

    def __init__(self) -> None:
        self.reached = 0
        self._since = 0
        self._ambushes: list[tuple[int, Action]] = []

    def lay(self, after: int, action: Action) -> None:
        """Do `action` at the `after`-th point from now (1: the next)."""
        self._ambushes.append((self.reached + after, action))

    def rest(self) -> None:
        """A step of the machine begins: it may reach `MOST_POINTS` points."""
        self._since = self.reached

    def clear(self) -> None:
        """Forget what has not sprung."""
        self._ambushes.clear()

    async def reach(self) -> None:
        """One more point. Raises what the actions raise, and `SpinningError`."""
        self.reached += 1
        if self.reached - self._since > MOST_POINTS:
            raise SpinningError
        due = [one for one in self._ambushes if one[0] <= self.reached]
        self._ambushes = [one for one in self._ambushes if one[0] > self.reached]
        for _, action in due:
            await action()


class Life:
    """One life of the bot's process. Once it is dead, nothing of it does anything any more."""

    def __init__(self, points: Points) -> None:
        self.points = points
        self.dead = False

    async def reach(self) -> None:
        """A point, for as long as the process lives. Raises `CrashError` from its end on."""
        if self.dead:
            raise CrashError
        await self.points.reach()
        if self.dead:
            raise CrashError


class SteadyDatabase(Database):
    """The real engines and transactions, carried out where they are asked for: a run repeats exactly.

    Power cuts are not what is tested here: nothing waits for the disk.
    """

    def __init__(self, file: Path, life: Life) -> None:
        super().__init__(f"sqlite:///{file}", guard=False, carries=CARRIES)
        event.listen(self._writing.engine, "connect", _careless)
        self._life = life
        self.fails_before: Exception | None = None
        """What the next write raises instead of beginning."""
        self.fails_after: Exception | None = None
        """What the next write raises although it was committed."""

    async def write(
        self,
        fn: Callable[[Connection, *Ts], T],
        *args: *Ts,
        priority: WorkPriority = WorkPriority.PERSON,
        begin_within: float | None = None,
        repeatable: bool = False,
    ) -> T:
        await self._life.reach()
        error, self.fails_before = self.fails_before, None
        if error:
            raise error
        result = self.at_once(fn, *args)
        await asyncio.sleep(0)
        await self._life.reach()
        error, self.fails_after = self.fails_after, None
        if isinstance(error, CommitUnknownError) and repeatable:
            return self.at_once(fn, *args)
        if error:
            raise error
        return result

    async def read(
        self,
        fn: Callable[[Connection, *Ts], T],
        *args: *Ts,
        priority: WorkPriority = WorkPriority.PERSON,
        begin_within: float | None = None,
    ) -> T:
        await self._life.reach()
        result = transact(self._reading.engine, _always, fn, args)
        await asyncio.sleep(0)
        return result

    def at_once(self, fn: Callable[[Connection, *Ts], T], *args: *Ts) -> T:
        """A transaction without points: of somebody who is not this process's worker."""
        return transact(self._writing.engine, _always, fn, args)


def _always() -> bool:
    return True


def _careless(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.close()
