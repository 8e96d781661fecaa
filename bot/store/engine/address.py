"""`DATABASE_URL` → what SQLAlchemy wants. No text of this room repeats a part of it."""

from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.store.errors import DatabaseAddressError

_SHORTEST_SECRET: Final = 4
"""Shorter ones stand in too many words to be blacked out in a log."""
_OPTIONS: Final = """
    application_name channel_binding client_encoding connect_timeout dbname fallback_application_name gsslib
    gssdelegation gssencmode host hostaddr keepalives keepalives_count keepalives_idle keepalives_interval
    krbsrvname load_balance_hosts max_protocol_version min_protocol_version oauth_client_id
    oauth_client_secret oauth_issuer oauth_scope options passfile password port replication require_auth
    requirepeer scram_client_key scram_server_key service ssl_max_protocol_version ssl_min_protocol_version
    sslcert sslcertmode sslcompression sslcrl sslcrldir sslkey sslkeylogfile sslmode sslnegotiation
    sslpassword sslrootcert sslsni target_session_attrs tcp_user_timeout user
"""
"""What PostgreSQL's own client library knows."""
_OF_OTHERS: Final = """
    async_fallback charset connection_limit currentSchema max_overflow pgbouncer pool_mode pool_size
    pool_timeout preferQueryMode prepareThreshold prepared_statement_cache_size prepared_statements schema
    search_path socket_timeout ssl sslaccept sslidentity statement_cache_size supa uselibpqcompat workaround
"""
"""What hosts of PostgreSQL add for other programs. Only these are named: others may be of a password."""


def parse_address(url: str) -> URL:
    """`sqlite:///path` (in-memory databases are refused: connections could not share them), `postgres://…` or
    `postgresql://…`.

    Raises `DatabaseAddressError`, whose text never repeats a part of the address.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        msg = "the database's address cannot be read; in a password write @ as %40, / as %2F and : as %3A"
        raise DatabaseAddressError(msg) from None
    kind = parsed.drivername.partition("+")[0]
    if kind in {"postgres", "postgresql"}:
        return _postgres(parsed)
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


def secrets_of(url: str) -> tuple[str, ...]:
    """What of an address that can be used must be in no log, in every form in which it may come up."""
    address = parse_address(url)
    if file_of(address):
        return ()
    asked = address.query.get("password", ())
    plain = {str(address.password or ""), *((asked,) if isinstance(asked, str) else asked)}
    typed = url.partition("://")[2].rpartition("@")[0].partition(":")[2]
    forms = {
        typed,
        *plain,
        *map(quote, plain),
        *(quote(one, safe="") for one in plain),
        *map(quote_plus, plain),
    }
    return tuple(sorted(form for form in forms if len(form) >= _SHORTEST_SECRET))


def _postgres(parsed: URL) -> URL:
    """Raises where the driver would take a part of the password for something else, and say it."""
    elsewhere = (parsed.host, parsed.database, *parsed.query)
    if any("@" in part for part in elsewhere if part):
        msg = "the database's address has an @ too many; write one that belongs to the password as %40"
        raise DatabaseAddressError(msg)
    unknown = sorted(set(parsed.query) - set(_OPTIONS.split()))
    if not unknown:
        return parsed.set(drivername="postgresql+psycopg")
    if set(unknown) <= set(_OF_OTHERS.split()):
        msg = f"PostgreSQL knows no option {', '.join(unknown)}; leave that out, a pooler needs none here"
    else:
        msg = "an option after the ? is none of PostgreSQL's; in a password write ? as %3F and & as %26"
    raise DatabaseAddressError(msg)
