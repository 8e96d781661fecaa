"""Machines whose clocks differ: what was approved is still only for the five minutes after that."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bot.demo.clock import ManualClock
from bot.operations.model import State
from bot.operations.worker import Worker
from tests.operations.conftest import BEN, Engine, open_engine
from tests.store.postgres import PostgresServer

MINUTES = 60.0


class OffClock(ManualClock):
    """The wall clock of a machine that is `ahead` of the others."""

    def __init__(self, right: ManualClock, ahead: float) -> None:
        super().__init__()
        self._right, self._ahead = right, ahead

    def now(self) -> datetime:
        return self._right.now() + timedelta(seconds=self._ahead)

    def monotonic(self) -> float:
        return self._right.monotonic()


@pytest.fixture
async def engine(postgres: PostgresServer, postgres_template: str, tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine on PostgreSQL, with a workflow that can be cancelled."""
    name = postgres.create(postgres_template)
    async with open_engine(tmp_path, url=postgres.url(name)) as opened:
        opened.simulator.add_workflow("shop", 3, "running")
        yield opened
    postgres.drop(name)


async def approved(engine: Engine) -> str:
    """A request that was approved just now, by a worker that died before it sent anything."""
    operation_id = await engine.ask("cancel shop 3")
    await engine.put_press(operation_id, BEN, "approve")
    async for _ in engine.worker._decider.settle(operation_id):
        pass
    assert (await engine.get(operation_id)).state is State.READY
    return operation_id


async def pass_time(engine: Engine, seconds: float) -> None:
    """Let time pass, for the database too."""

    def stored_earlier(connection: Connection) -> None:
        connection.execute(
            text("UPDATE presses SET stored_at = stored_at - :by"), {"by": int(seconds * 1_000_000)}
        )

    engine.clock.advance(seconds)
    await engine.services.database.write(stored_earlier)


def worker(engine: Engine, ahead: float) -> Worker:
    """A worker that was started just now, on another machine."""
    return Worker(replace(engine.services, worker="w2", clock=OffClock(engine.clock, ahead)), alone=False)


@pytest.mark.parametrize("behind", [1, 2, 4, 5])
async def test_a_new_worker_whose_clock_is_behind(engine: Engine, behind: int) -> None:
    """An approval of six minutes ago sends nothing, though the worker's clock says that it is younger."""
    operation_id = await approved(engine)
    await pass_time(engine, 6 * MINUTES)
    await worker(engine, -behind * MINUTES).settle()
    assert engine.mutations() == []
    assert (await engine.get(operation_id)).state is State.TOO_LATE


async def test_a_clock_that_is_a_little_behind(engine: Engine) -> None:
    """Within the five minutes a worker whose clock is seconds behind sends what was approved."""
    await approved(engine)
    await pass_time(engine, 4 * MINUTES)
    await worker(engine, -3).settle()
    assert engine.mutations() == ["cancel"]
