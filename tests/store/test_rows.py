"""What the tables promise, on both databases."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from bot.store.engine.database import Database
from bot.store.engine.statements import insert_new, new_id
from bot.store.errors import RowRefusedError
from bot.store.schema import audit, decisions, operations, presses
from tests.store.rows import NOW, add_operation, add_press, operation, press


def stored(connection: Connection) -> dict[str, Any]:
    return dict(connection.execute(select(operations)).mappings().one())


async def test_moments_come_back_aware(database: Database) -> None:
    """A time comes back in UTC, exact to the microsecond, whatever zone it was given in."""
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))
    values = operation(asked_at=elsewhere, expires_at=NOW + timedelta(minutes=30))
    await database.write(insert_new, operations, values)
    row = await database.read(stored)
    assert row["asked_at"].isoformat() == "2026-11-23T02:14:05.123456+00:00"
    assert row["expires_at"] - row["asked_at"] == timedelta(minutes=30)
    assert row["approved_at"] is None


async def test_moments_compare_in_the_database(database: Database) -> None:
    """What is due is found by time, to the microsecond."""
    await database.write(insert_new, operations, operation(expires_at=NOW))

    def due(connection: Connection, at: datetime) -> int:
        return len(connection.execute(select(operations).where(operations.c.expires_at <= at)).all())

    assert await database.read(due, NOW) == 1
    assert await database.read(due, NOW - timedelta(microseconds=1)) == 0


async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    """A time that could mean two instants is never stored."""
    naive = operation(asked_at=NOW.replace(tzinfo=None))
    with pytest.raises(Exception, match="without a time zone"):
        await database.write(insert_new, operations, naive)


async def test_json_comes_back_as_it_was(database: Database) -> None:
    """Lists, numbers, order of keys and any text survive; nothing is told apart from empty."""
    facts = {
        "tables": ["orders", "line_items"],
        "rows": 10**15,
        "share": 0.25,
        "said": "“é” \0 \ud83d 🙂",
        "none": None,
    }
    await database.write(insert_new, operations, operation(facts=facts, approvers=[], report=None))
    row = await database.read(stored)
    assert row["facts"] == facts
    assert list(row["facts"]) == list(facts)
    assert row["approvers"] == []
    assert row["report"] is None


async def test_any_text_can_be_stored(database: Database) -> None:
    """Nothing that somebody types as a reason makes the database fail."""
    await database.write(insert_new, operations, operation(reason="no '; -- \0 \ud83d 🙂"))
    assert (await database.read(stored))["reason"] == "no '; -- ? ? 🙂"


async def test_a_press_counts_as_one_row(database: Database) -> None:
    """A press that Slack delivers twice is one press; the same person's next press is another."""
    await database.write(add_operation)
    assert await database.write(insert_new, presses, press())
    assert not await database.write(insert_new, presses, press(kind="deny"))
    assert await database.write(insert_new, presses, press(trigger_id="99.2"))
    with pytest.raises(RowRefusedError):
        await database.write(add_press, press())


async def test_a_refused_row_is_not_repeated_in_the_error(database: Database) -> None:
    """An error about a row names the constraint, never the values: they can be secret."""
    await database.write(add_operation)
    with pytest.raises(RowRefusedError) as caught:
        await database.write(add_press, press(received_at=None))
    assert "received_at" in str(caught.value)
    assert "SECRETPART" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_nothing_hangs_in_the_air(database: Database) -> None:
    """A press on an operation that does not exist cannot be stored."""
    with pytest.raises(RowRefusedError):
        await database.write(add_press, press())


@pytest.mark.parametrize("change", ["update", "delete"])
@pytest.mark.parametrize("name", ["audit", "decisions"])
async def test_history_cannot_be_rewritten(database: Database, name: str, change: str) -> None:
    """No mistake in the bot can change or remove a decision or a line of the audit log."""

    def decide(connection: Connection) -> None:
        add_operation(connection)
        decided = {"operation_id": operation()["id"], "user_id": "UBEN", "kind": "approve", "at": NOW}
        connection.execute(insert(decisions).values(press_id=add_press(connection, press()), **decided))
        connection.execute(insert(audit).values(at=NOW, who="UBEN", what="approved", detail={}))

    table = {"audit": audit, "decisions": decisions}[name]
    statement = update(table).values(at=NOW + timedelta(days=1)) if change == "update" else delete(table)
    await database.write(decide)
    with pytest.raises(RowRefusedError, match="append-only"):
        await database.write(lambda connection: connection.execute(statement).rowcount)
    assert await database.read(lambda connection: list(connection.scalars(select(table.c.at)))) == [NOW]


async def test_a_press_decides_once(database: Database) -> None:
    """Even a worker that decides the same press twice cannot count it twice."""

    def decide(connection: Connection, press_id: int) -> bool:
        decided = {"operation_id": operation()["id"], "user_id": "UBEN", "kind": "approve", "at": NOW}
        return insert_new(connection, decisions, {"press_id": press_id, **decided})

    await database.write(add_operation)
    press_id = await database.write(add_press, press())
    assert await database.write(decide, press_id)
    assert not await database.write(decide, press_id)


def test_ids_cannot_be_guessed() -> None:
    """Ids are 22 url-safe characters, each time others."""
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(made) == 22 and made.replace("-", "").replace("_", "").isalnum() for made in ids)
