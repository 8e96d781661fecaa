"""How large the database is after a year of heavy use. `python -m tests.bench.keeping`

One move is carried out by the whole bot, from its copy to the cutover. Its rows, as they are then, are
written once more for each move of a year, and then the clean-up runs, as it does every hour.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, select, text

from bot.demo.slack.people import BEN
from bot.logs import configure_logs
from bot.store.engine.lane import WorkPriority
from bot.store.schema import metadata
from bot.store.types import Moment
from tests.scenarios.conftest import MOVES, Stage, open_stage

MOVES_A_DAY: Final = 10
HOURS_OF_COPYING: Final = 4
_OF_A_MOVE: Final = (
    "operations",
    "presses",
    "decisions",
    "attempts",
    "readings",
    "audit",
    "messages",
    "watches",
    "samples",
)
_NAMES: Final = {
    "key",
    "copy_of",
    "thread_of",
    "subject_id",
    "operation_id",
    "watch_id",
    "trigger_id",
    "again_of",
}
_NUMBERS: Final = {"press_id", "attempt_id"}
_FAR: Final = 1_000_000
"""More rows than one move has of any kind."""


async def one_move(stage: Stage) -> None:
    """Watched from its copy on, verified, switched in two steps, cut over, and completed."""
    stage.planetscale.add_workflow("shop", 3, "copying", percent=1, ago=600)
    await stage.type("watch shop 3")
    await stage.pass_time(HOURS_OF_COPYING * 3600, 60)
    await _until(stage, "running", "verifying_data", "verified_data")
    await stage.type("verify-data shop 3")
    await _until(stage, "verified_data")
    for asked in ("switch-traffic shop 3 --replicas-only", "switch-traffic shop 3"):
        await _approved(stage, asked)
    await stage.pass_time(26 * 3600, 600)
    await _approved(stage, "cutover shop 3")
    await _approved(stage, "complete shop 3")
    await stage.pass_time(600, 30)


async def _until(stage: Stage, *states: str) -> None:
    for _ in range(2000):
        if stage.planetscale.workflow("shop", 3).state in states:
            return
        await stage.pass_time(60, 30)
    print(f"never {states}: {stage.planetscale.workflow('shop', 3).state}", file=sys.stderr)


async def _approved(stage: Stage, asked: str) -> None:
    """Ana asks for it and says why, Ben approves, and it is read back."""
    await stage.type(f'{asked} --reason "the maintenance that was announced"')
    card = next(
        one for one in reversed(stage.shown(MOVES)) if "op_approve" in str(one.blocks) + str(one.attachments)
    )
    await stage.press(BEN, "op_approve", card)
    await stage.pass_time(180, 5)


def copied(connection: Connection) -> Mapping[str, list[dict[str, Any]]]:
    """The rows of the move."""
    return {
        name: [dict(row) for row in connection.execute(select(metadata.tables[name])).mappings()]
        for name in _OF_A_MOVE
    }


def renamed(table: Table, row: Mapping[str, Any], move: int, later: timedelta) -> dict[str, Any]:
    """The row as another move's."""
    return {
        column.name: _renamed(table, column.name, row[column.name], move, later) for column in table.columns
    }


def _renamed(table: Table, name: str, value: Any, move: int, later: timedelta) -> Any:
    if value is None:
        return None
    if isinstance(table.c[name].type, Moment):
        return value + later
    if name in _NAMES or (name == "id" and isinstance(value, str)):
        return f"{value[:16]}-{move}{value[22:]}"
    if name in _NUMBERS or name in {"id", "number"}:
        return value + move * _FAR
    return value


def write(
    connection: Connection, rows: Mapping[str, list[dict[str, Any]]], moves: range, each: timedelta
) -> None:
    """These moves, one after the other through the year."""
    for name in rows:
        table = metadata.tables[name]
        values = [renamed(table, row, move, each * move) for move in moves for row in rows[name]]
        if values:
            connection.execute(insert(table), values)


def sizes(connection: Connection) -> tuple[float, dict[str, float]]:
    """MiB of the file, and of each table with its indexes."""
    pages, free, page = (
        int(connection.exec_driver_sql(f"PRAGMA {one}").scalar_one())
        for one in ("page_count", "freelist_count", "page_size")
    )
    found = (
        "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) GROUP BY 1 ORDER BY 2 DESC"
    )
    try:
        tables = {name: size / 2**20 for name, size in connection.execute(text(found))}
    except Exception:  # noqa: BLE001 - this SQLite was built without it
        tables = {}
    return (pages - free) * page / 2**20, tables


async def report(days: int, moves_a_day: int) -> None:
    """Print the size of a year."""
    async with open_stage(watches=True) as stage:
        await one_move(stage)
        database = stage.bot.database
        rows = await database.read(copied)
        print("one move:", ", ".join(f"{len(rows[name])} {name}" for name in _OF_A_MOVE))
        each = timedelta(days=1) / moves_a_day
        lasting = {name: found for name, found in rows.items() if name != "samples"}
        for moves in _portions(days * moves_a_day):
            # of what is removed after a week, the last two are written: nobody would see the others again
            known = rows if each * (days * moves_a_day - moves.stop) < timedelta(days=14) else lasting
            await database.write(write, known, moves, each, priority=WorkPriority.TICK)
        stage.clock.advance(timedelta(days=days).total_seconds())
        await stage.bot.working.pollers.clean_up()
        whole, tables = await database.read(sizes)
        print(f"{days} days, {moves_a_day} moves a day: {whole:.0f} MiB in use")
        for name, size in tables.items():
            print(f"  {name:12} {size:7.1f} MiB")


def _portions(count: int) -> Iterator[range]:
    for first in range(1, count + 1, 20):
        yield range(first, min(first + 20, count + 1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--moves", type=int, default=MOVES_A_DAY)
    given = parser.parse_args()
    configure_logs("error", "json", stream=sys.stderr)
    asyncio.run(report(given.days, given.moves))
