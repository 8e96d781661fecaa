"""What SQLAlchemy makes of a statement is the same for every SQLite file: it is made once a process."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from bot.store.engine import engines


class SharedEngines:
    """Makes engines that share one dialect, and so all that is kept by dialect."""

    def __init__(self) -> None:
        self._first: Engine | None = None
        self._compiled: dict[Any, Any] = {}

    def create(self, address: Any, **options: Any) -> Engine:
        engine = create_engine(address, **options)
        if engine.dialect.name == "sqlite":
            engine.dialect = self._dialect(engine, options)
            engine.update_execution_options(compiled_cache=self._compiled)
        return engine

    def _dialect(self, engine: Engine, options: dict[str, Any]) -> Any:
        if self._first is None:
            serializers = {name: options[name] for name in options if name.startswith("json_")}
            self._first = create_engine("sqlite://", poolclass=StaticPool, **serializers)
            self._first.connect().close()  # a dialect learns of its driver with the first connection
        return self._first.dialect


@pytest.fixture(scope="session", autouse=True)
def statements_once() -> Iterator[None]:
    """Imported into the conftest of all tests: most open a file of their own."""
    with patch.object(engines, "create_engine", SharedEngines().create):
        yield
