"""`DATABASE_URL` → what SQLAlchemy wants."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.store.errors import DatabaseAddressError


def parse_address(url: str) -> URL:
    """`sqlite:///path` (in-memory databases are refused: connections could not share them), `postgres://…` or
    `postgresql://…`.

    Raises `DatabaseAddressError`, whose text never repeats the address.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        msg = "the database's address cannot be read"
        raise DatabaseAddressError(msg) from None
    kind = parsed.drivername.partition("+")[0]
    if kind in {"postgres", "postgresql"}:
        return parsed.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        msg = "the database's address starts with neither sqlite:///, postgres:// nor postgresql://"
        raise DatabaseAddressError(msg)
    if not parsed.database or parsed.database == ":memory:" or parsed.host or parsed.query:
        msg = "an SQLite database is a file: sqlite:///workflow-bot.sqlite3"
        raise DatabaseAddressError(msg)
    return parsed.set(drivername="sqlite+pysqlite")


def file_of(address: URL) -> Path | None:
    """The SQLite file; `None` for PostgreSQL."""
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None
