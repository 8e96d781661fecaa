"""One transaction, as seen from the thread that carries it out."""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar, TypeVarTuple

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from bot.store.engine.driver_errors import first_line, is_rolled_back, leaves_in_doubt, translated
from bot.store.errors import CommitUnknownError, DatabaseUnavailableError, RowRefusedError, StoreError

log = structlog.stdlib.get_logger(__name__)

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_TRIES = 3
_HOOKS = "bot.after_commit"
_LAST = "bot.before_commit"


class WithdrawnError(Exception):
    """Nobody waits for this transaction any more. It was rolled back before anything was done."""


def after_commit(connection: Connection, hook: Callable[[], None]) -> None:
    """Call `hook` in this thread once this transaction is committed, and never if it is not.

    What it raises is logged and changes nothing. A savepoint that is rolled back keeps its hooks.
    """
    connection.info[_HOOKS].append(hook)


def before_commit(connection: Connection, work: Callable[[Connection, list[T]], None], item: T) -> None:
    """Call `work` once, right before COMMIT, with all that was given for it in this transaction.

    For a lock that all processes want: taken last it is held shortly, and whoever has it waits for no other.
    What it raises undoes the transaction.
    """
    last: dict[Callable[[Connection, list[T]], None], list[T]] = connection.info[_LAST]
    last.setdefault(work, []).append(item)


def transact(
    engine: Engine,
    begin: Callable[[], bool],
    fn: Callable[[Connection, *Ts], T],
    args: tuple[*Ts],
    *,
    repeatable: bool = False,
) -> T:
    """Begin, ask `begin` whether it is still wanted, then `fn` and COMMIT; an error rolls back and is raised.

    What certainly came to nothing through no fault of `fn` (a deadlock, a session that was cut off or that
    may not write any more) is tried again, three times in all; what `repeatable` says is so too when it is
    not known whether COMMIT was carried out. Raises the errors of `bot.store.errors` and what `fn` raises by
    itself; `WithdrawnError` when `begin` says no.
    """
    doubt: CommitUnknownError | None = None
    for left in reversed(range(_TRIES)):
        try:
            return _attempt(engine, begin, fn, args)
        except CommitUnknownError as error:
            doubt = doubt or error
            if not (repeatable and left):
                raise doubt from None
            log.warning("commit_not_answered", reason=str(error))
        except DBAPIError as error:
            failure = translated(error)
            if left and (is_rolled_back(error) or error.connection_invalidated):
                log.warning("transaction_repeated", reason=str(failure))
                continue
            if failure is None:
                raise
            raise (doubt or failure) from None  # the original's text can hold values of the row
        except StoreError as error:
            raise (doubt or error) from None
    raise AssertionError


def _attempt(
    engine: Engine, begin: Callable[[], bool], fn: Callable[[Connection, *Ts], T], args: tuple[*Ts]
) -> T:
    with _connected(engine) as connection:
        hooks: list[Callable[[], None]] = []
        last: dict[Callable[[Connection, list[Any]], None], list[Any]] = {}
        connection.info.update({_HOOKS: hooks, _LAST: last})
        transaction = connection.begin()
        if not begin():
            raise WithdrawnError
        result = fn(connection, *args)
        if _failed(connection):
            raise RowRefusedError("a statement had failed and was passed over; nothing was done")
        for work, items in last.items():
            work(connection, items)
        try:
            transaction.commit()
        except DBAPIError as error:
            if not leaves_in_doubt(error):
                raise
            msg = f"it is not known whether this was stored: {first_line(error)}"
            raise CommitUnknownError(msg) from None
    for hook in hooks:
        _call(hook)
    return result


def _connected(engine: Engine) -> Connection:
    """A connection. One that cannot be made is not tried again: that would only take longer."""
    try:
        return engine.connect()
    except DBAPIError as error:
        raise (translated(error) or DatabaseUnavailableError(first_line(error))) from None
    except (OSError, ValueError) as error:  # an odd name of a host
        msg = f"the database cannot be reached: {type(error).__name__}"
        raise DatabaseUnavailableError(msg) from None


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
