"""One request budget for several processes, on a real PostgreSQL whose clock is simulated."""

import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.planetscale.buckets import PORTION_SECONDS
from bot.planetscale.budget import Budget, BudgetSpentError, RequestPriority
from bot.runtime.metering import NotCountedError
from tests.planetscale.test_budget import most_in_a_minute
from tests.store.databases import postgres, postgres_template
from tests.store.postgres import PostgresServer
from tests.store.shared_time import CountedMeters, SharedTime, processes

__all__ = ["postgres", "postgres_template"]

CHANGE, PERSON, BACKGROUND = RequestPriority
NAME = "planetscale:acme"
PROCESSES = 3
MICROSECOND = 1.1e-6
"""The database counts in whole ones."""


@dataclass
class Caller:
    """Somebody who asks in one of the processes."""

    process: int
    priority: RequestPriority
    since: float
    task: asyncio.Task[None]


class Fleet:
    """Processes with a budget each, and a record of who was let through and what was so at that moment."""

    def __init__(self, per_minute: int, time: SharedTime, meters: list[CountedMeters]) -> None:
        self.per_minute = per_minute
        self.time = time
        self._meters = meters
        self.budgets = [self._budget(number) for number in range(len(meters))]
        self.waiting: list[Caller] = []
        self.let_through: list[float] = []
        self.closed_until = 0.0

    def _budget(self, process: int) -> Budget:
        return Budget(self.per_minute, self.time, self._meters[process].named(NAME))

    async def arrive(self, process: int, priority: RequestPriority) -> None:
        caller = Caller(process, priority, self.time.monotonic(), asyncio.create_task(asyncio.sleep(0)))
        caller.task = asyncio.create_task(self._call(caller))
        self.waiting.append(caller)
        await asyncio.sleep(0)

    async def _call(self, caller: Caller) -> None:
        await self.budgets[caller.process].acquire(caller.priority)
        now = self.time.monotonic()
        assert now >= self.closed_until - MICROSECOND, "what PlanetScale asked for holds for all"
        self.waiting.remove(caller)
        before = [
            one
            for one in self.waiting
            if one.priority.value < caller.priority.value
            and now - max(one.since, self.closed_until) > 2 * PORTION_SECONDS
        ]
        assert not before, "people go ahead of background work, whichever process asks"
        self.let_through.append(now)

    async def hold_off(self, process: int, seconds: float) -> None:
        await self.time.settle()
        await self.budgets[process].hold_off(seconds)
        self.closed_until = max(self.closed_until, self.time.monotonic() + seconds)

    async def die(self, process: int) -> None:
        """The process ends with all that wait in it, and another takes its place."""
        for caller in [one for one in self.waiting if one.process == process]:
            self.waiting.remove(caller)
            caller.task.cancel()
        await self.time.settle()
        self.budgets[process] = self._budget(process)

    async def finish(self) -> None:
        for _ in range(60):
            if self.waiting:
                await self.time.advance(60)
        assert not self.waiting, "nobody is forgotten"
        assert most_in_a_minute(self.let_through) <= self.per_minute


process = st.integers(0, PROCESSES - 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), process, st.sampled_from(RequestPriority), st.integers(1, 8)),
        st.tuples(st.just("advance"), st.floats(0, 70)),
        st.tuples(st.just("hold off"), process, st.floats(0, 20)),
        st.tuples(st.just("die"), process),
    ),
    max_size=9,
)


@pytest.mark.usefixtures("postgres_template")
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(per_minute=st.integers(8, 60), steps=STEPS)
def test_any_interleaving(
    postgres: PostgresServer, postgres_template: str, per_minute: int, steps: list[tuple[object, ...]]
) -> None:
    """Whoever comes, goes and dies in whichever process: never more than the budget in any 60 s, all in all;
    a 429 stops all; people first in all of them; nobody forgotten.
    """

    async def play() -> None:
        async with processes(postgres, postgres_template, PROCESSES) as (time, meters):
            fleet = Fleet(per_minute, time, meters)
            for step in steps:
                match step:
                    case ("arrive", int(number), RequestPriority() as priority, int(many)):
                        for _ in range(many):
                            await fleet.arrive(number, priority)
                    case ("advance", float(seconds)):
                        await time.advance(seconds)
                    case ("hold off", int(number), float(seconds)):
                        await fleet.hold_off(number, seconds)
                    case ("die", int(number)):
                        await fleet.die(number)
            await fleet.finish()

    asyncio.run(play())


async def test_a_storm_in_all_processes(postgres: PostgresServer, postgres_template: str) -> None:
    """When everybody wants everything after a quiet time, all processes together keep to the budget, use it,
    and ask their database no more often than a few times a second.
    """
    async with processes(postgres, postgres_template, PROCESSES) as (time, meters):
        fleet = Fleet(60, time, meters)
        await fleet.arrive(0, PERSON)
        await time.advance(600)
        began, asked = time.monotonic(), time.asked
        for number in range(60):
            await fleet.arrive(number % PROCESSES, PERSON)
        await time.advance(50)
        assert len([one for one in fleet.let_through if one >= began]) >= 40
        assert time.asked - asked < PROCESSES * 50 * 4
        await fleet.finish()


async def test_a_crowd_costs_one_round_trip_or_two(postgres: PostgresServer, postgres_template: str) -> None:
    """Reads that are asked for at the same time are counted together."""
    async with processes(postgres, postgres_template, 1) as (time, meters):
        budget = Budget(480, time, meters[0].named(NAME))
        await _once(budget, time)
        await time.advance(60)
        asked = time.asked
        crowd = [asyncio.create_task(budget.acquire(PERSON)) for _ in range(20)]
        await time.settle(20)
        assert all(one.done() for one in crowd)
        assert time.asked - asked == 2


async def test_a_change_goes_first_everywhere(postgres: PostgresServer, postgres_template: str) -> None:
    """What people agreed on in one process does not stand behind the questions asked in another."""
    async with processes(postgres, postgres_template, 2) as (time, meters):
        asking, changing = (Budget(60, time, one.named(NAME)) for one in meters)
        crowd = [asyncio.create_task(asking.acquire(PERSON)) for _ in range(30)]
        await time.advance(5)
        change = asyncio.create_task(changing.acquire(CHANGE, within=1.5))
        await time.advance(1.5)
        await change
        for one in crowd:
            one.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)


async def test_a_share_is_kept_everywhere(postgres: PostgresServer, postgres_template: str) -> None:
    """Background work of all processes leaves tokens, which a person then gets without waiting."""
    async with processes(postgres, postgres_template, 2) as (time, meters):
        watching, answering = (Budget(480, time, one.named(NAME)) for one in meters)
        await _once(watching, time)
        await time.advance(600)
        crowd = [asyncio.create_task(watching.acquire(BACKGROUND)) for _ in range(100)]
        await time.settle(45)
        assert sum(one.done() for one in crowd) == 45
        people = [asyncio.create_task(answering.acquire(PERSON)) for _ in range(15)]
        await time.settle(15)
        assert all(one.done() for one in people)
        for one in crowd:
            one.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)


async def test_a_new_process_asks_before_it_refuses(postgres: PostgresServer, postgres_template: str) -> None:
    """A process that has just begun does not take the bucket for empty: a change leaves at once if it may."""
    async with processes(postgres, postgres_template, 2) as (time, meters):
        await _once(Budget(10, time, meters[0].named(NAME)), time)
        await time.advance(60)
        change = asyncio.create_task(Budget(10, time, meters[1].named(NAME)).acquire(CHANGE, within=1.5))
        await time.settle()
        assert change.done()
        await change


async def test_a_restart_is_no_fresh_burst(postgres: PostgresServer, postgres_template: str) -> None:
    """What was used before a restart is used after it as well."""
    async with processes(postgres, postgres_template, 1) as (time, meters):
        times = []
        for _ in range(3):
            budget = Budget(16, time, meters[0].named(NAME))
            for _ in range(5):
                await _once(budget, time)
                times.append(time.monotonic())
        assert most_in_a_minute(times) <= 16


async def test_the_database_s_clock_is_set_back(postgres: PostgresServer, postgres_template: str) -> None:
    """A database whose clock is set back by an hour (a failover) holds nobody up and grants nothing twice."""
    async with processes(postgres, postgres_template, 1) as (time, meters):
        budget = Budget(60, time, meters[0].named(NAME))
        times = []
        for number in range(20):
            time.database_ahead = -3600.0 if number > 10 else 0.0
            await _once(budget, time)
            times.append(time.monotonic())
        assert most_in_a_minute(times) <= 60
        assert times[-1] < 30


async def test_without_the_database(postgres: PostgresServer, postgres_template: str) -> None:
    """Where the count cannot be reached nothing leaves: all who wait are told at once; later it goes on."""
    async with processes(postgres, postgres_template, 1) as (time, meters):
        meter = AwayMeter(meters[0], time)
        budget = Budget(480, time, meter.named(NAME))
        meter.away = True
        crowd = [asyncio.create_task(budget.acquire(PERSON, within=90)) for _ in range(10)]
        await time.settle()
        assert all(isinstance(one.exception(), NotCountedError) for one in crowd)
        assert time.asked == 0
        meter.away = False
        await time.advance(2)
        await _once(budget, time)


async def test_no_patience(postgres: PostgresServer, postgres_template: str) -> None:
    """Who cannot wait is told how long it would take, also where another process was told to slow down."""
    async with processes(postgres, postgres_template, 2) as (time, meters):
        told, asking = (Budget(480, time, one.named(NAME)) for one in meters)
        await told.hold_off(30)
        asked = asyncio.create_task(asking.acquire(PERSON, within=10))
        await time.advance(0)
        await time.advance(1)
        with pytest.raises(BudgetSpentError) as caught:
            await asked
        assert caught.value.seconds == pytest.approx(30, abs=1)


class AwayMeter:
    """Meters whose database can be away."""

    def __init__(self, meters: CountedMeters, time: SharedTime) -> None:
        self._meters = meters
        self.away = False

    def named(self, name: str) -> "AwayMeter":
        self._meter = self._meters.named(name)
        return self

    async def take(self, *args, **more):  # type: ignore[no-untyped-def]
        if self.away:
            raise NotCountedError("away")
        return await self._meter.take(*args, **more)

    async def close(self, seconds: float) -> None:
        await self._meter.close(seconds)


async def _once(budget: Budget, time: SharedTime) -> None:
    """Take one token, and let pass what time that takes."""
    asking = asyncio.create_task(budget.acquire(PERSON))
    await time.settle()
    while not asking.done():
        await time.advance(0.5)
    await asking
