"""`workflow-bot migrate` and `workflow-bot audit`: looking after the database from outside."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, TextIO

from sqlalchemy import Connection

from bot.store import audit
from bot.store.database import Database
from bot.store.errors import StoreError
from bot.store.migrate import is_current, migrate


async def migrate_database(url: str, say: Callable[[str], None]) -> int:
    """Bring the database to the current schema, and say so."""
    try:
        async with Database(url) as database:
            if await is_current(database):
                say("The database is at the current schema already.")
                return 0
            await migrate(database)
    except StoreError as error:
        say(f"The database could not be brought to the current schema: {error}")
        return 1
    say("The database is at the current schema now.")
    return 0


async def export_audit(url: str, since: datetime | None, form: Literal["jsonl", "csv"], out: TextIO) -> int:
    """Write the audit log from `since` on to `out`. Works beside a running bot."""

    def write(connection: Connection) -> None:
        out.writelines(audit.export(connection, since, form))

    try:
        async with Database(url, guard=False) as database:
            if not await is_current(database):
                out.write("The database is not at the current schema: workflow-bot migrate\n")
                return 1
            await database.read(write)
    except StoreError as error:
        out.write(f"The audit log could not be read: {error}\n")
        return 1
    return 0
