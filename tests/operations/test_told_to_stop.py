"""A worker that is told to stop in the middle of its claim, on both databases."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.operations.model import State
from bot.operations.steps.sending import RequestSender
from bot.operations.worker import Worker
from bot.runtime.tasks import Grace
from tests.operations.conftest import BEN, open_engine

AT_ONCE = Grace(work=0, cancelled=60)


class _Gate:
    """Holds the claim in its transaction until somebody opens it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._loop = asyncio.get_running_loop()
        self.reached = asyncio.Event()
        self._open = threading.Event()
        committed = RequestSender._committed

        def held(sender: RequestSender, *args: Any) -> Any:
            result = committed(sender, *args)
            self._loop.call_soon_threadsafe(self.reached.set)
            self._open.wait()
            return result

        monkeypatch.setattr(RequestSender, "_committed", held)

    def open(self) -> None:
        self._open.set()


async def test_within_the_claim(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has left, and that is known: another process sends it at once, and once."""
    async with open_engine(tmp_path, url=database_url) as engine:
        engine.simulator.add_workflow("shop", 3, "running")
        operation_id = await engine.ask("cancel shop 3")
        await engine.put_press(operation_id, BEN, "approve")
        gate = _Gate(monkeypatch)
        told = asyncio.Event()
        working = asyncio.create_task(engine.worker.run(told))
        await gate.reached.wait()
        told.set()
        stopping = asyncio.create_task(engine.worker.stop(AT_ONCE))
        for _ in range(10):
            await asyncio.sleep(0)  # the step is cancelled now, and its transaction goes on
        gate.open()
        await asyncio.gather(stopping, working)

        operation = await engine.get(operation_id)
        assert (operation.state, engine.mutations()) == (State.READY, [])
        assert operation.outcome.trouble == "the bot was told to stop"

        engine.services = replace(engine.services, worker="w2")
        engine.worker = Worker(engine.services, alone=False)
        await engine.worker.settle()
        assert engine.mutations() == ["cancel"]
        await engine.pass_time(60)
        assert (await engine.get(operation_id)).state is State.SUCCEEDED
