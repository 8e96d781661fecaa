"""`workflow-bot migrate` and `workflow-bot audit`: looking after the database from outside."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from sqlalchemy import Connection

from bot.kinds.workflow.workflow_forms import CARRIES
from bot.slack.request_export import export_requests
from bot.store import audit
from bot.store.audit import Form
from bot.store.engine.address import file_of, parse_address
from bot.store.engine.database import Database
from bot.store.errors import TROUBLES, CommitUnknownError, why
from bot.store.migrate import is_current, migrate
from bot.store.moving import move_rows

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Export:
    """What of the audit log is wanted, and how it is written."""

    since: datetime | None
    form: Form
    requests: bool = False
    """A row for each request instead of a line for each event."""
    workspace: str | None = None
    """The workspace's address at Slack, for links to cards."""


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


async def move_database(source: str, url: str, say: Say, complain: Say) -> int:
    """Move all rows of the SQLite database at `source` to the PostgreSQL database at `url`: all, or none.

    No bot can run on `source` meanwhile, and nothing in it is changed. What went wrong is said in one line;
    then it can be called again.
    """
    try:
        old_address, address = parse_address(source), parse_address(url)
        file = file_of(old_address)
        if file is None or file_of(address):
            complain(
                "--from names an SQLite file (sqlite:///…), and DATABASE_URL a PostgreSQL to move it to."
            )
            return 2
        if missing := _missing_file(source):
            complain(missing)
            return 1
        async with Database(source) as old, Database(url) as new:
            if not await is_current(old):
                complain(f"The old database needs `workflow-bot migrate` first, with DATABASE_URL={source}")
                return 1
            await migrate(new)
            moved = await new.write(move_rows, old_address, repeatable=True)
    except CommitUnknownError as error:
        complain(f"Run it again, which tells whether the rows were moved: {why(error)}")
        return 1
    except TROUBLES as error:
        complain(f"The rows could not be moved, and none was: {why(error)}")
        return 1
    for line in _told(moved, file):
        say(line)
    return 0


def _told(moved: Mapping[str, int] | None, file: Path) -> Iterator[str]:
    if moved is None:
        yield "All rows were moved already; both databases hold the same."
    else:
        yield from (f"{name}: {count}" for name, count in moved.items() if count)
        yield "All rows were moved, read back and compared, the audit log with them."
    yield f"From now on let no bot run on {file}: what it did there, the others would not know."


async def export_audit(url: str, wanted: Export, out: TextIO, complain: Say) -> int:
    """Write the audit log to `out`, and nothing else. Works beside a running bot."""

    def write(connection: Connection) -> None:
        if wanted.requests:
            lines = export_requests(connection, wanted.since, wanted.form, wanted.workspace, complain)
        else:
            lines = audit.export(connection, wanted.since, wanted.form)
        out.writelines(lines)

    try:
        if missing := _missing_file(url):
            complain(f"{missing} Set DATABASE_URL, or change to the working directory of the bot.")
            return 1
        async with Database(url, guard=False, carries=CARRIES) as database:
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
