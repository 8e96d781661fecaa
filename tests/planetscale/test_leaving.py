"""The last moment before a change leaves: everything that can wait is over, and nothing is sent yet."""

import asyncio

import pytest

from bot.demo.clock import ManualClock
from bot.planetscale.budget import Budget
from bot.planetscale.calls import NewWorkflow, WorkflowCall
from bot.planetscale.client import PlanetScale
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.wire import Timeouts
from bot.runtime.metering import Flow, NotCountedError, Portion, Rank
from tests.planetscale.conftest import REF, WORKFLOW, Open, client_of
from tests.planetscale.wire import Reply, Then, reply

NEW = NewWorkflow(
    name="move-orders", branch_name="main", source_keyspace="a", target_keyspace="b", tables=("orders",)
)


class NotNowError(Exception):
    """What whoever is asked says."""


async def change(client: PlanetScale, what: str, leave: "Asked") -> None:
    if what == "create":
        await client.create("acme", "shop", NEW, leave)
    else:
        await client.call(REF, WorkflowCall[what], leave)


class Asked:
    """Is asked whether the request may leave, and says so."""

    def __init__(self, problem: BaseException | None = None) -> None:
        self.problem = problem
        self.times = 0

    async def __call__(self) -> None:
        self.times += 1
        await asyncio.sleep(0)
        if self.problem:
            raise self.problem


@pytest.mark.parametrize("what", ["create", "CANCEL", "SWITCH_PRIMARIES"])
async def test_asked_once_and_sent(opened: Open, clock: ManualClock, what: str) -> None:
    """Each change asks once, and is sent."""
    async with opened(reply(WORKFLOW)) as (client, server):
        clock.advance(10)
        asked = Asked()
        await change(client, what, asked)
        assert (asked.times, len(server.seen)) == (1, 1)


@pytest.mark.parametrize("what", ["create", "CANCEL", "SWITCH_PRIMARIES"])
@pytest.mark.parametrize("problem", [NotNowError(), RuntimeError(), asyncio.CancelledError()])
async def test_not_a_byte_leaves(opened: Open, clock: ManualClock, what: str, problem: BaseException) -> None:
    """If the answer is no, that is what the caller gets, and not a byte was sent over the open connection."""
    async with opened(reply(WORKFLOW)) as (client, server):
        clock.advance(10)
        asked = Asked(problem)
        with pytest.raises(type(problem)):
            await change(client, what, asked)
        assert asked.times == 1
        await client.workflow(REF)  # whatever had been sent would have come before it
        assert (server.connections, [one.method for one in server.seen]) == (2, ["GET"])


async def test_not_asked_before_the_budget_allows_it(opened: Open, clock: ManualClock) -> None:
    """As long as the budget holds it back nobody is asked, for the answer would be old."""
    budget = Budget(2, clock)
    async with opened(reply(WORKFLOW), budget=budget) as (client, server):
        asked = Asked()
        with pytest.raises(PlanetScaleError) as caught:
            await client.call(REF, WorkflowCall.CANCEL, asked)
        assert caught.value.kind is FailureKind.BUDGET
        assert (asked.times, server.connections) == (0, 0)


async def test_not_asked_before_there_is_a_connection(clock: ManualClock) -> None:
    """As long as nobody can be connected to, the same."""
    async with client_of("http://127.0.0.1:1", clock) as client:
        clock.advance(10)
        asked = Asked()
        with pytest.raises(PlanetScaleError) as caught:
            await client.call(REF, WorkflowCall.CANCEL, asked)
        assert caught.value.kind is FailureKind.UNREACHABLE
        assert asked.times == 0


async def test_a_connection_that_breaks_meanwhile(opened: Open, clock: ManualClock) -> None:
    """It was asked and may have left: no answer, which proves nothing."""
    async with opened(Reply(then=Then.RESET, unread=True)) as (client, _):
        clock.advance(10)
        asked = Asked()
        with pytest.raises(PlanetScaleError) as caught:
            await client.call(REF, WorkflowCall.CANCEL, asked)
        assert (asked.times, caught.value.kind) == (1, FailureKind.NO_ANSWER)
        assert not caught.value.certainly_nothing_changed


async def test_nothing_leaves_with_an_old_token(opened: Open, clock: ManualClock) -> None:
    """A process that was stopped between the budget and the first byte sends nothing when it goes on, for
    others may have had its share again; of a change that is certain, and a read takes a new share.
    """
    async with opened(reply(WORKFLOW), timeouts=Timeouts(opened=0.0)) as (client, server):
        clock.advance(10)
        asked = Asked()
        for call in (client.call(REF, WorkflowCall.CANCEL, asked), client.workflow(REF)):
            with pytest.raises(PlanetScaleError) as caught:
                await call
            assert caught.value.kind is FailureKind.UNREACHABLE
            assert caught.value.certainly_nothing_changed
        assert (asked.times, server.seen) == (0, [])


class Unreachable:
    """The count that all processes share, whose database is away."""

    async def take(
        self, flow: Flow, *, wanted: int = 1, kept: float = 0.0, rank: Rank = Rank.LAST
    ) -> Portion:
        raise NotCountedError

    async def close(self, seconds: float) -> None:
        raise NotCountedError


async def test_nothing_leaves_uncounted(opened: Open, clock: ManualClock) -> None:
    """Where what all processes have left cannot be counted nothing leaves; of a change that is certain."""
    budget = Budget(480, clock, Unreachable())
    async with opened(reply(WORKFLOW), budget=budget) as (client, server):
        asked = Asked()
        for call in (client.call(REF, WorkflowCall.CANCEL, asked), client.workflow(REF)):
            with pytest.raises(PlanetScaleError) as caught:
                await call
            assert caught.value.kind is FailureKind.UNCOUNTED
            assert caught.value.certainly_nothing_changed
        assert (asked.times, server.connections) == (0, 0)
