"""Tries, back-off, Retry-After and the budget, as a caller feels them."""

from itertools import pairwise

import pytest

from bot.demo.clock import ManualClock
from bot.planetscale.budget import Budget, RequestPriority
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.errors import FailureKind, PlanetScaleError
from tests.planetscale.conftest import REF, WORKFLOW, Open
from tests.planetscale.wire import Reply, Then, reply

BUSY = reply(b"", 503)


def _limited(retry_after: str | None) -> Reply:
    return reply({"message": "slow down"}, 429, {} if retry_after is None else {"Retry-After": retry_after})


@pytest.fixture
def budget(clock: ManualClock) -> Budget:
    """A budget with tokens in it, so that nothing but what is tested waits."""
    budget = Budget(6000, clock)
    clock.advance(60)
    return budget


@pytest.mark.parametrize("first", [BUSY, Reply(then=Then.CLOSE), Reply(then=Then.RESET)], ids=str)
async def test_trouble_passes(opened: Open, clock: ManualClock, budget: Budget, first: Reply) -> None:
    """A read that fails twice and then works is simply answered, after two growing pauses."""
    before = clock.monotonic()
    async with opened(first, first, reply(WORKFLOW), budget=budget) as (client, server):
        assert (await client.workflow(REF)).number == 3
    assert len(server.seen) == 3
    short, long = clock.slept
    assert 0.5 <= short <= 1.0
    assert 1.0 <= long <= 1.5
    assert clock.monotonic() - before == pytest.approx(short + long)


async def test_jitter(opened: Open, clock: ManualClock, budget: Budget) -> None:
    """Pauses are not the same twice, so that many readers do not come back at once."""
    async with opened(BUSY, budget=budget) as (client, _):
        for _ in range(3):
            with pytest.raises(PlanetScaleError):
                await client.workflow(REF)
    assert len(set(clock.slept)) == len(clock.slept) == 6


class Counted(Budget):
    """Remembers who asked it for a token."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(6000, clock)
        self.asked: list[RequestPriority] = []

    async def acquire(self, priority: RequestPriority, *, within: float | None = None) -> None:
        self.asked.append(priority)
        await super().acquire(priority, within=within)


async def test_every_try_counts(opened: Open, clock: ManualClock) -> None:
    """Each try takes a token from the budget, at the priority of who asks; a change goes before all."""
    budget = Counted(clock)
    async with opened(BUSY, budget=budget) as (client, server):
        for call in (
            client.workflow(REF, priority=RequestPriority.BACKGROUND),
            client.organizations(),
            client.call(REF, WorkflowCall.RETRY),
        ):
            with pytest.raises(PlanetScaleError):
                await call
    assert len(server.seen) == 7
    assert budget.asked == [RequestPriority.BACKGROUND] * 3 + [RequestPriority.PERSON] * 3 + [
        RequestPriority.CHANGE
    ]


@pytest.mark.parametrize(
    ("retry_after", "priority", "tries"),
    [
        ("3", RequestPriority.PERSON, 3),
        ("10", RequestPriority.PERSON, 3),
        ("11", RequestPriority.PERSON, 1),
        ("11", RequestPriority.BACKGROUND, 3),
        ("30", RequestPriority.BACKGROUND, 3),
        ("31", RequestPriority.BACKGROUND, 1),
        ("Mon, 23 Nov 2026 03:00:00 GMT", RequestPriority.PERSON, 1),
        ("rubbish", RequestPriority.PERSON, 3),
        (None, RequestPriority.PERSON, 3),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after(
    opened: Open,
    clock: ManualClock,
    *,
    retry_after: str | None,
    priority: RequestPriority,
    tries: int,
    status: int,
) -> None:
    """A short `Retry-After` is waited for; a long one ends the read at once."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    async with opened(reply(b"", status, headers)) as (client, server):
        before = clock.monotonic()
        with pytest.raises(PlanetScaleError):
            await client.workflow(REF, priority=priority)
        assert len(server.seen) == tries
    if retry_after and retry_after.isdigit():
        assert clock.monotonic() - before >= (tries - 1) * float(retry_after)


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("31", 31), ("Mon, 23 Nov 2026 02:16:00 GMT", 60), ("86400", 600), ("rubbish", None), (None, None)],
)
async def test_retry_after_is_handed_on(
    opened: Open, budget: Budget, retry_after: str | None, seconds: float | None
) -> None:
    """The caller learns how long PlanetScale asks to wait, of which at most ten minutes are believed."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    async with opened(reply(b"", 503, headers), budget=budget) as (client, _):
        with pytest.raises(PlanetScaleError) as caught:
            await client.call(REF, WorkflowCall.RETRY)
    assert caught.value.retry_after == seconds


async def test_a_429_stops_everybody(opened: Open, clock: ManualClock, budget: Budget) -> None:
    """After a 429 nothing leaves until PlanetScale's time is over: a read waits, a change is not sent."""
    async with opened(_limited("8"), reply(WORKFLOW), budget=budget) as (client, server):
        with pytest.raises(PlanetScaleError) as first:
            await client.call(REF, WorkflowCall.COMPLETE)
        with pytest.raises(PlanetScaleError) as second:
            await client.call(REF, WorkflowCall.COMPLETE)
        assert len(server.seen) == 1
        before = clock.monotonic()
        await client.workflow(REF)
        assert clock.monotonic() - before >= 8
    assert (first.value.kind, first.value.retry_after) == (FailureKind.LIMITED, 8)
    assert (second.value.kind, second.value.retry_after) == (FailureKind.BUDGET, 8)
    assert first.value.certainly_nothing_changed
    assert second.value.certainly_nothing_changed


@pytest.mark.parametrize("retry_after", [None, "rubbish"])
async def test_a_429_without_a_time(opened: Open, budget: Budget, retry_after: str | None) -> None:
    """A 429 that does not say how long stops everything for five seconds."""
    async with opened(_limited(retry_after), budget=budget) as (client, _):
        with pytest.raises(PlanetScaleError):
            await client.call(REF, WorkflowCall.COMPLETE)
    assert budget.held_off == 5


async def test_no_budget(opened: Open, clock: ManualClock) -> None:
    """Where the budget has nothing to give in time, nothing is sent, and the error says so with certainty."""
    budget = Budget(2, clock)
    await budget.hold_off(100)
    async with opened(reply(WORKFLOW), budget=budget) as (client, server):
        for call in (client.workflow(REF), client.call(REF, WorkflowCall.CANCEL)):
            with pytest.raises(PlanetScaleError) as caught:
                await call
            assert caught.value.kind is FailureKind.BUDGET
            assert caught.value.certainly_nothing_changed
            assert caught.value.retry_after == pytest.approx(100)
        assert server.connections == 0


async def test_budget_is_kept_on_the_wire(opened: Open, clock: ManualClock) -> None:
    """However much is asked, no 60 s see more requests than the budget."""
    times: list[float] = []
    async with opened(reply(WORKFLOW), budget=Budget(12, clock)) as (client, server):
        for _ in range(40):
            await client.workflow(REF, priority=RequestPriority.BACKGROUND)
            times.append(clock.monotonic())
    assert len(server.seen) == 40
    assert all(late - early > 60 for early, late in zip(times, times[12:], strict=False))
    assert all(early <= late for early, late in pairwise(times))
