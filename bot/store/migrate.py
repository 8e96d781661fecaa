"""Bringing a database to the current schema, and telling whether it is there."""

from enum import Enum
from functools import lru_cache

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from bot.store.engine.database import Database
from bot.store.engine.statements import serialize_on
from bot.store.errors import (
    DatabaseUnavailableError,
    SchemaBehindError,
    SchemaUnknownError,
    StoreError,
    why,
)


class Schema(Enum):
    """How far a database's tables are, for this version of the bot."""

    ABSENT = "absent"
    BEHIND = "behind"
    CURRENT = "current"


async def migrate(database: Database) -> None:
    """Bring the schema up to date in one transaction: all of it or nothing. Does nothing where it is current.

    Processes that do so at the same time wait for each other. Raises the errors of `bot.store.errors`.
    """
    try:
        await database.write(_upgrade, repeatable=True)
    except (SQLAlchemyError, CommandError) as error:
        msg = f"the tables cannot be brought to the current schema: {why(error)}. Are they another program's?"
        raise DatabaseUnavailableError(msg) from None


async def require_current(database: Database) -> None:
    """Raise `SchemaBehindError` or `SchemaUnknownError` unless the schema is this version's."""
    if not await is_current(database):
        msg = "the database is not at the current schema: run workflow-bot migrate"
        raise SchemaBehindError(msg)


async def is_usable(database: Database) -> bool:
    """Whether a process that has begun on the current schema can go on.

    A newer version's is none of its business: each is made so that the version before can work with it, and
    that version works until it is replaced.
    """
    try:
        return await is_current(database)
    except SchemaUnknownError:
        return True
    except StoreError:
        return False


async def schema_of(database: Database) -> Schema:
    """How far the tables are. Raises `SchemaUnknownError` where another version, or program, made them."""
    return await database.read(_schema)


async def is_current(database: Database) -> bool:
    """Whether the schema is the one that this version of the bot works with."""
    return await schema_of(database) is Schema.CURRENT


@lru_cache
def _known() -> tuple[str, ...]:
    """The revisions that this version of the bot brings along, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
    serialize_on(connection, "workflow-bot migrate")
    if _schema(connection) is Schema.CURRENT:
        return
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _schema(connection: Connection) -> Schema:
    if not inspect(connection).has_table("alembic_version"):
        return Schema.ABSENT
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision is None:
        return Schema.ABSENT
    if revision not in _known():
        msg = (
            "the database has the schema of a newer version of the bot: run that version, "
            "or restore the copy that was made before it ran"
        )
        raise SchemaUnknownError(msg)
    return Schema.CURRENT if revision == _known()[0] else Schema.BEHIND
