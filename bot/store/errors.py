"""How the store fails. All but one mean: nothing was done. None carries a password or a row's values."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError


class MovedError(Exception):
    """Somebody else changed the row since it was read (compare and swap). Nothing was done; look again."""


class StoreError(Exception):
    """Whatever the store raises by itself."""


class DatabaseBusyError(StoreError):
    """The transaction could not begin in time, or waited too long for a lock. Nothing was done."""


class DatabaseUnavailableError(StoreError):
    """The database cannot be reached or used. Nothing was done."""


class DatabaseDamagedError(DatabaseUnavailableError):
    """What should be read there is not what a database wrote. Nothing was done."""


class SchemaBehindError(DatabaseUnavailableError):
    """The tables are of an earlier version of the bot, or are not there yet. Nothing was done."""


class SchemaUnknownError(DatabaseUnavailableError):
    """The tables are of a version of the bot that this one does not know. Nothing was done."""


class RowNotUnderstoodError(StoreError):
    """A row holds what this version of the bot does not know. Nothing was done."""


class CommitUnknownError(StoreError):
    """The database went away during COMMIT: it was done or it was not. Read before you act."""


class RowRefusedError(StoreError):
    """A constraint refused a row, or an append-only row was to be changed. Nothing was done."""


class DatabaseInUseError(StoreError):
    """Another process holds this SQLite file. Nothing was opened."""


class DatabaseAddressError(StoreError, ValueError):
    """`DATABASE_URL` names nothing that the bot can use."""


@contextmanager
def understanding(kind: str, key: object) -> Iterator[None]:
    """Making something of a row: what fails here raises `RowNotUnderstoodError`, without the row's values."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        msg = f"this version of the bot cannot read {kind} {key} ({type(error).__name__})"
        raise RowNotUnderstoodError(msg) from None


TROUBLES: Final = (StoreError, SQLAlchemyError, OSError, ValueError)
"""What comes of an address that may be anything: no such file, a file out of reach, an odd name of a host."""


def why(error: Exception) -> str:
    """The first line of what it says, without the SQL that a driver's error is wrapped in."""
    return str(error.orig if isinstance(error, DBAPIError) else error).partition("\n")[0]
