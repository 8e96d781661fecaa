"""The request budget, under any interleaving of callers and time."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.demo.clock import ManualClock
from bot.planetscale.budget import Budget, BudgetSpentError, RequestPriority

PERSON, BACKGROUND = RequestPriority.PERSON, RequestPriority.BACKGROUND


class StepClock:
    """Time that moves only when the test says so: sleepers sleep until then."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._passed + seconds, next(self._order), wake))
        await wake

    async def advance(self, seconds: float) -> None:
        """Pass over every moment at which somebody wakes."""
        end = self._passed + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            moment, _, wake = heapq.heappop(self._sleepers)
            self._passed = max(self._passed, moment)
            if not wake.done():
                wake.set_result(None)
            await _settle()
        self._passed = end


async def _settle() -> None:
    for _ in range(4):
        await asyncio.sleep(0)


class Crowd:
    """Callers of a budget, and a record of who was let through and what was so at that moment."""

    def __init__(self, per_minute: int) -> None:
        self.clock = StepClock()
        self.budget = Budget(per_minute, self.clock)
        self.let_through: list[tuple[float, RequestPriority, int]] = []
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.alive: dict[RequestPriority, list[int]] = {PERSON: [], BACKGROUND: []}

    async def _call(self, number: int, priority: RequestPriority) -> None:
        await self.budget.acquire(priority)
        assert self.budget.held_off == 0
        assert self.alive[priority][0] == number, "first come, first served"
        if priority is BACKGROUND:
            assert not self.alive[PERSON], "people go first"
        self.alive[priority].remove(number)
        self.let_through.append((self.clock.monotonic(), priority, number))

    async def arrive(self, priority: RequestPriority) -> None:
        number = len(self.tasks)
        self.alive[priority].append(number)
        self.tasks[number] = asyncio.create_task(self._call(number, priority))
        await _settle()

    async def leave(self, which: int) -> None:
        waiting = sorted(self.alive[PERSON] + self.alive[BACKGROUND])
        if waiting:
            number = waiting[which % len(waiting)]
            for numbers in self.alive.values():
                if number in numbers:
                    numbers.remove(number)
            self.tasks[number].cancel()
            await _settle()

    async def finish(self) -> None:
        """Give everybody all the time they need."""
        for _ in range(10 + 2 * len(self.tasks)):
            if any(self.alive.values()):
                await self.clock.advance(60)
        assert self.alive == {PERSON: [], BACKGROUND: []}
        for task in self.tasks.values():
            assert task.done()
            assert task.cancelled() or task.exception() is None


def most_in_a_minute(times: list[float]) -> int:
    return max((sum(start <= time <= start + 60 for time in times) for start in times), default=0)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.sampled_from([PERSON, BACKGROUND]), st.integers(1, 12)),
        st.tuples(st.just("advance"), st.floats(0, 90), st.just(1)),
        st.tuples(st.just("leave"), st.integers(0, 50), st.integers(1, 5)),
        st.tuples(st.just("hold off"), st.floats(0, 40), st.just(1)),
    ),
    max_size=15,
)


@settings(deadline=None)
@given(per_minute=st.integers(2, 60), steps=STEPS)
def test_any_interleaving(per_minute: int, steps: list[tuple[str, object, int]]) -> None:
    """Whoever comes and goes: never more than the budget in any 60 s, people first, nobody forgotten."""

    async def play() -> None:
        crowd = Crowd(per_minute)
        for what, value, times in steps:
            for _ in range(times):
                if isinstance(value, RequestPriority):
                    await crowd.arrive(value)
                elif isinstance(value, float) and what == "advance":
                    await crowd.clock.advance(value)
                elif isinstance(value, float):
                    await crowd.budget.hold_off(value)
                elif isinstance(value, int):
                    await crowd.leave(value)
        await crowd.finish()
        assert most_in_a_minute([time for time, _, _ in crowd.let_through]) <= per_minute
        assert {number for _, _, number in crowd.let_through} == {
            number for number, task in crowd.tasks.items() if not task.cancelled()
        }

    asyncio.run(play())


@pytest.mark.parametrize("per_minute", [2, 3, 7, 8, 10, 60, 480, 600])
async def test_a_storm(per_minute: int) -> None:
    """When everybody wants everything after a quiet time, a minute still sees no more than the budget."""
    clock = ManualClock()
    budget = Budget(per_minute, clock)
    clock.advance(10_000)
    times = []
    for _ in range(3 * per_minute):
        await budget.acquire(PERSON)
        times.append(clock.monotonic())
    assert most_in_a_minute(times) <= per_minute
    assert times[-1] - times[0] < 60 * 6, "and not needlessly less"


@pytest.mark.parametrize("per_minute", [-1, 0, 1])
def test_too_small(per_minute: int) -> None:
    """A budget that could never let anything through is refused."""
    with pytest.raises(ValueError, match="at least 2"):
        Budget(per_minute, ManualClock())


async def test_empty_at_start() -> None:
    """A bot that is restarted again and again does not get a fresh burst each time."""
    clock = ManualClock()
    budget = Budget(480, clock)
    assert budget.available == 0
    await budget.acquire(PERSON)
    assert clock.monotonic() > 0.1


async def test_share_kept_for_people() -> None:
    """Background work leaves tokens in the bucket, which a person then gets without waiting."""
    crowd = Crowd(480)
    await crowd.clock.advance(600)
    for _ in range(100):
        await crowd.arrive(BACKGROUND)
    assert crowd.budget.waiting(BACKGROUND) == 55
    assert crowd.budget.available == 15
    for _ in range(15):
        await crowd.arrive(PERSON)
    assert crowd.budget.waiting(PERSON) == 0
    assert {time for time, _, _ in crowd.let_through} == {600}
    await crowd.finish()


async def test_hold_off() -> None:
    """After a 429 not even people get through, and a shorter wait does not undo a longer one."""
    crowd = Crowd(480)
    await crowd.clock.advance(600)
    await crowd.budget.hold_off(30)
    await crowd.budget.hold_off(5)
    await crowd.arrive(PERSON)
    await crowd.clock.advance(29.9)
    assert crowd.let_through == []
    assert crowd.budget.held_off == pytest.approx(0.1)
    await crowd.clock.advance(0.2)
    assert [time for time, _, _ in crowd.let_through] == [630]


async def test_within() -> None:
    """Who cannot wait is told at once how long it would take, and loses no token."""
    clock = ManualClock()
    budget = Budget(480, clock)
    clock.advance(600)
    await budget.hold_off(30)
    with pytest.raises(BudgetSpentError) as caught:
        await budget.acquire(PERSON, within=10)
    assert caught.value.seconds == 30
    assert clock.slept == []
    assert budget.waiting(PERSON) == 0
    assert budget.available == 60
    await budget.acquire(PERSON, within=31)
    assert budget.available == 59


async def test_within_behind_others() -> None:
    """Who waits behind others gives up when the time is over, and those behind go on."""
    crowd = Crowd(8)
    await crowd.arrive(PERSON)
    await crowd.arrive(PERSON)
    impatient = asyncio.create_task(crowd.budget.acquire(PERSON, within=12))
    await _settle()
    await crowd.arrive(PERSON)
    await crowd.clock.advance(13)
    with pytest.raises(BudgetSpentError):
        await impatient
    await crowd.finish()
    assert [number for _, _, number in crowd.let_through] == [0, 1, 2]


@pytest.mark.parametrize(("per_minute", "crowd"), [(480, 200), (480, 550), (60, 60)])
async def test_many_at_once(per_minute: int, crowd: int) -> None:
    """Of many people who ask at once nobody is refused, as long as all can be let through in time."""
    clock = StepClock()
    budget = Budget(per_minute, clock)
    times: list[float] = []

    async def ask() -> None:
        await budget.acquire(PERSON, within=90)
        times.append(clock.monotonic())

    asking = [asyncio.create_task(ask()) for _ in range(crowd)]
    await clock.advance(95)
    await asyncio.gather(*asking)
    assert len(times) == crowd
    assert most_in_a_minute(times) <= per_minute


async def test_too_many_at_once() -> None:
    """Whose turn cannot come in time is told so at once: the queue is no longer than patience."""
    clock = StepClock()
    budget = Budget(60, clock)
    asking = [asyncio.create_task(budget.acquire(PERSON, within=90)) for _ in range(200)]
    await _settle()
    refused = [one for one in asking if one.done()]
    assert len(refused) == 200 - budget.waiting(PERSON)
    assert all(isinstance(one.exception(), BudgetSpentError) for one in refused)
    await clock.advance(95)
    await asyncio.gather(*set(asking) - set(refused))


async def test_a_change_goes_first() -> None:
    """What people agreed on does not stand in the queue behind others' questions."""
    crowd = Crowd(60)
    for _ in range(20):
        await crowd.arrive(PERSON)
    change = asyncio.create_task(crowd.budget.acquire(RequestPriority.CHANGE, within=1.5))
    await crowd.clock.advance(1.5)
    await change
    assert len(crowd.let_through) <= 1
    await crowd.finish()


async def test_cancelled_waiters_take_nothing() -> None:
    """A caller that goes away neither uses a token nor holds up those behind it."""
    crowd = Crowd(60)
    for _ in range(5):
        await crowd.arrive(PERSON)
    for _ in range(4):
        await crowd.leave(0)
    await crowd.clock.advance(3)
    assert [number for _, _, number in crowd.let_through] == [4]
    assert crowd.budget.waiting(PERSON) == 0
