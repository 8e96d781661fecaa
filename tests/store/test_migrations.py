"""Migrations make the schema that the code works with."""

import asyncio
import sys
from asyncio.subprocess import PIPE

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, inspect, select, text

from bot.store.engine.database import Database
from bot.store.errors import DatabaseUnavailableError, SchemaUnknownError
from bot.store.migrate import Schema, is_current, is_usable, migrate, schema_of
from bot.store.schema import metadata, operations
from tests.store.postgres import PostgresServer
from tests.store.rows import operation

_MIGRATE = """
import asyncio, sys
from bot.store.engine.database import Database
from bot.store.migrate import migrate
async def main():
    async with Database(sys.argv[1], begin_within=30) as database:
        await migrate(database)
asyncio.run(main())
"""


def differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def names(connection: Connection) -> set[str | None]:
    """What the database calls its tables, indexes and constraints."""
    found: set[str | None] = set()
    inspector = inspect(connection)
    for table in set(inspector.get_table_names()) - {"alembic_version"}:
        found |= {table, inspector.get_pk_constraint(table)["name"]}
        found |= {key["name"] for key in inspector.get_foreign_keys(table)}
        found |= {index["name"] for index in inspector.get_indexes(table)}
        found |= {constraint["name"] for constraint in inspector.get_unique_constraints(table)}
    return found


def expected_names() -> set[str]:
    """What the code calls them."""
    tables = metadata.tables.values()
    indexes = {str(index.name) for table in tables for index in table.indexes}
    constraints = {str(constraint.name) for table in tables for constraint in table.constraints}
    return {table.name for table in tables} | indexes | constraints


async def test_an_empty_database_is_brought_up(empty_url: str) -> None:
    """A new database is not current, is after `migrate`, and a second `migrate` changes nothing."""
    async with Database(empty_url, begin_within=30) as database:
        assert await schema_of(database) is Schema.ABSENT
        assert not await is_current(database)
        await migrate(database)
        assert await schema_of(database) is Schema.CURRENT
        assert await is_current(database)
        await migrate(database)
        assert await is_current(database)


async def test_a_database_of_a_newer_version(database: Database) -> None:
    """Tables of a version that this one does not know are left alone, and it is said which to run."""

    def newer(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v9999'"))

    await database.write(newer)
    assert await is_usable(database), "a process that runs while a newer version migrates goes on"
    for look in (migrate, schema_of, is_current):
        with pytest.raises(SchemaUnknownError, match="run that version"):
            await look(database)


async def test_tables_of_another_program(empty_url: str) -> None:
    """A database in which another program keeps a table of one of the bot's names is left as it is."""
    async with Database(empty_url, begin_within=30) as database:
        await database.write(lambda one: one.execute(text("CREATE TABLE operations (n int)")).rowcount)
        with pytest.raises(DatabaseUnavailableError, match="operations"):
            await migrate(database)
        assert await schema_of(database) is Schema.ABSENT


async def test_the_migrations_make_the_tables(database: Database) -> None:
    """What the migrations make is what the code expects: tables, columns, types, keys, indexes."""
    assert await database.read(differences) == []


async def test_the_names_are_the_convention_s(database: Database) -> None:
    """Every index and constraint has the name by which a later migration will look for it."""
    assert await database.read(names) >= expected_names()


def upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def test_rows_of_an_older_version(empty_url: str) -> None:
    """What an older version has written is there after an update, and what it could not hold now can be."""
    defaults = {"force": False, "required": 0, "fence": 0, "version": 1}

    def written(connection: Connection) -> None:
        upgrade(connection, "0002")
        older = Table("operations", MetaData(), autoload_with=connection)
        connection.execute(older.insert().values(operation(**defaults, asked_at=1_795_400_000_000_000)))

    def numbered(connection: Connection, number: int) -> int | None:
        connection.execute(text("UPDATE operations SET number = :number"), {"number": number})
        found: int | None = connection.scalar(select(operations.c.number))
        return found

    async with Database(empty_url, begin_within=30) as database:
        await database.write(written)
        await migrate(database)
        assert await database.read(differences) == []
        row = await database.read(lambda one: one.execute(select(operations)).mappings().one())
        assert (row["number"], row["requester"], row["state"]) == (3, "UANA", "ready")
        assert await database.write(numbered, 2**63 - 1) == 2**63 - 1


async def test_processes_that_start_together(postgres: PostgresServer) -> None:
    """Two processes that bring up a database at the same time do not break what the other one does."""
    url = postgres.url(postgres.create())
    command = (sys.executable, "-c", _MIGRATE, url)
    running = [await asyncio.create_subprocess_exec(*command, stderr=PIPE) for _ in range(2)]
    said = [(await process.communicate())[1].decode() for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    async with Database(url, begin_within=30) as database:
        assert await is_current(database)
