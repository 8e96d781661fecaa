"""The engines: how connections to SQLite and to PostgreSQL are set up."""

import json
from functools import partial
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext

from bot.store.engine.driver_errors import spoils_connection
from bot.store.errors import DatabaseUnavailableError

_POSTGRES_LIMITS = (
    "SET lock_timeout = '5s'; SET statement_timeout = '15s'; "
    "SET idle_in_transaction_session_timeout = '30s'; SET jit = off"
)
"""So that no process can hold a row for long, whatever becomes of it. And to compile a query that finds a few
rows takes a hundred times as long as to carry it out."""
_POSTGRES_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')"
)
"""A reported commit must survive a crash of the server, and a failover where a standby is synchronous: else a
request that has left is *ready* again. A server that is set to more keeps that."""
_POSTGRES_DRIVER = {
    "connect_timeout": 5,  # these four notice a server that vanished; the last is in milliseconds
    "keepalives_idle": 30,
    "keepalives_interval": 5,  # from the second probe on the time-out counts; the system's own is 75 s
    "tcp_user_timeout": 15_000,
    "prepare_threshold": None,  # a pooler in front of the server may not know prepared statements
}


def writing_engine(address: URL, connections: int, busy_seconds: float) -> Engine:
    """Connections for transactions that change something.

    SQLite: WAL and `synchronous=FULL`, since a reported commit must survive a power cut; `BEGIN IMMEDIATE`,
    since a transaction that asks for the lock only when it writes may fail half-way.
    PostgreSQL: READ COMMITTED.
    """
    if address.get_backend_name() == "sqlite":
        pragmas = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")
        return _sqlite(address, connections, busy_seconds, "BEGIN IMMEDIATE", pragmas)
    return _postgres(address, connections, writes=True, isolation_level="READ COMMITTED")


def lone_engine(address: URL, connections: int) -> Engine:
    """PostgreSQL only: connections on which each statement is a transaction of its own.

    They are not asked whether they still work before each use: what may be done twice is simply done again.
    """
    return _postgres(address, connections, writes=True, isolation_level="AUTOCOMMIT", pool_pre_ping=False)


def reading_engine(address: URL, connections: int, busy_seconds: float) -> Engine:
    """Connections that cannot write. Each transaction sees one moment: a WAL snapshot, or REPEATABLE READ."""
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, connections, busy_seconds, "BEGIN", ("query_only = ON",))
    read_only = {"postgresql_readonly": True}
    return _postgres(
        address, connections, writes=False, isolation_level="REPEATABLE READ", execution_options=read_only
    )


def _engine(address: URL, connections: int, **options: Any) -> Engine:
    return create_engine(
        address,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,  # values of rows belong in no log
        json_serializer=partial(json.dumps, allow_nan=False),  # PostgreSQL takes no NaN
        json_deserializer=_parsed,
        **options,
    )


class Garbled:
    """What stands where JSON should: whoever makes something of that row fails, and of no other."""


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return Garbled()


def _sqlite(
    address: URL, connections: int, busy_seconds: float, begin: str, pragmas: tuple[str, ...]
) -> Engine:
    engine = _engine(address, connections)

    def set_up(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (f"busy_timeout = {int(busy_seconds * 1000)}", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", begin_transaction)
    return engine


def driver_arguments(address: URL) -> dict[str, Any]:
    """How PostgreSQL's driver connects, but for what the address says itself."""
    return {name: value for name, value in _POSTGRES_DRIVER.items() if name not in address.query}


def _postgres(address: URL, connections: int, *, writes: bool, **options: Any) -> Engine:
    driver = driver_arguments(address)
    try:
        options = {"pool_pre_ping": True} | options
        engine = _engine(address, connections, connect_args=driver, **options)
    except ModuleNotFoundError as error:
        msg = "PostgreSQL needs an extra: install workflow-bot[postgres]"
        raise DatabaseUnavailableError(msg) from error

    def set_up(connection: DBAPIConnection, _record: object) -> None:
        before = connection.autocommit
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(_POSTGRES_LIMITS)
        cursor.execute(_POSTGRES_DURABLE)
        cursor.close()
        connection.autocommit = before

    def recycle(context: ExceptionContext) -> None:
        """Of a session that is of no more use SQLAlchemy drops all that are as old, not only that one."""
        if spoils_connection(context.original_exception, writes=writes):
            context.is_disconnect = True

    event.listen(engine, "connect", set_up)
    event.listen(engine, "handle_error", recycle)
    return engine
