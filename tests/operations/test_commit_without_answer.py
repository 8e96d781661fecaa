"""A COMMIT around a request has no answer: nothing is sent twice, and nothing given up that never left."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.operations.model import State
from bot.operations.storage import attempt_rows
from bot.subjects.reading_plan import Acceptance
from tests.operations.conftest import BEN, Engine, open_engine
from tests.store.cuts import Cuts


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with open_engine(tmp_path) as opened:
        yield opened


async def _asked(engine: Engine) -> str:
    engine.simulator.add_workflow("shop", 3, "verified_data")
    return await engine.ask("switch-traffic shop 3 --replicas-only")


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_claim_is_found_again(engine: Engine, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """A claim whose COMMIT had no answer is found again or made, and its one request leaves at once."""
    operation = await _asked(engine)
    Cuts(monkeypatch, engine.worker._sender._committed, when)
    await engine.press(operation, BEN, "approve")
    await engine.pass_time(30)
    assert (await engine.get(operation)).state is State.SUCCEEDED
    assert engine.mutations() == ["switch-replicas"]


async def test_a_claim_that_nobody_knows_of_sends_nothing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is not known whether it is claimed, no request leaves."""
    operation = await _asked(engine)
    Cuts(monkeypatch, engine.worker._sender._committed, "after", "before", "before")
    await engine.press(operation, BEN, "approve")
    await engine.pass_time(10)
    assert engine.mutations() == []


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_answer_is_kept(engine: Engine, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """PlanetScale's answer is not forgotten because the database's was lost."""
    operation = await _asked(engine)
    Cuts(monkeypatch, attempt_rows.answered, when)
    await engine.press(operation, BEN, "approve")
    attempt = await engine.services.database.read(attempt_rows.last_attempt, await engine.get(operation))
    assert attempt is not None
    assert attempt.answer is Acceptance.ACCEPTED
    await engine.pass_time(30)
    assert (await engine.get(operation)).state is State.SUCCEEDED
    assert len(engine.mutations()) == 1
