"""Numbers as large as PlanetScale may give them, on both databases."""

from pathlib import Path

import pytest

from bot.operations.model import State
from tests.operations.conftest import ANA, BEN, open_engine

LARGEST = 2**63 - 1


@pytest.mark.parametrize("number", [2**31 - 1, 2**31, LARGEST])
async def test_a_workflow_with_a_large_number(database_url: str, tmp_path: Path, number: int) -> None:
    """Whatever number a workflow has: what is asked of it is approved, sent and read back."""
    async with open_engine(tmp_path, url=database_url) as engine:
        engine.simulator.add_workflow("shop", number, "verified_data")
        operation_id = await engine.ask(f"switch-traffic shop {number} --replicas-only")
        await engine.press(operation_id, BEN, "approve")
        await engine.pass_time(60)
        operation = await engine.get(operation_id)
        assert (operation.state, operation.number) == (State.SUCCEEDED, number)


async def test_a_create_that_gets_a_large_number(database_url: str, tmp_path: Path) -> None:
    """A new workflow is known by the number that PlanetScale gave it, however large."""
    async with open_engine(tmp_path, url=database_url) as engine:
        engine.simulator.add_workflow("shop", LARGEST - 1, "cancelled")
        operation_id = await engine.ask(
            "create shop main --name again --source-keyspace commerce --target-keyspace customer "
            "--tables orders",
            user=ANA,
        )
        await engine.pass_time(60)
        operation = await engine.get(operation_id)
        assert (operation.state, operation.number) == (State.SUCCEEDED, LARGEST)
