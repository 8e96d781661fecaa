"""kill -9 (or worse) at a named step: the parts of a running bot are wrapped, in its own process."""

import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from httpcore import AsyncHTTP11Connection, Request
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection, select

from bot.operations.model import State
from bot.operations.steps.sending import RequestSender
from bot.planetscale.wire import Wire
from bot.store.engine.database import Database
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
    """The exchange that changes something at PlanetScale: before it has a connection, or after its answer."""

    when: When


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """The last look before a change leaves, over a connection that is open."""

    when: When


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstByte:
    """The first byte of a change: nothing of the bot's own comes before it any more."""

    when: When


Kill = Transaction | SlackCall | Change | Leaving | FirstByte


class Fate(Enum):
    """What becomes of the process."""

    DIES = auto()
    STOPS = auto()
    HANGS = auto()
    """The thread that is there does not go on."""


Fire = Callable[[], None]


def arm(kill: Kill, fate: Fate) -> None:
    """From now on this becomes of this process at `kill`."""
    fire = _FIRES[fate]
    match kill:
        case Transaction():
            _Transactions(kill, fire).arm()
        case SlackCall():
            _Calls(kill.when, fire, lambda method, *_, **__: method == kill.name, kill.nth).arm(
                AsyncWebClient, "api_call"
            )
        case Change():
            _Calls(kill.when, fire).arm(Wire, "change")
        case Leaving():
            _Calls(kill.when, fire).arm(RequestSender, "_leave")
        case FirstByte():
            _Calls(kill.when, fire, _is_change).arm(AsyncHTTP11Connection, "_send_request_headers")


def _get(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


def _hang() -> None:
    threading.Event().wait()


_FIRES: Mapping[Fate, Fire] = MappingProxyType(
    {Fate.DIES: partial(_get, signal.SIGKILL), Fate.STOPS: partial(_get, signal.SIGSTOP), Fate.HANGS: _hang}
)


def _always(*_: Any, **__: Any) -> bool:
    return True


def _is_change(request: Request) -> bool:
    return request.method != b"GET"


class _Calls:
    def __init__(self, when: When, fire: Fire, concerns: Callable[..., bool] = _always, nth: int = 1) -> None:
        self._when, self._fire, self._concerns, self._nth = when, fire, concerns, nth
        self._seen = 0

    def arm(self, owner: type, name: str) -> None:
        fuse, original = self, getattr(owner, name)

        async def watched(self: Any, *args: Any, **options: Any) -> Any:
            mine = fuse._is_it(*args, **options)
            if mine and fuse._when is When.BEFORE:
                fuse._fire()
            answer = await original(self, *args, **options)
            if mine and fuse._when is When.AFTER:
                fuse._fire()
            return answer

        patch.object(owner, name, watched).start()

    def _is_it(self, *args: Any, **options: Any) -> bool:
        mine = self._concerns(*args, **options)
        self._seen += mine
        return mine and self._seen == self._nth


class _Transactions:
    def __init__(self, kill: Transaction, fire: Fire) -> None:
        self._kill, self._fire = kill, fire
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
            self._fire()
        now = False

        def watched(connection: Connection, *inner: Any) -> Any:
            nonlocal now
            result = fn(connection, *inner)
            now = kill.when is not When.BEFORE and self._reaches(connection) and self._is_it()
            if now and kill.when is When.INSIDE:
                self._fire()
            return result

        result = await self._write(database, watched, *args, **options)
        if now and kill.when is When.AFTER:
            self._fire()
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
