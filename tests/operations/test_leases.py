"""Several workers on one database: which of them does a step, and what becomes of one that is stopped."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.approvals.people import NamedPeople
from bot.operations.leases import RENEWED_AFTER
from bot.operations.model import State
from bot.operations.ports import Known
from bot.operations.steps.assessment import Assessor
from bot.operations.steps.sending import RequestSender
from bot.operations.storage.step_leases import LASTS
from bot.operations.worker import Worker
from bot.runtime.figures import Figures
from bot.runtime.tasks import Grace
from bot.store.engine.database import Database
from bot.store.schema import operations
from tests.operations.conftest import ANA, BEN, Engine, StubPeople, open_engine

LEASE = LASTS.total_seconds()


class Stop:
    """Where a worker stands still, as if it was stopped there, until it goes on."""

    def __init__(self) -> None:
        self.reached, self.goes_on = asyncio.Event(), asyncio.Event()

    async def here(self) -> None:
        """Stand still the first time; whoever comes by later passes."""
        if not self.reached.is_set():
            self.reached.set()
            await self.goes_on.wait()


class TakenOver(Figures):
    """Counts what was taken over."""

    def __init__(self) -> None:
        self.count = 0

    def taken_over(self, what: str) -> None:
        self.count += 1


class Two:
    """Two workers over the same rows, neither of which knows of the other."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.counts = TakenOver(), TakenOver()
        self.first, self.second = (
            Worker(replace(engine.services, worker=name, figures=figures), alone=False)
            for name, figures in zip(("w1", "w2"), self.counts, strict=True)
        )
        engine.worker = self.first

    @property
    def taken_over(self) -> list[int]:
        """How often each of them took over what the other one held."""
        return [one.count for one in self.counts]

    async def lease(self, operation_id: str) -> str | None:
        """Which worker holds the operation's lease."""

        def found(connection: Connection) -> str | None:
            return connection.scalar(select(operations.c.leased_by).where(operations.c.id == operation_id))

        return await self.engine.services.database.read(found)


@pytest.fixture
async def two(database_url: str, tmp_path: Path) -> AsyncIterator[Two]:
    async with open_engine(tmp_path, url=database_url) as engine:
        engine.simulator.add_workflow("shop", 3, "running")
        opened = Two(engine)
        yield opened
        for worker in (opened.first, opened.second):
            await worker.stop(Grace(work=0))


def while_asking_who(stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack was asked who pressed, and has said it."""
    who = StubPeople.who

    async def slow(people: StubPeople, user_id: str, *named: NamedPeople) -> Known:
        known = await who(people, user_id, *named)
        if user_id == BEN:
            await stop.here()
        return known

    monkeypatch.setattr(StubPeople, "who", slow)


def after_the_last_look(stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was approved, everything was looked at again, and the request is about to be claimed."""
    leave = RequestSender._leave

    async def slow(sender: RequestSender, *args: Any) -> None:
        await stop.here()
        await leave(sender, *args)

    monkeypatch.setattr(RequestSender, "_leave", slow)


def while_checking(stop: Stop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was approved, and was looked at again."""
    assess = Assessor.assess

    async def slow(assessor: Assessor, *args: Any) -> Any:
        found = await assess(assessor, *args)
        await stop.here()
        return found

    monkeypatch.setattr(Assessor, "assess", slow)


Place = Callable[[Stop, pytest.MonkeyPatch], None]


@pytest.mark.parametrize("place", [while_asking_who, while_checking, after_the_last_look])
async def test_a_worker_that_is_stopped_for_longer_than_its_lease(
    two: Two, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one takes over and sends; the one that goes on finds its lease lost, and does nothing."""
    operation_id = await two.engine.ask("cancel shop 3")
    await two.engine.put_press(operation_id, BEN, "approve")
    stop = Stop()
    place(stop, monkeypatch)
    stopped = asyncio.create_task(two.first.settle())
    await stop.reached.wait()

    two.engine.clock.advance(LEASE - 1)
    await two.second.settle()
    assert two.engine.mutations() == []  # it may still be at work
    assert await two.lease(operation_id) == "w1"

    two.engine.clock.advance(1)
    await two.second.settle(answered=True)
    assert two.engine.mutations() == ["cancel"]
    assert two.taken_over == [0, 1]

    stop.goes_on.set()
    await stopped
    assert two.engine.mutations() == ["cancel"]
    two.engine.worker = two.second
    await two.engine.pass_time(60)
    assert (await two.engine.get(operation_id)).state is State.SUCCEEDED
    assert two.engine.mutations() == ["cancel"]


async def test_a_worker_that_is_stopped_after_its_claim(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claimed and committed, and stopped before the first byte: once it goes on, it sends nothing."""
    operation_id = await two.engine.ask("cancel shop 3")
    await two.engine.put_press(operation_id, BEN, "approve")
    stop, write = Stop(), Database.write

    async def slow(database: Database, fn: Any, *args: Any, **options: Any) -> Any:
        result = await write(database, fn, *args, **options)
        if getattr(fn, "__name__", "") == RequestSender._committed.__name__:
            await stop.here()
        return result

    monkeypatch.setattr(Database, "write", slow)
    stopped = asyncio.create_task(two.first.settle())
    await stop.reached.wait()
    assert (await two.engine.get(operation_id)).state is State.SENDING
    two.engine.clock.advance(LEASE)
    await two.second.settle()
    assert two.taken_over == [0, 1]
    stop.goes_on.set()
    await stopped
    assert two.engine.mutations() == []
    two.engine.worker = two.second
    await two.engine.pass_time(20 * 60, step=10)
    assert (await two.engine.get(operation_id)).state is State.NOT_SEEN
    assert two.engine.mutations() == []


async def test_one_that_nobody_took_over_from(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alone and slow, it goes on with what is still its own, within the five minutes."""
    operation_id = await two.engine.ask("cancel shop 3")
    await two.engine.put_press(operation_id, BEN, "approve")
    stop = Stop()
    while_checking(stop, monkeypatch)
    stopped = asyncio.create_task(two.first.settle())
    await stop.reached.wait()
    two.engine.clock.advance(LEASE + 30)
    stop.goes_on.set()
    await stopped
    assert two.engine.mutations() == ["cancel"]


async def test_a_lease_that_is_renewed(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that takes long, of a worker that lives, is nobody else's."""
    operation_id = await two.engine.ask("cancel shop 3")
    await two.engine.put_press(operation_id, BEN, "approve")
    stop = Stop()
    while_asking_who(stop, monkeypatch)
    slow = asyncio.create_task(two.first.settle())
    await stop.reached.wait()
    for _ in range(6):
        two.engine.clock.advance(RENEWED_AFTER)
        await two.first._leases.renew()
        await two.second.settle()
    assert (await two.engine.get(operation_id)).state is State.WAITING
    assert two.taken_over == [0, 0]
    stop.goes_on.set()
    await slow
    assert two.engine.mutations() == ["cancel"]


async def test_what_a_stopped_worker_holds_is_handed_back(two: Two) -> None:
    """A worker that ends in order leaves nothing for which others have to wait."""
    operation_id = await two.engine.take("cancel shop 3")
    await two.first._leases.take([operation_id.id])
    await two.second.settle()
    assert (await two.engine.get(operation_id.id)).state is State.REQUESTED
    await two.first.stop(Grace(work=0))
    await two.second.settle()
    assert (await two.engine.get(operation_id.id)).state is State.WAITING


async def test_nothing_is_held_without_a_reason(two: Two) -> None:
    """Once there is nothing to do, any worker may do what comes next."""
    operation_id = await two.engine.ask("cancel shop 3")
    assert await two.lease(operation_id) is None
    await two.engine.put_press(operation_id, BEN, "approve")
    await two.second.settle()
    assert two.engine.mutations() == ["cancel"]
    assert two.taken_over == [0, 0]


async def test_a_private_answer_that_a_dead_worker_owes(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked is told by the next worker once the lease of the one that died has run out."""
    stop = Stop()
    give = two.first._preparer.pending_replies

    async def dies(*_: object) -> None:
        await stop.here()

    monkeypatch.setattr(give, "give", dies)
    asked = await two.engine.take("cancel shop 99")
    dying = asyncio.create_task(two.first.settle())
    await stop.reached.wait()
    dying.cancel()
    await two.second.settle()
    assert two.engine.told == []  # its lease has not run out: it may be about to
    two.engine.clock.advance(LEASE)
    await two.second.settle()
    assert two.engine.told == [(f"https://reply/{ANA}", "blocked")]
    assert (await two.engine.get(asked.id)).owed is None


async def test_many_at_once_are_shared(two: Two) -> None:
    """Two workers that wake together do each thing once."""
    asked = [await two.engine.take(f"cancel shop {number}") for number in (3, *range(50, 80))]
    await asyncio.gather(two.first.settle(), two.second.settle())
    states = [(await two.engine.get(one.id)).state for one in asked]
    assert states == [State.WAITING] + [State.BLOCKED] * 30
    assert sorted(two.engine.told) == [(f"https://reply/{ANA}", "blocked")] * 30
