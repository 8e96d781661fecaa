"""A bounded minute of `make soak`: real processes on a real PostgreSQL, while everything fails around them.

A failure names its seed, with which it can be run again.
"""

import random
from pathlib import Path

import pytest

from bot.operations.model import State
from tests.processes.plans import MINUTE
from tests.processes.soak import soak
from tests.store.postgres import PostgresServer


@pytest.mark.processes
async def test_a_minute_of_failures(lasting_postgres: PostgresServer, tmp_path: Path) -> None:
    """Whatever is killed, stopped, cut off or refused: one request each, in time, and all is told once."""
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}: python -m tests.processes --minute --seed {seed}")
    result = await soak(MINUTE, seed, lasting_postgres, tmp_path, print)
    print(f"{result.seconds:.0f} s, {dict(result.ends)}, {dict(result.happened)}")
    assert list(result.faults) == []
    assert result.ends[State.SUCCEEDED.value] > 0
