"""The five minutes after an approval, on both clocks, and the last look at them before a request leaves."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.clock import ManualClock
from bot.operations.model import Operation, State
from bot.operations.steps.run_window import CLOCK_SET_BACK, RunWindows, closes_at, is_before, is_open
from bot.operations.steps.sending import RequestSender
from bot.operations.storage import repository
from bot.operations.worker import Worker
from bot.planetscale.refs import WorkflowRef
from bot.workflows.actions.cancel import CANCEL
from tests.operations.conftest import ANA, BEN, Engine

MINUTES = 60.0


def ready(clock: ManualClock, execute_by: datetime | None) -> Operation:
    """Something that waits to be sent."""
    return Operation(
        id="op1",
        organization="acme",
        database="shop",
        ref=WorkflowRef("acme", "shop", 3),
        action=CANCEL,
        requester=ANA,
        team_id="T0ACME",
        channel="C1",
        state=State.READY,
        asked_at=clock.now(),
        execute_by=execute_by,
    )


def approved(clock: ManualClock) -> Operation:
    """Something that was approved now."""
    return ready(clock, closes_at(clock.now()))


@given(st.lists(st.tuples(st.floats(0.1, 400), st.floats(-4000, 4000)), max_size=12))
def test_setting_the_clock_never_makes_the_window_longer(steps: list[tuple[float, float]]) -> None:
    """However the wall clock is set: nothing may leave more than five minutes after the approval."""
    clock = ManualClock()
    windows, operation = RunWindows(clock), approved(clock)
    assert windows.is_open(operation)
    for passes, is_set_back in steps:
        clock.advance(passes)
        clock.set_back(is_set_back)
        assert not (windows.is_open(operation) and clock.monotonic() >= 5 * MINUTES)


@given(st.integers(-1000, 1000))
def test_the_window_by_the_wall_clock(seconds: int) -> None:
    """A process that was started since goes by the wall clock: no time before the approval is within."""
    end = closes_at(ManualClock().now())
    now = end + timedelta(seconds=seconds)
    assert is_open(end, now) is (-305 <= seconds < 0)
    assert is_before(end, now) is (seconds < -305)


def test_another_approval_has_a_window_of_its_own() -> None:
    """What was taken back and approved again has five minutes once more."""
    clock = ManualClock()
    windows, operation = RunWindows(clock), approved(clock)
    assert windows.is_open(operation)
    clock.advance(5 * MINUTES)
    assert not windows.is_open(operation)
    assert windows.is_open(approved(clock))


@given(st.floats(0, 299), st.floats(0, 400))
def test_an_approval_that_is_seen_late(paused: float, passes: float) -> None:
    """A press counts from its receipt: a process that was paused before it looked gains no time by that."""
    clock = ManualClock()
    windows, operation = RunWindows(clock), approved(clock)
    clock.advance(paused)
    assert windows.is_open(operation)
    clock.set_back(min(paused, 200))  # from here on the wall clock may say what it will
    clock.advance(passes)
    assert not (windows.is_open(operation) and clock.monotonic() >= 5 * MINUTES)


def test_without_an_approval_there_is_none() -> None:
    """Nothing leaves without an approval."""
    clock = ManualClock()
    assert not RunWindows(clock).is_open(ready(clock, None))


async def limited(engine: Engine) -> str:
    """Approved, and PlanetScale says 429 for ever."""
    engine.simulator.add_workflow("shop", 3, "running")
    operation_id = await engine.ask("cancel shop 3")
    engine.simulator.trouble("rate-limited", on="mutation", times=None, seconds=5)
    await engine.press(operation_id, BEN, "approve")
    assert (await engine.get(operation_id)).state is State.READY
    return operation_id


async def test_a_press_that_is_looked_at_late(engine: Engine) -> None:
    """Received, and decided three minutes later: it may be sent for two minutes more, and not for five."""
    engine.simulator.add_workflow("shop", 3, "running")
    operation_id = await engine.ask("cancel shop 3")
    engine.simulator.trouble("rate-limited", on="mutation", times=None, seconds=5)
    await engine.put_press(operation_id, BEN, "approve")
    received = engine.clock.monotonic()
    engine.clock.advance(3 * MINUTES)
    await engine.worker.settle()
    engine.clock.set_back(2 * MINUTES)
    while (await engine.get(operation_id)).state is State.READY:
        await engine.pass_time(1)
    assert (await engine.get(operation_id)).state is State.TOO_LATE
    assert 4 * MINUTES < engine.clock.monotonic() - received <= 5 * MINUTES + 1


async def test_a_clock_that_is_set_back(engine: Engine) -> None:
    """It ends as too late, by the monotonic clock, and nothing is sent any more."""
    operation_id = await limited(engine)
    engine.clock.set_back(10 * MINUTES)
    await engine.pass_time(2)
    operation = await engine.get(operation_id)
    assert (operation.state, operation.outcome.cause) == (State.TOO_LATE, CLOCK_SET_BACK)
    assert engine.mutations() == ["cancel"]


@pytest.mark.parametrize("seconds", [3, -3])
async def test_a_clock_that_is_corrected_a_little(engine: Engine, seconds: int) -> None:
    """A few seconds either way end nothing; after five minutes it is over all the same."""
    operation_id = await limited(engine)
    began = engine.clock.monotonic()
    engine.clock.set_back(seconds)
    await engine.pass_time(60, 5)
    assert (await engine.get(operation_id)).state is State.READY
    await engine.pass_time(225, 5)
    while (await engine.get(operation_id)).state is State.READY:
        await engine.pass_time(1)
    assert (await engine.get(operation_id)).state is State.TOO_LATE
    assert engine.clock.monotonic() - began <= 5 * MINUTES + 1


async def test_a_clock_that_is_set_back_across_a_restart(engine: Engine) -> None:
    """A process that never saw the approval cannot tell how long ago it was: nothing is sent."""
    operation_id = await limited(engine)
    for trouble in engine.simulator.troubles.asked:
        engine.simulator.lift(trouble)
    engine.clock.set_back(10 * MINUTES)
    engine.worker = Worker(engine.services, alone=True)
    await engine.pass_time(30)
    operation = await engine.get(operation_id)
    assert (operation.state, operation.outcome.cause) == (State.TOO_LATE, CLOCK_SET_BACK)
    assert engine.mutations() == ["cancel"]


async def test_a_clock_that_was_ahead_when_it_was_approved(engine: Engine) -> None:
    """Corrected since: nobody can tell when it was approved, and nothing is sent."""
    engine.clock.set_back(-3600)
    operation_id = await limited(engine)
    for trouble in engine.simulator.troubles.asked:
        engine.simulator.lift(trouble)
    engine.clock.set_back(3600)
    await engine.pass_time(30)
    assert (await engine.get(operation_id)).state is State.TOO_LATE
    assert engine.mutations() == ["cancel"]


Stop = Callable[[ManualClock], None]


def suspended(clock: ManualClock) -> None:
    """The machine sleeps, and its monotonic clock with it."""
    clock.set_back(-315)


def stopped(clock: ManualClock) -> None:
    """SIGSTOP, and SIGCONT 315 s later."""
    clock.advance(315)


@pytest.mark.parametrize("stop", [stopped, suspended])
@pytest.mark.parametrize("step", [repository.claim, RequestSender._committed])
async def test_stopped_between_the_claim_and_the_request(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, stop: Stop, step: Any
) -> None:
    """Woken minutes later it does not send any more, by whichever clock that can be seen, and says so."""
    owner, name = (repository, "claim") if step is repository.claim else (RequestSender, "_committed")

    def dawdling(*args: Any) -> Any:
        result = step(*args)
        stop(engine.clock)
        return result

    monkeypatch.setattr(owner, name, dawdling)
    engine.simulator.add_workflow("shop", 3, "running")
    operation_id = await engine.ask("cancel shop 3")
    await engine.press(operation_id, BEN, "approve")
    await engine.pass_time(10)
    assert (await engine.get(operation_id)).state is State.TOO_LATE
    assert engine.mutations() == []


async def test_stopped_for_a_moment(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped for a few seconds only, it looks at everything again and is sent then, once."""
    committed, stops = RequestSender._committed, [3.0]

    def dawdling(self: RequestSender, *args: Any) -> Any:
        result = committed(self, *args)
        engine.clock.advance(stops.pop() if stops else 0)
        return result

    monkeypatch.setattr(RequestSender, "_committed", dawdling)
    engine.simulator.add_workflow("shop", 3, "running")
    operation_id = await engine.ask("cancel shop 3")
    await engine.press(operation_id, BEN, "approve")
    assert engine.mutations() == []
    await engine.pass_time(60)
    assert (await engine.get(operation_id)).state is State.SUCCEEDED
    assert engine.mutations() == ["cancel"]
