"""`workflow-bot migrate` and `workflow-bot audit`: looking after the database from outside."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO

from sqlalchemy import Connection

from bot.kinds.workflow.workflow_forms import CARRIES
from bot.slack.request_export import export_requests
from bot.store import audit
from bot.store.audit import Form
from bot.store.audit_chain import Verified, exported, verify
from bot.store.engine.address import file_of, parse_address
from bot.store.engine.database import Database
from bot.store.errors import TROUBLES, CommitUnknownError, why
from bot.store.migrate import is_current, migrate
from bot.store.moving import move_rows

Say = Callable[[str], None]

NOT_WHOLE: Final = 3
"""The exit code of `audit --verify` where lines were changed or are missing."""


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

    return 0 if await _read(url, write, complain) else 1


async def verify_audit(url: str, kept: str | None, say: Say, complain: Say) -> int:
    """Say whether the audit log is whole, and if not, where it stops to be. Works beside a running bot."""
    found: list[Verified] = []
    if not await _read(url, lambda connection: found.append(verify(connection, kept)), complain):
        return 1
    for line in _verdict(found[0]):
        (say if found[0].whole else complain)(line)
    return 0 if found[0].whole else NOT_WHOLE


async def _read(url: str, read: Callable[[Connection], None], complain: Say) -> bool:
    """Hand the database to `read`, beside a running bot. Whether that could be done; if not, why is said."""
    try:
        if missing := _missing_file(url):
            complain(f"{missing} Set DATABASE_URL, or change to the working directory of the bot.")
            return False
        async with Database(url, guard=False, carries=CARRIES) as database:
            if not await is_current(database):
                complain("The database is not at the current schema: workflow-bot migrate")
                return False
            await database.read(read)
    except TROUBLES as error:
        complain(f"The audit log could not be read: {why(error)}")
        return False
    return True


def _verdict(found: Verified) -> Iterator[str]:
    head, told, misfit = found.head, found.told, found.misfit
    if found.whole:
        yield f"The audit log is whole: {_lines(head.lines)}."
        if head.lines:
            yield f"Head: {head.hash}"
            yield (
                "Keep the head where nobody who can change the database can change it. With --kept HEAD, a "
                "later run also finds a log that was cut off and written anew."
            )
        return
    yield "The audit log is not whole."
    if misfit is not None:
        yield (
            f"Line {misfit['id']} ({exported(misfit)['at']}) does not fit the lines before it: it or one "
            f"of them was changed, or lines between them are missing. {_proven(found.proven)}"
        )
    elif told is None:
        yield "Where it ends was written down with each line, and is gone."
    elif head.lines < told.lines:
        yield f"Missing at its end: {_lines(told.lines - head.lines)}, of {told.lines:,}."
    elif not found.ends_as_told:
        yield f"Its last lines are not those that were written. {_proven(found.proven)}"
    if misfit is None and not found.holds_kept:
        yield "It does not lead through the head that was kept: it was cut off, or written anew."


def _proven(last: int) -> str:
    return f"Up to line {last} all fit." if last else "No line before it has a hash that fits."


def _lines(number: int) -> str:
    return "1 line" if number == 1 else f"{number:,} lines"


def _missing_file(url: str) -> str | None:
    """A sentence, where the address names an SQLite file that is not there: looking would make one."""
    file = file_of(parse_address(url))
    return f"There is no database at {file.absolute()}." if file and not file.exists() else None
