"""`workflow-bot migrate --from`: from an SQLite file to PostgreSQL, as somebody types it."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import JSON, Boolean, Column, Connection, Table, delete, func, insert, select, text, update

from bot.cli import main
from bot.store import audit, moving
from bot.store.audit_chain import verify
from bot.store.engine.database import Database
from bot.store.engine.guard import FileGuard
from bot.store.moving import content
from bot.store.schema import audit_head, leases, metadata, operations
from bot.store.types import Large, Moment, WrittenText
from tests.log_setup import log_setup_kept
from tests.store.databases import new_file
from tests.store.postgres import PostgresServer
from tests.store.rows import NOW, add_lease

T = TypeVar("T")
ROWS = 3


@pytest.fixture
def old(tmp_path: Path) -> str:
    """The address of an SQLite database with rows of every kind."""
    url = f"sqlite:///{new_file(tmp_path)}"
    _in(url, _fill)
    return url


@pytest.fixture
def new(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The address of a PostgreSQL database without any table, which `DATABASE_URL` names."""
    name = postgres.create()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", postgres.url(name))
    with log_setup_kept():
        yield postgres.url(name)
    postgres.drop(name)


def test_everything_is_moved(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each row of each table is there afterwards as it was, in the old file too; new lines come after."""
    before = _in(old, content)
    assert main(["migrate", "--from", old]) == 0
    assert _in(new, content) == before == _in(old, content)
    assert {count for count, _ in before.values()} == {ROWS}
    assert _in(new, _export) == _in(old, _export)
    printed = capsys.readouterr()
    assert f"audit: {ROWS}\n" in printed.out
    assert "All rows were moved, read back and compared" in printed.out
    assert printed.err == ""
    _in(new, _audited)
    assert _in(new, _newest_line) > max(range(1, ROWS + 1))


def test_the_audit_log_stays_a_chain(new: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An audit log that was whole is whole afterwards, has the same head, and goes on."""
    old = f"sqlite:///{new_file(tmp_path)}"
    values = {"at": NOW, "who": "U1", "what": "before there were hashes", "detail": {}}
    _in(old, lambda connection: connection.execute(insert(metadata.tables["audit"]), values).rowcount)
    _in(old, _audited)
    assert main(["migrate", "--from", old]) == 0
    assert _in(new, verify) == _in(old, verify)
    _in(new, _audited)
    verified = _in(new, verify)
    assert verified.whole
    assert verified.head.lines == 3


def test_it_is_asked_for_twice(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A second time it finds that all is there; once a bot has worked on the new one it refuses."""
    assert main(["migrate", "--from", old]) == 0
    assert main(["migrate", "--from", old]) == 0
    assert "moved already" in capsys.readouterr().out
    _in(new, lambda connection: add_lease(connection, "a bot's"))
    before = _in(new, content)
    assert main(["migrate", "--from", old]) == 1
    assert "the target has rows already" in capsys.readouterr().err
    assert _in(new, content) == before


def test_it_fails_half_way(
    old: str, new: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What fails moves nothing, and can be done again."""
    count_on, counted = moving._count_on, []

    def fail_once(target: Connection, table: Table) -> None:
        counted.append(table.name)
        if len(counted) == 3:
            raise OSError("the machine is out of luck")
        count_on(target, table)

    monkeypatch.setattr(moving, "_count_on", fail_once)
    assert main(["migrate", "--from", old]) == 1
    printed = capsys.readouterr()
    assert printed.err == "The rows could not be moved, and none was: the machine is out of luck\n"
    assert _in(new, _full_tables) == {"audit_head"}
    assert main(["migrate", "--from", old]) == 0
    assert _in(new, content) == _in(old, content)


def test_a_row_that_reads_differently(
    old: str, new: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both sides are compared, row by row: what was written otherwise than it was read is not kept."""

    def changed(target: Connection, table: Table) -> None:
        if table is leases:
            target.execute(update(leases).values(fence=leases.c.fence + 1))

    monkeypatch.setattr(moving, "_count_on", changed)
    assert main(["migrate", "--from", old]) == 1
    assert "what was written reads differently (leases); nothing was moved" in capsys.readouterr().err
    assert _in(new, _full_tables) == {"audit_head"}


def test_a_bot_that_runs(old: str, new: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While a bot runs on the old file nothing is moved, and it is said what to stop."""
    guard = FileGuard(tmp_path / "bot.sqlite3")
    assert main(["migrate", "--from", old]) == 1
    guard.release()
    assert "another process is using" in capsys.readouterr().err


def test_a_row_that_nobody_can_read(old: str, new: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A row that is garbled on the old side is named by its key, without what it holds."""
    _in(old, lambda on: on.execute(text("UPDATE operations SET facts = 'so {secret' WHERE id LIKE '%2'")))
    assert main(["migrate", "--from", old]) == 1
    said = capsys.readouterr().err
    assert "operations operations.id 2 has no JSON in facts" in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("source", "said", "code"),
    [
        ("sqlite:///nothing.sqlite3", "There is no database at", 1),
        ("sqlite:///behind.sqlite3", "The old database needs `workflow-bot migrate` first", 1),
        ("postgres://u:hunter2@127.0.0.1:1/b", "--from names an SQLite file", 2),
        ("behind.sqlite3", "the database's address cannot be read", 1),
    ],
)
def test_what_cannot_be_moved(
    source: str, said: str, code: int, new: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line says what is wrong, and no file is made."""
    (tmp_path / "behind.sqlite3").touch()
    before = {one.name for one in tmp_path.iterdir()}
    assert main(["migrate", "--from", source]) == code
    printed = capsys.readouterr()
    assert said in printed.err
    assert len(printed.err.splitlines()) == 1
    assert printed.out == ""
    assert "hunter2" not in printed.err
    assert {one.name for one in tmp_path.iterdir()} <= before | {"behind.sqlite3.lock"}


def test_onto_itself(old: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a PostgreSQL to move to, it says that DATABASE_URL has to name one."""
    monkeypatch.setenv("DATABASE_URL", old)
    assert main(["migrate", "--from", old]) == 2
    assert "DATABASE_URL a PostgreSQL to move it to" in capsys.readouterr().err


def _in(url: str, fn: Callable[[Connection], T]) -> T:
    async def work() -> T:
        async with Database(url, begin_within=30) as database:
            return await database.write(fn)

    return asyncio.run(work())


def _fill(connection: Connection) -> None:
    connection.execute(delete(audit_head))
    for number in range(1, ROWS + 1):
        for table in metadata.sorted_tables:
            row = {column.name: _value(column, number) for column in table.columns}
            connection.execute(insert(table), row)


def _value(column: Column[Any], number: int) -> Any:
    """Something that tells the columns and the rows apart, and that is easily lost on the way."""
    for key in column.foreign_keys:
        of_itself = key.column.table is column.table
        return _value(key.column, number - of_itself) if number > of_itself else None
    if column.nullable and number == ROWS:
        return None
    match column.type:
        case WrittenText():
            return (
                f"{column} {number}" + "" if column.primary_key else f"{column} “明日” 🙏\n\\u0000 {number}"
            )
        case Moment():
            return NOW + timedelta(days=number, microseconds=number)
        case JSON():
            return {"z": number, "a": [1.5, None, 2**60, "ü🙏\0"], "": {}}
        case Boolean():
            return number % 2 == 0
    wide = column.type is Large or type(column.type).__name__ == "BigInteger"
    return number if column.primary_key or not wide else 2**53 + number


def _full_tables(connection: Connection) -> set[str]:
    """In an empty database that is the end of the audit log alone, which is at its beginning."""
    return {name for name, (count, _) in content(connection).items() if count}


def _export(connection: Connection) -> list[str]:
    return list(audit.export(connection, None, "jsonl"))


def _audited(connection: Connection) -> None:
    audit.record(connection, NOW, "UANA", "looked")


def _newest_line(connection: Connection) -> int:
    newest = connection.scalar(select(func.max(metadata.tables["audit"].c.id)))
    assert connection.scalar(select(func.count()).select_from(operations)) == ROWS
    return int(newest or 0)
