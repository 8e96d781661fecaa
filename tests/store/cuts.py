"""Connections that are cut off at a COMMIT."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.store.engine import transaction
from bot.store.errors import CommitUnknownError, DatabaseUnavailableError


class Cuts:
    """Cuts connections off at the COMMIT of one kind of transaction: before or after it is carried out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, of: Callable[..., Any], *when: str) -> None:
        self._left, self._of, self._real = list(when), of, transaction._attempt
        monkeypatch.setattr(transaction, "_attempt", self)

    def __call__(self, engine: Any, begin: Any, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        when = self._left.pop(0) if fn == self._of and self._left else None
        if when == "at once":
            raise DatabaseUnavailableError("it is away")
        if when == "before":
            begin()
            raise CommitUnknownError("the connection was closed")
        result = self._real(engine, begin, fn, args)
        if when == "after":
            raise CommitUnknownError("the connection was closed")
        return result
