"""What the tests of this room share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.slack.courier_stage import Stage, copy_of, open_stage
from tests.store.databases import database_url, postgres, postgres_template, sqlite_template
from tests.tls import no_tls

__all__ = ["database_url", "no_tls", "postgres", "postgres_template", "sqlite_template"]


@pytest.fixture
async def post(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    """A courier's surroundings, on SQLite."""
    async with open_stage(copy_of(sqlite_template, tmp_path)) as stage:
        yield stage
