"""Telling the parts of all processes that something new for them is committed, so that none has to wait.

Nothing is lost with a notice: each part looks by itself now and then.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextvars import Context
from enum import StrEnum
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection, func, select

from bot.store.engine.transaction import after_commit, before_commit

log = structlog.stdlib.get_logger(__name__)

WAKES: Final = "bot.wakes"
"""Where a connection carries the wakes of its process, among its execution options."""
CHANNEL: Final = "workflow_bot"
"""PostgreSQL's, of the database: `process:part,part`."""


class Part(StrEnum):
    """Who looks for what is new."""

    WORKER = "worker"
    COURIER = "courier"
    WATCH = "watch"
    HOME = "home"
    """Each process draws those that were opened there."""


class Wakes:
    """The parts of this process that want to be woken."""

    def __init__(self) -> None:
        self.process = secrets.token_hex(8)
        """A name for this process, new at every start."""
        self._wakes: defaultdict[str, list[Callable[[], object]]] = defaultdict(list)

    def on(self, part: Part, wake: Callable[[], object]) -> None:
        """Call `wake`, from any thread, when there is something new for `part`."""
        self._wakes[part].append(wake)

    def has(self, part: Part) -> bool:
        """Whether this process has such a part."""
        return part in self._wakes

    def call(self, parts: Iterable[str]) -> None:
        """Wake these, as far as this process has them. What wakes a part is not what it then works on: it is
        called in no context, so that its lines in the log are its own.
        """
        for part in parts:
            for wake in self._wakes.get(part, ()):
                try:
                    Context().run(wake)
                except Exception:
                    log.exception("not_woken", part=part)  # the edge: what was committed is no failure


def notify(connection: Connection, *parts: Part) -> None:
    """Once this transaction is committed, wake these parts: this process's at once, of others those that this
    one has not.
    """
    for part in parts:
        before_commit(connection, _announce, part)


def send(connection: Connection, payload: str) -> None:
    """A notice to all that listen, once this transaction is committed. On SQLite nobody does."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(CHANNEL, payload)))


def heard(wakes: Wakes, payload: str) -> None:
    """Wake those whom a notice of another process is for."""
    process, _, parts = payload.partition(":")
    if process != wakes.process:
        wakes.call(parts.split(","))


def _announce(connection: Connection, parts: list[Part]) -> None:
    wakes: Wakes | None = connection.get_execution_options().get(WAKES)
    if wakes is None:
        return
    after_commit(connection, partial(wakes.call, frozenset(parts)))
    elsewhere = sorted({part for part in parts if part is Part.HOME or not wakes.has(part)})
    if elsewhere:
        send(connection, f"{wakes.process}:{','.join(elsewhere)}")
