"""Telling the parts of all processes that something new for them is committed, so that none has to wait.

Nothing is lost with a notice: each part looks by itself now and then.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection

from bot.store.engine.transaction import after_commit, before_commit

log = structlog.stdlib.get_logger(__name__)

WAKES: Final = "bot.wakes"
"""Where a connection carries the wakes of its process, among its execution options."""


class Part(StrEnum):
    """Who looks for what is new."""

    WORKER = "worker"
    COURIER = "courier"
    WATCH = "watch"
    HOME = "home"


class Wakes:
    """The parts of this process that want to be woken."""

    def __init__(self) -> None:
        self.process = secrets.token_hex(8)
        """A name for this process, new at every start."""
        self._wakes: defaultdict[str, list[Callable[[], None]]] = defaultdict(list)

    def on(self, part: Part, wake: Callable[[], None]) -> None:
        """Call `wake`, from any thread, when there is something new for `part`."""
        self._wakes[part].append(wake)

    def call(self, parts: Iterable[str]) -> None:
        """Wake these, as far as this process has them."""
        for part in parts:
            for wake in self._wakes.get(part, ()):
                try:
                    wake()
                except Exception:
                    log.exception("not_woken", part=part)  # the edge: what was committed is no failure


def notify(connection: Connection, *parts: Part) -> None:
    """Once this transaction is committed, wake these parts."""
    for part in parts:
        before_commit(connection, _announce, part)


def _announce(connection: Connection, parts: list[Part]) -> None:
    wakes: Wakes | None = connection.get_execution_options().get(WAKES)
    if wakes:
        after_commit(connection, partial(wakes.call, frozenset(parts)))
