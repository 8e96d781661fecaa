"""Fixtures for tests that need rows: each runs on SQLite and on PostgreSQL, on a database of its own."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

from bot.kinds.workflow.workflow_forms import CARRIES
from bot.store.engine.database import Database
from bot.store.errors import StoreError
from bot.store.migrate import migrate
from tests.store.postgres import PostgresServer, find_binaries


def some_binaries() -> Path:
    """Those of PostgreSQL. Where the machine has none, the test is skipped; in CI it fails."""
    binaries = find_binaries()
    if binaries is None:
        reason = "no PostgreSQL here: install it, or say where with PG_BINDIR"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return binaries


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests."""
    server = PostgresServer(some_binaries())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the current schema, to be copied."""
    return new_file(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """The name of a database with the current schema, to be copied."""
    name = postgres.create()
    _migrated(postgres.url(name))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the current schema and no rows."""
    if request.param == "sqlite":
        yield f"sqlite:///{new_file(tmp_path)}"
        return
    template: str = request.getfixturevalue("postgres_template")
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create(template)
    yield server.url(name)
    server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/bot.sqlite3"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The database at `database_url`, patient enough for a machine under load."""
    async with Database(database_url, begin_within=30, carries=CARRIES) as opened:
        yield opened


def new_file(folder: Path, name: str = "bot.sqlite3") -> Path:
    """A file of its own in `folder`, with the current schema and no rows.

    The migrations are carried out once a process: that they work is tested where it is the subject.
    """
    file = folder / name
    file.write_bytes(_template())
    return file


@cache
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "bot.sqlite3")
        _migrated(f"sqlite:///{file}")
        return file.read_bytes()


def _migrated(url: str) -> None:
    async def bring_up() -> None:
        async with Database(url, begin_within=30, carries=CARRIES) as opened:
            await migrate(opened)

    with ThreadPoolExecutor(1) as elsewhere:  # not in this thread, where a loop of the tests may live
        elsewhere.submit(asyncio.run, bring_up()).result()


async def answers(database: Database) -> bool:
    """Whether it answers a read just now."""
    try:
        await database.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
    except StoreError:
        return False
    return True
