"""Rows that this version of the bot cannot read: a newer one wrote them, or a page of the file is damaged."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from structlog.testing import capture_logs

from bot.operations.model import Operation, State
from bot.operations.storage import due_rows, repository, stories
from bot.store.engine.lane import WorkPriority
from bot.store.errors import DatabaseDamagedError, RowNotUnderstoodError
from tests.operations.conftest import ANA, BEN, Engine, open_engine


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with open_engine(tmp_path) as opened:
        yield opened


async def _spoil(engine: Engine, operation_id: str, column: str, value: str) -> None:
    def spoil(connection: Connection) -> None:
        statement = text(f"UPDATE operations SET {column} = :value WHERE id = :id")  # noqa: S608 - names of our own
        connection.execute(statement, {"value": value, "id": operation_id})

    await engine.services.database.write(spoil)


SPOILT = [
    ("action", "defragment"),
    ("gate", "two_groups"),
    ("call", "DEFRAGMENT"),
    ("facts", '{"places": 7}'),
    ("facts", "[[[garbled"),
    ("outcome", '{"latest": {"state": 5}}'),
    ("report", '{"findings": "none"}'),
    ("approvers", "7"),
    ("arguments", "garbled"),
]


@pytest.mark.parametrize(("column", "value"), SPOILT)
async def test_one_row_holds_up_no_other(engine: Engine, column: str, value: str) -> None:
    """What this version cannot read is left alone and told once; everything else goes on as ever."""
    for number in (3, 4):
        engine.simulator.add_workflow("shop", number, "verified_data")
    spoilt = await engine.take("switch-traffic shop 3 --replicas-only")
    await _spoil(engine, spoilt.id, column, value)
    with capture_logs() as lines:
        other = await engine.ask("switch-traffic shop 4 --replicas-only")
        await engine.pass_time(30)
        await engine.press(other, BEN, "approve")
        await engine.pass_time(30)
    assert (await engine.get(other)).state is State.SUCCEEDED
    assert engine.worker.moving
    assert [line["item"] for line in lines if line["event"] == "set_aside"] == [spoilt.id]
    assert len(engine.mutations()) == 1


async def test_a_damaged_page_holds_up_no_other(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request on a page of the file that cannot be read any more is left alone; all others go on."""
    for number in (3, 4):
        engine.simulator.add_workflow("shop", number, "verified_data")
    taken, load = await engine.take("switch-traffic shop 3 --replicas-only"), repository.load

    def damaged(connection: Connection, operation_id: str) -> Operation | None:
        if operation_id == taken.id:
            raise DatabaseDamagedError("the database file is damaged")
        return load(connection, operation_id)

    monkeypatch.setattr(repository, "load", damaged)
    other = await engine.ask("switch-traffic shop 4 --replicas-only")
    assert (await engine.get(other)).state is State.WAITING
    assert engine.worker.moving


async def test_what_was_set_aside_is_done_when_it_can_be_read(engine: Engine) -> None:
    """Nothing that was acknowledged is lost: the version that knows the row goes on with it."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    taken = await engine.take("switch-traffic shop 3 --replicas-only")
    await _spoil(engine, taken.id, "gate", "two_groups")
    await engine.pass_time(20)
    with pytest.raises(RowNotUnderstoodError, match=taken.id):
        await engine.get(taken.id)
    await _spoil(engine, taken.id, "gate", "none")
    await engine.pass_time(60)
    assert (await engine.get(taken.id)).state is State.WAITING


async def test_lists_leave_out_what_cannot_be_read(engine: Engine) -> None:
    """A history with one row of another version shows all the others."""
    for number in (3, 4):
        engine.simulator.add_workflow("shop", number, "verified_data")
    one = await engine.ask("switch-traffic shop 3 --replicas-only")
    two = await engine.ask("switch-traffic shop 4 --replicas-only")
    await _spoil(engine, one, "action", "defragment")
    listed = await engine.services.database.read(stories.history, "acme", "shop", None, 10)
    assert [story.operation.id for story in listed] == [two]
    now = engine.clock.now()
    since = now - timedelta(hours=1)
    assert await engine.services.database.read(repository.with_pending_reply, "w1", now, since) == []


async def test_in_doubt_nothing_is_sent(engine: Engine) -> None:
    """While a request on the same workflow cannot be read, no other one is sent there."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    unread = await engine.ask("verify-data shop 3")
    await _spoil(engine, unread, "state", "ready")
    await _spoil(engine, unread, "gate", "two_groups")
    sent = len(engine.mutations())
    await engine.ask("switch-traffic shop 3 --replicas-only")
    await engine.pass_time(30)
    assert len(engine.mutations()) == sent


async def test_reads_that_never_begin(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker outlives a database that is too busy for it, in whichever of its questions, and goes on."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    taken = await engine.take("switch-traffic shop 3 --replicas-only", user=ANA)
    database = engine.services.database
    monkeypatch.setattr(database, "_begin_within", 0.01)
    for before in range(4):
        passed = iter(range(before))
        put = database._reading.lane.put

        def busy(priority: WorkPriority, work: object, passed: object = passed, put: object = put) -> None:
            if next(passed, None) is not None:  # type: ignore[call-overload]
                put(priority, work)  # type: ignore[operator]

        with monkeypatch.context() as patched:
            patched.setattr(database._reading.lane, "put", busy)
            await engine.worker.settle()
    monkeypatch.setattr(database, "_begin_within", 30)
    await engine.worker.settle()
    assert engine.worker.moving
    assert (await engine.get(taken.id)).state is State.WAITING


async def test_the_loop_itself_goes_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a sweep meets, the worker's loop ends only when it is told to."""
    stop, seen = asyncio.Event(), list[int]()

    def broken(*_: object) -> None:
        seen.append(1)
        if len(seen) == 3:
            stop.set()
        engine.worker.wake()
        raise ZeroDivisionError

    monkeypatch.setattr(due_rows, "due", broken)
    await asyncio.wait_for(engine.worker.run(stop), 30)
    assert len(seen) == 3
    assert not engine.worker.moving
