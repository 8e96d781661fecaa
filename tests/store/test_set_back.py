"""What a process that starts makes of moments that are ahead of its clock."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from bot.store.engine.database import Database
from bot.store.schema import operations
from bot.store.set_back import bring_back
from tests.store.rows import NOW, operation


@pytest.mark.parametrize(("ahead", "kept"), [(5, True), (3600, False)])
async def test_a_claim_of_another_process(database: Database, ahead: int, kept: bool) -> None:
    """What another claimed while this one started stays its own; an hour ahead, a clock was wrong."""
    claimed = NOW + timedelta(seconds=ahead)
    await database.write(lambda on: on.execute(insert(operations).values(operation())).rowcount)
    await database.write(lambda on: on.execute(update(operations).values(claimed_at=claimed)).rowcount)
    await database.write(bring_back, NOW, None)
    found = await database.read(lambda on: on.scalar(select(operations.c.claimed_at)))
    assert found == (claimed if kept else NOW)
