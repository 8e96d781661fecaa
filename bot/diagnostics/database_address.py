"""Whether the bot could keep its rows in its database."""

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from bot.diagnostics.check_model import DiagnosticFinding, DiagnosticSubject, good, problem
from bot.store.engine.address import file_of, parse_address
from bot.store.engine.database import Database
from bot.store.engine.statements import insert_new
from bot.store.errors import TROUBLES, SchemaUnknownError, why
from bot.store.migrate import Schema, schema_of
from bot.store.schema import leases

_NOBODYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CONNECT_WITHIN: Final = 10.0
"""Seconds: a server that is far away is no error."""


async def database(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """Whether it can be reached, and its schema. A file that is not there yet is not made."""
    url = subject.settings.database_url
    try:
        file = file_of(parse_address(url))
        if file and not file.exists():
            return [_absent(file)]
        async with Database(url, begin_within=_CONNECT_WITHIN, guard=False) as opened:
            schema = await schema_of(opened)
            if file is None and schema is Schema.CURRENT:
                await _try_to_write(opened)
    except SchemaUnknownError as error:
        return [problem(f"{error}.")]
    except TROUBLES as error:
        return [problem(f"{why(error)}. Check DATABASE_URL.")]
    return [_state(schema)]


class _UndoneError(Exception):
    """What was tried is not to stay."""


async def _try_to_write(database: Database) -> None:
    """Write a row and take it back. A standby, or a user who may not write, refuses it."""

    def tried(connection: Connection) -> None:
        values = {"name": "check", "holder": "check", "fence": 0, "until": _NOBODYS}
        insert_new(connection, leases, values)
        raise _UndoneError

    with suppress(_UndoneError):
        await database.write(tried)


def _absent(file: Path) -> DiagnosticFinding:
    where, folder = f"there is none yet at {file.absolute()}", file.absolute().parent
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return good(f"{where} · workflow-bot run makes it")
    return problem(f"{where} · {folder} is no folder that can be written to. Check DATABASE_URL.")


def _state(schema: Schema) -> DiagnosticFinding:
    if schema is Schema.CURRENT:
        return good("can be reached · at the current schema")
    return good("can be reached · not at the current schema yet: workflow-bot run brings it there")
