"""The audit log: rows, the same lines on stdout, and the export."""

import csv
import io
import json
from datetime import timedelta
from typing import Literal

import pytest
from sqlalchemy import Connection
from structlog.testing import capture_logs

from bot.store.audit import export, record
from bot.store.engine.database import Database
from tests.store.rows import NOW


def exported(connection: Connection, form: Literal["jsonl", "csv"], after_minutes: int | None = None) -> str:
    since = None if after_minutes is None else NOW + timedelta(minutes=after_minutes)
    return "".join(export(connection, since, form))


def tell(connection: Connection) -> None:
    """Ana asks, Ben approves a minute later."""
    record(connection, NOW, "UANA", "asked", "op3", what="switch-traffic", database="shop", number=3)
    record(connection, NOW + timedelta(minutes=1), "UBEN", "approved", "op3", who="“Ben”")


async def test_each_row_is_a_line_on_stdout(database: Database) -> None:
    """What the log collector gets is what the export gives, in the same words."""
    with capture_logs() as lines:
        await database.write(tell)
    told = [{key: line[key] for key in line if key not in {"event", "log_level"}} for line in lines]
    assert [line["event"] for line in lines] == ["audit", "audit"]
    assert told == [json.loads(line) for line in (await database.read(exported, "jsonl")).splitlines()]
    assert told[0] == {
        "id": 1,
        "at": "2026-11-23T02:14:05.123Z",
        "operation": "op3",
        "who": "UANA",
        "what": "asked",
        "detail": {"what": "switch-traffic", "database": "shop", "number": 3},
        "hash": told[0]["hash"],
    }


async def test_what_was_undone_is_not_told(database: Database) -> None:
    """A transaction that is rolled back leaves neither a row nor a line."""

    def fail(connection: Connection) -> None:
        tell(connection)
        raise ZeroDivisionError

    with capture_logs() as lines, pytest.raises(ZeroDivisionError):
        await database.write(fail)
    assert lines == []
    assert await database.read(exported, "jsonl") == ""


async def test_export_since(database: Database) -> None:
    """`--since` includes the moment itself and leaves out what was before."""
    await database.write(tell)
    since = [len((await database.read(exported, "jsonl", minutes)).splitlines()) for minutes in (0, 1, 2)]
    assert since == [2, 1, 0]


async def test_export_as_csv(database: Database) -> None:
    """The CSV has a heading, opens in a spreadsheet, and runs no formula there."""

    def tell_formula(connection: Connection) -> None:
        record(connection, NOW, "=HYPERLINK(1)", "asked", None, note='a "b", c')

    await database.write(tell_formula)
    rows = list(csv.DictReader(io.StringIO(await database.read(exported, "csv"))))
    assert len(rows) == 1
    assert rows[0]["who"] == "'=HYPERLINK(1)"
    assert rows[0]["operation"] == ""
    assert json.loads(rows[0]["detail"]) == {"note": 'a "b", c'}


async def test_a_long_log_comes_whole(database: Database) -> None:
    """An export has every line once, in the order in which they were written."""

    def fill(connection: Connection) -> None:
        for number in range(1201):
            record(connection, NOW, "worker", "read", None, number=number)

    with capture_logs():
        await database.write(fill)
    lines = (await database.read(exported, "jsonl")).splitlines()
    assert [json.loads(line)["detail"]["number"] for line in lines] == list(range(1201))
