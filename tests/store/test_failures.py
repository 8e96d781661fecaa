"""A database that is away, in the way, or taken."""

import asyncio
import contextlib
import os
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import OperationalError, ProgrammingError

from bot.store.engine.address import file_of, parse_address
from bot.store.engine.database import Database
from bot.store.errors import (
    CommitUnknownError,
    DatabaseAddressError,
    DatabaseBusyError,
    DatabaseInUseError,
    DatabaseUnavailableError,
    RowRefusedError,
)
from bot.store.schema import leases
from tests.store.databases import answers
from tests.store.postgres import PostgresServer
from tests.store.rows import add_lease, lease_names


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> str:
    """A PostgreSQL database with the current schema."""
    return postgres.url(postgres.create(postgres_template))


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    """An unreachable database is said to be so, without its password."""
    url = f"postgresql://bot:S3CRETpassword@/bot?host={tmp_path}"
    async with Database(url, begin_within=30) as database:
        assert not await answers(database)
        with pytest.raises(DatabaseUnavailableError) as caught:
            await database.write(add_lease, "a")
    assert "S3CRETpassword" not in f"{caught.value!r} {caught.value.__cause__!r}"


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A path that cannot be opened is named, with the reason."""
    url = f"sqlite:///{tmp_path}/nowhere/bot.sqlite3"
    with pytest.raises(DatabaseUnavailableError, match=r"nowhere/bot\.sqlite3 .*No such file"):
        Database(url)
    async with Database(url, guard=False, begin_within=30) as database:
        assert not await answers(database)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bot.sqlite3",
        "mysql://bot:S3CRET@db/bot",
        "postgres://bot:S3CRET@db:port/bot",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///bot.sqlite3?mode=ro",
        "sqlite://S3CRET/bot.sqlite3",
    ],
)
def test_addresses_that_mean_nothing(url: str) -> None:
    """An address that cannot be used is refused with words, and is not repeated."""
    with pytest.raises(DatabaseAddressError) as caught:
        parse_address(url)
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_both_names_of_postgresql(scheme: str) -> None:
    """An address as hosting services write it is taken, with all its parts."""
    address = parse_address(f"{scheme}://bot:p%40ss@db.example:6432/bot?sslmode=require")
    assert (address.drivername, address.password, address.port) == ("postgresql+psycopg", "p@ss", 6432)
    assert address.query == {"sslmode": "require"}
    assert file_of(address) is None


def test_sqlite_paths() -> None:
    """Relative and absolute paths are told apart by the number of slashes."""
    assert file_of(parse_address("sqlite:///data/bot.sqlite3")) == Path("data/bot.sqlite3")
    assert file_of(parse_address("sqlite:////data/bot.sqlite3")) == Path("/data/bot.sqlite3")


async def test_another_program_in_the_way(tmp_path: Path) -> None:
    """While another program holds the SQLite file nothing is done, and afterwards everything works."""

    def add_one(connection: Connection) -> None:
        connection.execute(text("INSERT INTO t VALUES (1)"))

    def count(connection: Connection) -> int | None:
        found: int | None = connection.scalar(text("SELECT count(*) FROM t"))
        return found

    file = tmp_path / "bot.sqlite3"
    async with Database(f"sqlite:///{file}", begin_within=0.02) as database:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE t (n)")
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError):
            await database.write(add_one)
        other.execute("COMMIT")
        other.close()
        assert await database.read(count, begin_within=30) == 0
        await database.write(add_one, begin_within=30)
        assert await database.read(count, begin_within=30) == 1


async def test_one_bot_a_file(tmp_path: Path) -> None:
    """A second bot on an SQLite file is refused until the first one has stopped; reading it is possible."""
    url = f"sqlite:///{tmp_path}/bot.sqlite3"
    async with Database(url, begin_within=30):
        with pytest.raises(DatabaseInUseError, match=r"bot\.sqlite3"):
            Database(url)
        async with Database(url, guard=False, begin_within=30) as beside:
            assert await answers(beside)
    async with Database(url, begin_within=30) as after:
        assert await answers(after)


async def test_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    """Other users of the machine cannot read what the bot stores."""
    async with Database(f"sqlite:///{tmp_path}/bot.sqlite3", begin_within=30) as database:
        await database.write(lambda connection: connection.execute(text("CREATE TABLE t (n)")).rowcount)
        modes = {entry.name: entry.stat().st_mode & 0o777 for entry in os.scandir(tmp_path)}
    assert modes == dict.fromkeys(modes, 0o600)
    assert "bot.sqlite3" in modes


async def test_an_acknowledged_commit_survives_a_power_cut(tmp_path: Path) -> None:
    """Every connection that writes syncs each commit to the disk (SQLite's FULL) and checks foreign keys."""

    def settings(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.scalar(text(f"PRAGMA {name}")) for name in names]

    async with Database(f"sqlite:///{tmp_path}/bot.sqlite3", begin_within=30) as database:
        assert await database.write(settings) == ["wal", 2, 1]


async def test_a_connection_lost_before_the_commit(postgres: PostgresServer, postgres_url: str) -> None:
    """A connection lost in the middle means that nothing was done, and the next transaction has a new one."""

    def lose(connection: Connection) -> None:
        add_lease(connection, "a")
        postgres.end_connection(connection.scalar(text("SELECT pg_backend_pid()")) or 0)
        add_lease(connection, "b")

    async with Database(postgres_url, begin_within=30) as database:
        with pytest.raises(DatabaseUnavailableError):
            await database.write(lose)
        await database.write(add_lease, "c")
        assert await database.read(lease_names) == ["c"]


async def test_a_connection_lost_at_the_commit(postgres: PostgresServer, postgres_url: str) -> None:
    """When the answer to COMMIT is lost the bot says that it does not know, instead of guessing."""

    def lose(connection: Connection) -> None:
        add_lease(connection, "a")
        postgres.end_connection(connection.scalar(text("SELECT pg_backend_pid()")) or 0)

    async with Database(postgres_url, begin_within=30) as database:
        with pytest.raises(CommitUnknownError):
            await database.write(lose)


async def test_a_connection_lost_while_idle(postgres: PostgresServer, postgres_url: str) -> None:
    """A server that was restarted since the last transaction does not make the next one fail."""

    def pid(connection: Connection) -> int:
        found: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        return found

    async with Database(postgres_url, begin_within=30, connections=1) as database:
        postgres.end_connection(await database.write(pid))
        await database.write(add_lease, "a")
        assert await database.read(lease_names) == ["a"]


async def test_an_error_that_was_passed_over(database: Database) -> None:
    """A transaction that the database will not commit is never reported as stored."""

    def careless(connection: Connection) -> None:
        add_lease(connection, "a")
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("ROLLBACK")  # as SQLite does by itself when the disk is full
        with contextlib.suppress(OperationalError, ProgrammingError):
            connection.execute(text("SELECT nothing FROM nowhere"))

    with pytest.raises(RowRefusedError, match="passed over"):
        await database.write(careless)
    assert await database.read(lease_names) == []


async def test_a_deadlock_is_resolved(postgres_url: str) -> None:
    """Two transactions that wait for each other are both done in the end."""
    both_hold_one = threading.Barrier(2)
    runs: list[str] = []

    def take(connection: Connection, first: str, second: str) -> None:
        runs.append(first)
        _raise_fence(connection, first)
        if len(runs) <= 2:
            both_hold_one.wait(30)
        _raise_fence(connection, second)

    async with Database(postgres_url, begin_within=30) as database:
        await database.write(add_lease, "a")
        await database.write(add_lease, "b")
        await asyncio.gather(database.write(take, "a", "b"), database.write(take, "b", "a"))
        fences = await database.read(lambda connection: list(connection.scalars(select(leases.c.fence))))
    assert fences == [2, 2]
    assert len(runs) == 3


def _raise_fence(connection: Connection, name: str) -> None:
    connection.execute(update(leases).where(leases.c.name == name).values(fence=leases.c.fence + 1))
