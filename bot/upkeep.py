"""`workflow-bot migrate` and `workflow-bot audit`: looking after the database from outside."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, TextIO

from sqlalchemy import Connection

from bot.store import audit
from bot.store.engine.address import file_of, parse_address
from bot.store.engine.database import Database
from bot.store.errors import TROUBLES, why
from bot.store.migrate import is_current, migrate

Say = Callable[[str], None]


async def migrate_database(url: str, say: Say, complain: Say) -> int:
    """Bring the database to the current schema, and say so."""
    try:
        async with Database(url) as database:
            if await is_current(database):
                say("The database is at the current schema already.")
                return 0
            await migrate(database)
    except TROUBLES as error:
        complain(f"The database could not be brought to the current schema: {why(error)}")
        return 1
    say("The database is at the current schema now.")
    return 0


async def export_audit(
    url: str, since: datetime | None, form: Literal["jsonl", "csv"], out: TextIO, complain: Say
) -> int:
    """Write the audit log from `since` on to `out`, and nothing else. Works beside a running bot."""

    def write(connection: Connection) -> None:
        out.writelines(audit.export(connection, since, form))

    try:
        if missing := _missing_file(url):
            complain(f"{missing} Set DATABASE_URL, or change to the working directory of the bot.")
            return 1
        async with Database(url, guard=False) as database:
            if not await is_current(database):
                complain("The database is not at the current schema: workflow-bot migrate")
                return 1
            await database.read(write)
    except TROUBLES as error:
        complain(f"The audit log could not be read: {why(error)}")
        return 1
    return 0


def _missing_file(url: str) -> str | None:
    """A sentence, where the address names an SQLite file that is not there: looking would make one."""
    file = file_of(parse_address(url))
    return f"There is no database at {file.absolute()}." if file and not file.exists() else None
