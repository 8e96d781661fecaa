"""What a driver's error means: for the connection it came on, for what was asked for, and for people."""

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from bot.store.errors import (
    DatabaseBusyError,
    DatabaseDamagedError,
    DatabaseUnavailableError,
    RowRefusedError,
    StoreError,
)

READ_ONLY: Final = "25006"
"""The session may not write: after a failover sessions to what is a standby now stay so for good."""
_ROLLED_BACK: Final = {"40001", "40P01"}
"""Serialization failure and deadlock: PostgreSQL promises that nothing was done."""
_GAVE_UP: Final = {"55P03", "57014"}
"""Lock and statement time-out."""
_LOST: Final = ("08", "53", "57P", "58", "XX")
"""The connection, the server's resources, a shutdown, its disk, a fault in it: not what was asked for."""
_DAMAGED: Final = {"XX001", "XX002"}
_NOT_STORED: Final = ("23", "25", "40")
"""As an answer to COMMIT: refused, not cut off."""
_SQLITE_LOCKED: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_SQLITE_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SETTING_UP: Final = {
    "42501": "its user may not do this; grant it",
    "42P01": "a table is missing: workflow-bot migrate",
    "42703": "a column is missing: workflow-bot migrate",
}


def is_rolled_back(error: DBAPIError) -> bool:
    """Whether nothing was done and the same may well go through at once."""
    return _state(error.orig) in _ROLLED_BACK


def spoils_connection(error: BaseException | None, *, writes: bool) -> bool:
    """Whether nothing more can be expected of the session, or of any that is as old.

    `writes`: the session is there to write.
    """
    state = _state(error) or ""
    return state.startswith(_LOST) or (writes and state == READ_ONLY)


def leaves_in_doubt(error: DBAPIError) -> bool:
    """Whether a COMMIT that failed with it may have been carried out all the same."""
    if (code := _sqlite_code(error)) is not None:
        return code & 0xFF == sqlite3.SQLITE_IOERR
    return not (_state(error.orig) or "").startswith(_NOT_STORED)


def translated(error: DBAPIError) -> StoreError | None:
    """The store's own error; `None` for a fault of the statement, which is nobody's to mend but ours."""
    said, state = first_line(error), _state(error.orig) or ""
    if isinstance(error, IntegrityError):
        return RowRefusedError(said)
    if (code := _sqlite_code(error)) is not None and code & 0xFF in _SQLITE_DAMAGED:
        return DatabaseDamagedError(_damaged(code))
    if state in _DAMAGED:
        return DatabaseDamagedError(f"the database is damaged: {said}")
    if state in _ROLLED_BACK | _GAVE_UP or (code is not None and code & 0xFF in _SQLITE_LOCKED):
        return DatabaseBusyError(f"the database is busy: {said}")
    if state in _SETTING_UP:
        return DatabaseUnavailableError(f"the database cannot be used: {_SETTING_UP[state]}")
    lost = error.connection_invalidated or spoils_connection(error.orig, writes=True)
    if lost or isinstance(error, (OperationalError, InterfaceError)):
        return DatabaseUnavailableError(f"the database cannot be used: {said}")
    return None


def first_line(error: DBAPIError) -> str:
    """Without the lines in which PostgreSQL repeats the row."""
    return str(error.orig).partition("\n")[0]


def _damaged(code: int) -> str:
    if code & 0xFF == sqlite3.SQLITE_NOTADB:
        return "the file is no SQLite database; move it away, or name another file"
    return "the database file is damaged; stop the bot and restore a copy of it"


def _state(error: BaseException | None) -> str | None:
    state: str | None = getattr(error, "sqlstate", None)
    return state


def _sqlite_code(error: DBAPIError) -> int | None:
    code: int | None = getattr(error.orig, "sqlite_errorcode", None)
    return code
