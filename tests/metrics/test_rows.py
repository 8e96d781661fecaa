"""The figures that are read from the rows."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from bot.demo.clock import ManualClock
from bot.metrics import rows, table
from bot.metrics.rows import Read, RowFigures, read_rows
from bot.store.engine.database import Database
from bot.store.schema import messages, operations, watches
from bot.subjects.model import MOVING, WAITING
from tests.store.rows import NOW, operation


def _some(connection: Connection) -> None:
    waiting: list[dict[str, Any]] = [{"asked_at": NOW - timedelta(minutes=age)} for age in (1, 12, 7)]
    waiting.append({"gate": "confirm", "asked_at": NOW - timedelta(hours=1)})
    asked = [row | {"state": "waiting"} for row in waiting]
    for number, row in enumerate((*asked, {"state": "needs_person"}, {"state": "succeeded"})):
        given = operation(id=f"op{number}", trigger_id=str(number), **row)
        connection.execute(insert(operations).values(given))
    for number, (urgency, age) in enumerate(((MOVING, 3), (MOVING, 45), (WAITING, 200))):
        connection.execute(insert(watches).values(_watch(number, urgency, age)))
    connection.execute(insert(watches).values(_watch(9, MOVING, 9000) | {"over": "ended"}))
    for state, age in (("wanted", 5), ("outdated", 90), ("shown", 900), ("failed", 800), ("gone", 1000)):
        moment = NOW - timedelta(seconds=age)
        given = {"key": state, "places": [], "subject_kind": "event", "state": state}
        connection.execute(insert(messages).values(given | {"created_at": moment, "updated_at": moment}))


def _watch(number: int, urgency: int, age: float) -> dict[str, Any]:
    return {
        "id": f"watch{number}",
        "organization": "acme",
        "database": "shop",
        "number": number,
        "places": [],
        "origin": "found",
        "urgency": urgency,
        "read_at": NOW - timedelta(seconds=age),
        "created_at": NOW - timedelta(days=3),
        "names": {},
        "caused": [],
    }


async def test_what_waits_and_for_how_long(database: Database) -> None:
    """Approvals, open operations, watches by class and messages are counted, with the age of the oldest."""
    await database.write(_some)
    read = await database.read(read_rows, NOW)
    assert read[table.APPROVALS_WAITING] == {(): 3}
    assert read[table.OLDEST_APPROVAL] == {(): 720}
    assert read[table.OPERATIONS_OPEN]["needs_person",] == 1
    assert read[table.OPERATIONS_OPEN]["waiting",] == 4
    assert read[table.OPERATIONS_OPEN]["sending",] == 0
    assert read[table.WATCHES] == {("moving",): 2, ("working",): 0, ("waiting",): 1}
    assert read[table.STALENESS] == {("moving",): 45, ("working",): 0, ("waiting",): 200}
    assert read[table.MESSAGES_WAITING] == {(): 2}
    assert read[table.OLDEST_MESSAGE] == {(): 90}
    assert read[table.MESSAGES_FAILED] == {(): 1}


class Slow:
    """A database that answers when it is told to."""

    def __init__(self) -> None:
        self.answer, self.asked = asyncio.Event(), 0

    async def read(self, *_: object, **__: object) -> Read:
        self.asked += 1
        await self.answer.wait()
        return {}


async def test_many_that_look_are_one_read() -> None:
    """However many look, the database is asked once, and again only seconds later."""
    clock, slow = ManualClock(), Slow()
    figures = RowFigures(slow, clock)  # type: ignore[arg-type]
    asking = [asyncio.create_task(figures()) for _ in range(3)]
    await asyncio.sleep(0)
    slow.answer.set()
    assert await asyncio.gather(*asking, figures()) == [{}] * 4
    assert slow.asked == 1
    clock.advance(rows.FRESH_FOR)
    await figures()
    assert slow.asked == 2


async def test_a_database_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not answer holds up nobody who looks, and is not asked a second time meanwhile."""
    monkeypatch.setattr(rows, "ANSWERS_WITHIN", 0.001)
    clock, slow = ManualClock(), Slow()
    figures = RowFigures(slow, clock)  # type: ignore[arg-type]
    assert await figures() is None
    clock.advance(60)
    assert await figures() is None
    assert slow.asked == 1
