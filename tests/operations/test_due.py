"""What the sweep finds is what there is to do: no more, no less, and at no cost for all the rest."""

import asyncio
import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, text, update

from bot.approvals.terms import Gate
from bot.operations.model import NEVER, Operation, State
from bot.operations.storage import due_rows, press_rows
from bot.operations.storage.operation_rows import to_row
from bot.operations.storage.press_rows import Press
from bot.operations.worker import AT_ONCE
from bot.planetscale.refs import WorkflowRef
from bot.store.schema import operations
from bot.workflows.actions.cancel import CANCEL
from tests.operations.conftest import ANA, BEN, Engine, open_engine

NOW = datetime.fromisoformat("2026-11-23T02:14:10+00:00")
"""Ten seconds after the engine's clock began."""


def at(chance: random.Random, *choices: float | None) -> datetime | None:
    """One of these many seconds from now, or no moment."""
    seconds = chance.choice(choices)
    return None if seconds is None else NOW + timedelta(seconds=seconds)


def any_operation(chance: random.Random, number: int) -> Operation:
    """An operation in any state, at any point of its waiting."""
    return Operation(
        id=f"op{number}",
        organization="acme",
        database="shop",
        ref=WorkflowRef("acme", "shop", number),
        action=CANCEL,
        requester=ANA,
        team_id="T0ACME",
        channel="C1",
        state=chance.choice(list(State)),
        gate=chance.choice(list(Gate)),
        asked_at=NOW + timedelta(seconds=chance.choice([-1800, -600, -1])),
        expires_at=NOW + timedelta(seconds=chance.choice([-1, 0, 1, 599, 600, 1800])),
        reminded_at=at(chance, None, None, -5),
        direct_at=at(chance, None, None, -1, 0, 1),
        execute_by=at(chance, None, -1, 1, 299, 700),
        next_read_at=at(chance, None, -1, 0, 1),
    )


def any_press(chance: random.Random, number: int) -> Press | None:
    """A press on it, or none; it may have been put aside, and the clock may have been set back since."""
    received = at(chance, None, None, None, -11, -6, -1, 0, 5)
    if received is None:
        return None
    return Press(
        operation_id=f"op{number}",
        user_id=BEN,
        trigger_id=f"t{number}",
        kind="approve",
        prefix="",
        received_at=received,
    )


def written(connection: Connection, chance: random.Random, how_many: int) -> None:
    for number in range(how_many):
        connection.execute(insert(operations), to_row(any_operation(chance, number)))
        if pressed := any_press(chance, number):
            press_rows.press(connection, pressed)
            tried = {"tried": chance.randrange(3), "of": f"op{number}"}
            connection.execute(text("UPDATE presses SET attempts = :tried WHERE operation_id = :of"), tried)
            if chance.random() < 0.3:
                connection.execute(text("UPDATE presses SET decided_at = 1 WHERE operation_id = :of"), tried)


async def has_work(engine: Engine, operation_id: str) -> bool:
    """What the steps themselves say."""
    operation = await engine.get(operation_id)
    pressed = await engine.services.database.read(press_rows.due, operation_id, engine.clock.now())
    return bool(pressed) or await engine.worker._next_step(operation) is not None


async def test_the_sweep_finds_what_has_work_to_do(database_url: str, tmp_path: Any) -> None:
    """Whatever an operation waits for: it is found when something can be done, and never before."""
    async with open_engine(tmp_path, url=database_url) as engine:
        assert engine.clock.now() == NOW
        database, how_many = engine.services.database, 300
        await database.write(written, random.Random(20), how_many)
        due = await database.read(due_rows.due, "w1", NOW)
        found = {one.id for one in due if engine.worker._may_begin(one, NOW)}
        ids = {f"op{number}" for number in range(how_many)}
        assert found == {one for one in ids if await has_work(engine, one)}
        assert len(due) == len({one.id for one in due})


async def test_people_do_not_wait_behind_reads(engine: Engine) -> None:
    """What somebody has just asked for or pressed is begun before what is only to be read again."""

    def rows(connection: Connection) -> None:
        chance = random.Random(1)
        for number in range(20):
            one = any_operation(chance, number)
            state = State.UNDER_WAY if number < 19 else State.REQUESTED
            asked_at = NOW - timedelta(seconds=100 - number)
            known = replace(one, state=state, next_read_at=NOW, asked_at=asked_at)
            connection.execute(insert(operations), to_row(known))

    await engine.services.database.write(rows)
    due = await engine.services.database.read(due_rows.due, "w1", NOW)
    assert (due[0].id, len(due)) == ("op19", 20)


async def test_what_is_asked_for_while_much_is_due(engine: Engine) -> None:
    """Hundreds of requests are past their half time at once: what somebody asks for then is begun beside the
    first of them, and all of them have their turn.
    """

    def rows(connection: Connection) -> None:
        chance = random.Random(3)
        for number in range(2 * AT_ONCE + 20):
            one = replace(any_operation(chance, number), state=State.WAITING, gate=Gate.PEER)
            late = replace(one, asked_at=NOW - timedelta(hours=2), expires_at=NOW + timedelta(hours=1))
            quiet = replace(late, reminded_at=None, direct_at=None, next_read_at=None)
            connection.execute(insert(operations), to_row(quiet))

    engine.simulator.add_workflow("shop", 999, "running")
    await engine.services.database.write(rows)
    asked = await engine.take("cancel shop 999")
    await engine.worker._sweep()
    assert asked.id in engine.worker._busy
    assert len(engine.worker._busy) == AT_ONCE + 1
    await asyncio.wait(engine.worker._tasks)
    await engine.worker.settle()
    assert engine.board.events.count("reminder") == 2 * AT_ONCE + 20
    assert (await engine.get(asked.id)).state is State.WAITING


async def test_what_another_version_has_left_out(engine: Engine) -> None:
    """Where a version that works out no such moment changed a request, it is worked out at the next sweep."""
    engine.simulator.add_workflow("shop", 3, "running")
    operation_id = await engine.ask("cancel shop 3")

    def forget(connection: Connection) -> None:
        connection.execute(update(operations).values(wake_at=None))

    def kept(connection: Connection) -> int:
        return len(connection.execute(text("SELECT 1 FROM operations WHERE wake_at > 0")).all())

    database = engine.services.database
    await database.write(forget)
    await engine.worker.settle()
    assert await database.read(kept) == 1
    asked = await engine.get(operation_id)
    assert asked.wake_at == asked.half_time
    assert replace(asked, expires_at=None).wake_at == NEVER


def plan_of(connection: Connection) -> list[str]:
    """How SQLite goes about finding what is due."""
    given = due_rows._DUE.params(now=NOW, worker="w1")
    sql = str(given.compile(connection, compile_kwargs={"render_postcompile": True}))
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (0,) * sql.count("?"))
    return [row[3] for row in rows]


async def test_a_sweep_looks_at_nothing_that_is_not_due(engine: Engine) -> None:
    """However many requests wait or have ended, what is due is found by indexes alone."""
    steps = await engine.services.database.read(plan_of)
    assert [one for one in steps if "operations" in one or "presses" in one]
    assert [
        one for one in steps if one.startswith("SCAN") and ("operations" in one or "presses" in one)
    ] == []
