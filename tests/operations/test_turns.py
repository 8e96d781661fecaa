"""Two requests on one workflow: one after the other."""

import pytest

from bot.operations.model import Operation, State
from bot.operations.steps.sending import TRY_AGAIN, RequestSender
from bot.operations.storage import repository
from bot.operations.storage.repository import OperationMovedError
from bot.operations.worker import Worker
from tests.operations.conftest import BEN, Engine


async def test_a_claim_whose_turn_it_is_not(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waits a few seconds each time, instead of asking PlanetScale again and again, and says why."""
    claim, refused = repository.claim, [True] * 3

    def busy(*args: object) -> Operation:
        if refused and refused.pop():
            raise repository.NotItsTurnError
        return claim(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(repository, "claim", busy)
    engine.simulator.add_workflow("shop", 3, "running")
    operation_id = await engine.ask("cancel shop 3")
    reads = len(engine.simulator.requests)
    await engine.press(operation_id, BEN, "approve")
    assert len(refused) == 2
    once = len(engine.simulator.requests) - reads
    operation = await engine.get(operation_id)
    assert operation.outcome.trouble == "another request on this workflow goes first"
    assert operation.next_read_at == engine.clock.now() + TRY_AGAIN
    await engine.pass_time(2)
    assert len(engine.simulator.requests) == reads + once
    await engine.pass_time(8)
    assert engine.mutations() == ["cancel"]
    await engine.pass_time(60)
    assert (await engine.get(operation_id)).state is State.SUCCEEDED


async def test_what_is_changed_again_and_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds an operation changed looks once more at once, and after that not before the next sweep."""

    async def moved(*_: object) -> None:
        raise OperationMovedError

    monkeypatch.setattr(RequestSender, "execute", moved)
    woken = []

    def wake(worker: Worker) -> None:
        woken.append(worker)

    monkeypatch.setattr(Worker, "wake", wake)
    engine.simulator.add_workflow("shop", 3, "running")
    operation_id = await engine.ask("cancel shop 3")
    await engine.put_press(operation_id, BEN, "approve")
    for _ in range(5):
        await engine.worker._step(operation_id)
    assert len(woken) == 1
