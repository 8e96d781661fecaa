"""kill -9 at a named step: the parts of a running bot are wrapped from outside, in its own process."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any
from unittest.mock import patch

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection, select

from bot.operations.model import State
from bot.planetscale.wire import Wire
from bot.store.database import Database
from bot.store.schema import operations


class When(Enum):
    """Where in a step."""

    BEFORE = auto()
    INSIDE = auto()
    """Of a transaction: everything is written and nothing is committed."""
    AFTER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A transaction, by its function; without one: any."""

    when: When
    of: Callable[..., Any] | None = None
    about: str = ""
    """Only one about a message of the board whose key ends so."""
    reaching: State | None = None
    """Only one after which an operation is in this state; not with `BEFORE`."""
    nth: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackCall:
    """A call to Slack, by its method."""

    when: When
    name: str
    nth: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The request that changes something at PlanetScale."""

    when: When


Kill = Transaction | SlackCall | Change


def arm(kill: Kill) -> None:
    """From now on this process dies at `kill`."""
    match kill:
        case Transaction():
            _Transactions(kill).arm()
        case SlackCall():
            _arm_calls(
                AsyncWebClient, "api_call", kill.when, kill.nth, lambda method, *_: method == kill.name
            )
        case Change():
            _arm_calls(Wire, "change", kill.when, 1, lambda *_: True)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm_calls(owner: type, name: str, when: When, nth: int, concerns: Callable[..., bool]) -> None:
    original = getattr(owner, name)
    seen = 0

    async def watched(self: Any, *args: Any, **options: Any) -> Any:
        nonlocal seen
        mine = concerns(*args)
        seen += mine
        if mine and when is When.BEFORE and seen == nth:
            _die()
        answer = await original(self, *args, **options)
        if mine and when is When.AFTER and seen == nth:
            _die()
        return answer

    patch.object(owner, name, watched).start()


class _Transactions:
    def __init__(self, kill: Transaction) -> None:
        self._kill = kill
        self._write = Database.write
        self._seen = 0

    def arm(self) -> None:
        fuse = self

        async def write(self: Database, fn: Any, *args: Any, **options: Any) -> Any:
            return await fuse.write(self, fn, args, options)

        patch.object(Database, "write", write).start()

    async def write(self, database: Database, fn: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        kill = self._kill
        if not self._concerns(fn, args):
            return await self._write(database, fn, *args, **options)
        if kill.when is When.BEFORE and self._is_it():
            _die()
        now = False

        def watched(connection: Connection, *inner: Any) -> Any:
            nonlocal now
            result = fn(connection, *inner)
            now = kill.when is not When.BEFORE and self._reaches(connection) and self._is_it()
            if now and kill.when is When.INSIDE:
                _die()
            return result

        result = await self._write(database, watched, *args, **options)
        if now:
            _die()
        return result

    def _concerns(self, fn: Any, args: tuple[Any, ...]) -> bool:
        keys = [str(getattr(argument, "key", "")) for argument in args]
        about = not self._kill.about or any(key.endswith(self._kill.about) for key in keys)
        return about and (self._kill.of is None or _plain(fn) is self._kill.of)

    def _is_it(self) -> bool:
        self._seen += 1
        return self._seen == self._kill.nth

    def _reaches(self, connection: Connection) -> bool:
        if self._kill.reaching is None:
            return True
        query = select(operations.c.id).where(operations.c.state == self._kill.reaching.value)
        return connection.scalar(query) is not None


def _plain(fn: Any) -> Any:
    """The function that a partial or a method is made of."""
    fn = fn.func if isinstance(fn, partial) else fn
    return getattr(fn, "__func__", fn)
