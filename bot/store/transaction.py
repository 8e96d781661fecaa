"""One transaction, as seen from the thread that carries it out."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from bot.store.errors import (
    CommitUnknownError,
    DatabaseBusyError,
    DatabaseUnavailableError,
    RowRefusedError,
    StoreError,
)

log = structlog.stdlib.get_logger(__name__)

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_TRIES = 3
_ROLLED_BACK = {"40001", "40P01"}
"""Serialization failure and deadlock: PostgreSQL promises that nothing was done."""
_GAVE_UP = {"55P03", "57014"}
"""Lock and statement time-out."""
_SQLITE_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_HOOKS = "bot.after_commit"


class WithdrawnError(Exception):
    """Nobody waits for this transaction any more. It was rolled back before anything was done."""


def after_commit(connection: Connection, hook: Callable[[], None]) -> None:
    """Call `hook` in this thread once this transaction is committed, and never if it is not.

    What it raises is logged and changes nothing. A savepoint that is rolled back keeps its hooks.
    """
    connection.info[_HOOKS].append(hook)


def transact(
    engine: Engine, begin: Callable[[], bool], fn: Callable[[Connection, *Ts], T], args: tuple[*Ts]
) -> T:
    """Begin, ask `begin` whether it is still wanted, then `fn` and COMMIT; an error rolls back and is raised.

    A deadlock or a serialization failure runs `fn` again, three times in all. Raises the errors of
    `bot.store.errors` and what `fn` raises by itself; `WithdrawnError` when `begin` says no.
    """
    for left in reversed(range(_TRIES)):
        try:
            return _attempt(engine, begin, fn, args)
        except DBAPIError as error:
            if left and _state(error) in _ROLLED_BACK:
                log.warning("transaction_repeated", sqlstate=_state(error))
                continue
            if (translated := _translated(error)) is None:
                raise
            raise translated from None  # the original's text can hold values of the row
    raise AssertionError


def _attempt(
    engine: Engine, begin: Callable[[], bool], fn: Callable[[Connection, *Ts], T], args: tuple[*Ts]
) -> T:
    with engine.connect() as connection:
        hooks: list[Callable[[], None]] = []
        connection.info[_HOOKS] = hooks
        transaction = connection.begin()
        if not begin():
            raise WithdrawnError
        result = fn(connection, *args)
        if _failed(connection):
            raise RowRefusedError("a statement had failed and was passed over; nothing was done")
        try:
            transaction.commit()
        except (OperationalError, InterfaceError) as error:
            if _state(error) in _ROLLED_BACK:
                raise
            msg = f"it is not known whether this was stored: {_first_line(error)}"
            raise CommitUnknownError(msg) from None
    for hook in hooks:
        _call(hook)
    return result


def _failed(connection: Connection) -> bool:
    """Whether `fn` swallowed an error that undid it all: COMMIT would do nothing and call it no error."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        return not driver.in_transaction
    return driver is not None and driver.info.transaction_status.name == "INERROR"


def _call(hook: Callable[[], None]) -> None:
    """At the thread's edge: what was committed must not look like a failure."""
    try:
        hook()
    except Exception:
        log.exception("after_commit_failed")


def _translated(error: DBAPIError) -> StoreError | None:
    said = _first_line(error)
    if isinstance(error, IntegrityError):
        return RowRefusedError(said)
    if not isinstance(error, (OperationalError, InterfaceError)):
        return None
    code = getattr(error.orig, "sqlite_errorcode", None)
    if _state(error) in _ROLLED_BACK | _GAVE_UP or (code is not None and code & 0xFF in _SQLITE_LOCKED):
        return DatabaseBusyError(f"the database is busy: {said}")
    return DatabaseUnavailableError(f"the database cannot be used: {said}")


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _first_line(error: DBAPIError) -> str:
    """Without the lines in which PostgreSQL repeats the row."""
    return str(error.orig).partition("\n")[0]
