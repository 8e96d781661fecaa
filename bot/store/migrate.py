"""Bringing a database to the current schema, and telling whether it is there."""

from functools import lru_cache

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from bot.store.database import Database
from bot.store.statements import serialize_on


async def migrate(database: Database) -> None:
    """Bring the schema up to date in one transaction: all of it or nothing. Does nothing where it is current.

    Processes that do so at the same time wait for each other. Raises the errors of `bot.store.errors`.
    """
    await database.write(_upgrade, repeatable=True)


async def current(database: Database) -> str | None:
    """The revision that the database is at; `None` for an empty one."""
    return await database.read(_revision)


async def is_current(database: Database) -> bool:
    """Whether the schema is the one that this version of the bot works with."""
    return await current(database) == latest()


@lru_cache
def latest() -> str | None:
    """The newest revision that this version of the bot brings along."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
    serialize_on(connection, "workflow-bot migrate")
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
