"""One pace at Slack for several processes, on a real PostgreSQL whose clock is simulated."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

from bot.runtime.metering import Flow, NotCountedError, Portion, Rank
from bot.slack.delivery.pacing import POST, UPDATE, Pacing, Rates
from tests.planetscale.test_budget import most_in_a_minute
from tests.store.databases import postgres, postgres_template
from tests.store.postgres import PostgresServer
from tests.store.shared_time import CountedMeters, SharedTime, processes

__all__ = ["postgres", "postgres_template"]

RATES = Rates(jitter=lambda: 1.0)
May = Callable[[], Coroutine[Any, Any, bool]]


def pacings(time: SharedTime, meters: list[CountedMeters]) -> list[Pacing]:
    return [Pacing(time, RATES, one) for one in meters]


async def sent(time: SharedTime, seconds: float, *senders: tuple[May, Callable[[], float]]) -> list[float]:
    """When each of the senders' calls left, who all send whenever they may."""
    end, times = time.monotonic() + seconds, list[float]()

    async def send(may: May, wait: Callable[[], float]) -> None:
        while time.monotonic() < end:
            if await may():
                times.append(time.monotonic())
            await time.sleep(max(wait(), 0.001))

    running = [asyncio.create_task(send(*one)) for one in senders]
    await time.advance(seconds)
    for one in running:
        one.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    return sorted(times)


async def test_a_post_a_second_and_channel(postgres: PostgresServer, postgres_template: str) -> None:
    """However many processes post in a channel, a second lies between two posts; others do not wait."""
    async with processes(postgres, postgres_template, 3) as (time, meters):
        all_of_them = pacings(time, meters)
        one = [(lambda p=p: p.may_post("C1"), lambda p=p: p.post_in("C1")) for p in all_of_them]
        times = await sent(time, 20, *one)
        assert len(times) >= 15
        assert all(late - early >= 0.999 for early, late in pairwise(times))
        assert await all_of_them[0].may_post("C2")


async def test_updates_in_a_minute(postgres: PostgresServer, postgres_template: str) -> None:
    """All processes together update no more than 45 messages in any minute, and what is urgent finds a share
    that what is not has left.
    """
    async with processes(postgres, postgres_template, 2) as (time, meters):
        first, second = pacings(time, meters)
        both = [(lambda p=p: p.may_update(2), lambda p=p: p.update_in(2)) for p in (first, second)]
        times = await sent(time, 130, *both)
        assert most_in_a_minute(times) <= 45
        assert len(times) >= 60
        assert await first.may_update(0)
        assert await second.may_update(0)


async def test_retry_after_is_for_all(postgres: PostgresServer, postgres_template: str) -> None:
    """What Slack told one process to wait with, no process calls until then."""
    async with processes(postgres, postgres_template, 2) as (time, meters):
        told, other = pacings(time, meters)
        await told.hold(POST, 30)
        assert await other.may_update(0)
        assert not await other.may_post("C1")
        assert 29 < other.post_in("C1") <= 30.1
        await told.hold(UPDATE, 30)
        assert not await other.may_update(0)
        assert 29 < other.update_in(0) <= 30.1
        await time.advance(31)
        assert await other.may_post("C1")
        assert await other.may_update(0)


class Away:
    """Meters of a database that is away."""

    def named(self, name: str, *, closed_with: str | None = None) -> "Away":
        return self

    async def take(
        self, flow: Flow, *, wanted: int = 1, kept: float = 0.0, rank: Rank = Rank.LAST
    ) -> Portion:
        raise NotCountedError

    async def close(self, seconds: float) -> None:
        raise NotCountedError


async def test_without_the_database(postgres: PostgresServer, postgres_template: str) -> None:
    """Where the count cannot be reached nothing is sent, and it is asked for again a moment later."""
    async with processes(postgres, postgres_template, 1) as (time, _):
        pacing = Pacing(time, RATES, Away())
        assert not await pacing.may_post("C1")
        assert not await pacing.may_update(0)
        await pacing.hold(POST, 5)
        assert (pacing.post_in("C1"), pacing.update_in(0)) == (5, 1)
