"""What the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.store.databases import some_binaries
from tests.store.postgres import PostgresServer


@pytest.fixture
def lasting_postgres() -> Iterator[PostgresServer]:
    """A server of its own, which can be restarted and forgets nothing by it."""
    server = PostgresServer(some_binaries(), keeps=True)
    yield server
    server.stop()
