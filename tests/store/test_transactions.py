"""The contract of `Database`, the same on SQLite and on PostgreSQL."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from bot.store.engine.database import Database
from bot.store.engine.lane import WorkPriority
from bot.store.engine.statements import insert_new, serialize_on
from bot.store.engine.transaction import after_commit
from bot.store.errors import DatabaseBusyError, DatabaseUnavailableError, StoreError
from bot.store.proof import writable
from bot.store.schema import leases, operations
from tests.store.databases import answers
from tests.store.rows import Held, add_lease, add_operation, lease_names, operation


@pytest.fixture
async def single(database_url: str) -> AsyncIterator[Database]:
    """A database with a single writer, on PostgreSQL as well."""
    async with Database(database_url, begin_within=30, connections=1) as opened:
        yield opened


async def test_a_write_is_there_for_the_next_read(database: Database) -> None:
    """What `write` has returned from is seen by every read after it."""
    await database.write(add_lease, "a")
    assert await database.read(lease_names) == ["a"]


async def test_an_error_undoes_everything(database: Database) -> None:
    """A transaction that raises leaves nothing behind, and its own error arrives."""

    def fail(connection: Connection) -> None:
        add_lease(connection, "a")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(fail)
    assert await database.read(lease_names) == []


async def test_what_cannot_begin_in_time_is_withdrawn(single: Database, database_url: str) -> None:
    """A busy database means that nothing was done and nothing will be."""
    held = Held("first")
    first = asyncio.create_task(single.write(held))
    await held.begun.wait()
    with pytest.raises(DatabaseBusyError, match="nothing was done"):
        await single.write(add_lease, "late", begin_within=0.01)
    held.let_go()
    assert await first == "first"
    await single.close()
    async with Database(database_url, begin_within=30) as again:
        assert await again.read(lease_names) == ["first"]


async def test_a_caller_cancelled_before_the_beginning(single: Database) -> None:
    """Who is cancelled while waiting for the database has changed nothing."""
    held = Held("first")
    first = asyncio.create_task(single.write(held))
    await held.begun.wait()
    waiting = asyncio.create_task(single.write(add_lease, "cancelled"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    held.let_go()
    await first
    await single.write(add_lease, "after")
    assert await single.read(lease_names) == ["after", "first"]


async def test_a_caller_cancelled_in_the_middle(single: Database) -> None:
    """A cancelled caller is not let go before the transaction has ended, and the log says how it ended."""
    held = Held("kept")
    task = asyncio.create_task(single.write(held))
    await held.begun.wait()
    with capture_logs() as lines:
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        assert not task.done()
        held.let_go()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await single.read(lease_names) == ["kept"]
    assert [(line["event"], line["committed"]) for line in lines] == [
        ("transaction_outlived_its_caller", True)
    ]


async def test_people_go_before_ticks(single: Database) -> None:
    """What somebody waits for overtakes the scheduler's work that was queued before it."""
    held = Held("first")
    first = asyncio.create_task(single.write(held))
    await held.begun.wait()
    order: list[str] = []

    def note(_connection: Connection, name: str) -> None:
        order.append(name)

    queued = []
    for name, priority in (
        ("tick 1", WorkPriority.TICK),
        ("tick 2", WorkPriority.TICK),
        ("person", WorkPriority.PERSON),
    ):
        queued.append(asyncio.create_task(single.write(note, name, priority=priority)))
        await asyncio.sleep(0)
    held.let_go()
    await asyncio.gather(first, *queued)
    assert order == ["person", "tick 1", "tick 2"]


async def test_people_go_before_readiness(single: Database) -> None:
    """However often it is asked whether rows can be written: that waits behind what people wait for."""
    held = Held("first")
    first = asyncio.create_task(single.write(held))
    await held.begun.wait()
    order: list[str] = []

    async def prove() -> None:
        await writable(single)
        order.append("readiness")

    async def ask() -> None:
        await single.write(lambda _connection: order.append("person"))

    queued = []
    for one in (prove(), ask()):
        queued.append(asyncio.create_task(one))
        await asyncio.sleep(0)
    held.let_go()
    await asyncio.gather(first, *queued)
    assert order == ["person", "readiness"]


async def test_one_of_many_wins(database_url: str) -> None:
    """Of eight who claim the same operation at the same instant exactly one gets it."""
    together = threading.Barrier(8 if database_url.startswith("postgres") else 1)

    def claim(connection: Connection, who: str) -> bool:
        together.wait(30)
        swap = update(operations).where(operations.c.state == "ready", operations.c.fence == 0)
        done = connection.execute(swap.values(state="executing", fence=1, claimed_by=who))
        return done.rowcount == 1

    async with Database(database_url, begin_within=30, connections=8) as database:
        await database.write(add_operation)
        won = await asyncio.gather(*(database.write(claim, f"worker-{number}") for number in range(8)))
        claimed_by = await database.read(
            lambda connection: connection.scalar(select(operations.c.claimed_by))
        )
    assert won.count(True) == 1
    assert claimed_by == f"worker-{won.index(True)}"


async def test_of_equal_inserts_one_is_new(database_url: str) -> None:
    """A command that Slack delivers four times at once becomes one operation."""

    def ask(connection: Connection, number: int) -> bool:
        return insert_new(connection, operations, operation(id=f"op{number}"))

    async with Database(database_url, begin_within=30, connections=4) as database:
        new = await asyncio.gather(*(database.write(ask, number) for number in range(4)))
        stored = await database.read(lambda connection: list(connection.scalars(select(operations.c.id))))
    assert new.count(True) == 1
    assert stored == [f"op{new.index(True)}"]


async def test_the_same_name_goes_one_after_another(database_url: str) -> None:
    """Two decisions about one workflow are never taken side by side."""
    order: list[str] = []
    loop = asyncio.get_running_loop()
    other_arrived = asyncio.Event()

    def first(connection: Connection) -> None:
        serialize_on(connection, "acme/shop/3")
        held(connection)
        order.append("first")

    def second(connection: Connection) -> None:
        loop.call_soon_threadsafe(other_arrived.set)
        serialize_on(connection, "acme/shop/3")
        order.append("second")

    async with Database(database_url, begin_within=30) as database:
        held = Held("first")
        one = asyncio.create_task(database.write(first))
        await held.begun.wait()
        two = asyncio.create_task(database.write(second))
        if database_url.startswith("postgres"):
            await other_arrived.wait()
        held.let_go()
        await asyncio.gather(one, two)
    assert order == ["first", "second"]


async def test_a_read_sees_one_moment(database: Database) -> None:
    """All queries of a read agree with each other, whatever is written meanwhile."""
    loop = asyncio.get_running_loop()
    looked, written = asyncio.Event(), threading.Event()

    def look_twice(connection: Connection) -> tuple[list[str], list[str]]:
        before = lease_names(connection)
        loop.call_soon_threadsafe(looked.set)
        written.wait(30)
        return before, lease_names(connection)

    reading = asyncio.create_task(database.read(look_twice))
    await looked.wait()
    await database.write(add_lease, "a")
    written.set()
    assert await reading == ([], [])


async def test_a_read_changes_nothing(database: Database) -> None:
    """A read that tries to write is refused by the database itself."""
    await database.write(add_lease, "a")
    with pytest.raises((StoreError, DBAPIError)):
        await database.read(lambda connection: connection.execute(delete(leases)).rowcount)
    assert await database.read(lease_names) == ["a"]


async def test_hooks_run_after_the_commit_only(database: Database) -> None:
    """What is announced has been stored, and a failing announcement does not look like a failed write."""
    heard: list[str] = []

    def announce(connection: Connection, name: str, divisor: int) -> None:
        after_commit(connection, lambda: heard.append(name))
        after_commit(connection, lambda: heard.append(f"{name} {1 // divisor}"))
        add_lease(connection, name)

    await database.write(announce, "a", 1)
    with pytest.raises(StoreError):
        await database.write(announce, "a", 1)
    with capture_logs() as lines:
        await database.write(announce, "b", 0)
    assert heard == ["a", "a 1", "b"]
    assert [line["event"] for line in lines] == ["after_commit_failed"]
    assert await database.read(lease_names) == ["a", "b"]


async def test_closing_finishes_what_was_asked_for(single: Database, database_url: str) -> None:
    """A stop loses nothing that somebody waits for; afterwards the database says that it is closed."""
    held = Held("first")
    first = asyncio.create_task(single.write(held))
    await held.begun.wait()
    second = asyncio.create_task(single.write(add_lease, "second"))
    await asyncio.sleep(0)
    closing = asyncio.create_task(single.close())
    await asyncio.sleep(0)
    held.let_go()
    await asyncio.gather(first, second, closing)
    with pytest.raises(DatabaseUnavailableError, match="closed"):
        await single.read(lease_names)
    assert not await answers(single)
    async with Database(database_url, begin_within=30) as again:
        assert await again.read(lease_names) == ["first", "second"]
        assert await answers(again)
