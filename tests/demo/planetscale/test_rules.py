"""What the stand-in allows in which state."""

import httpx
import pytest

from bot.demo.planetscale.simulator import Simulator
from bot.demo.planetscale.world import State

COPIED = {"running", "verified_data"}
BEFORE_CUTOVER = COPIED | {
    "pending",
    "copying",
    "verifying_data",
    "stopped",
    "error",
    "switched_replicas",
    "switched_primaries",
}
ALLOWED = {
    "verify-data": COPIED,
    "switch-replicas": COPIED,
    "switch-primaries": COPIED | {"switched_replicas"},
    "reverse-traffic": {"switched_replicas", "switched_primaries"},
    "cutover": {"switched_primaries", "reversed_cutover"},
    "reverse-cutover": {"cutover"},
    "complete": {"cutover", "reversed_cutover"},
    "retry": {"error", "stopped"},
}


@pytest.mark.parametrize("state", list(State))
async def test_what_the_state_does_not_allow_is_refused(
    api: httpx.AsyncClient, simulator: Simulator, state: State
) -> None:
    """What the state does not allow answers 422 with a reason and changes nothing; the rest is taken."""
    for step, allowed in ALLOWED.items():
        simulator.add_workflow("shop", 3, state)
        answer = await api.patch(f"/workflows/3/{step}")
        assert answer.status_code == (200 if state in allowed else 422), step
        if state not in allowed:
            assert answer.json()["code"] == "unprocessable"
            assert "orders-to-customer" in answer.json()["message"]
            assert (await api.get("/workflows/3")).json()["state"] == state
    simulator.add_workflow("shop", 3, state)
    assert (await api.delete("/workflows/3")).status_code == (200 if state in BEFORE_CUTOVER else 422)


async def test_nothing_starts_while_something_is_under_way(
    api: httpx.AsyncClient, simulator: Simulator
) -> None:
    """A second change is refused while the first is not done, even where the state does not show it."""
    simulator.add_workflow("shop", 3, "cutover")
    assert (await api.patch("/workflows/3/complete")).status_code == 200
    answer = await api.patch("/workflows/3/reverse-cutover")
    assert (answer.status_code, answer.json()["message"]) == (
        422,
        "workflow orders-to-customer is busy: complete is in progress",
    )


async def test_a_retry_needs_an_offer(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """A workflow in error for which no retry is offered refuses one."""
    simulator.add_workflow("shop", 3, "error", may_retry=False)
    assert (await api.patch("/workflows/3/retry")).status_code == 422


def test_a_misspelt_override_is_an_error(simulator: Simulator) -> None:
    """Putting a workflow into the world with a field that it does not have fails at once."""
    with pytest.raises(TypeError, match="switch_primary_at"):
        simulator.add_workflow("shop", 3, "running", switch_primary_at=simulator.now())


@pytest.mark.parametrize("state", list(State))
async def test_any_state_can_be_had_at_once(
    api: httpx.AsyncClient, simulator: Simulator, state: State
) -> None:
    """A workflow put into a state is in that state, with a history in the right order."""
    simulator.add_workflow("shop", 3, state)
    shown = (await api.get("/workflows/3")).json()
    assert shown["state"] == state
    order = (
        "created_at",
        "started_at",
        "data_copy_completed_at",
        "verify_data_at",
        "switch_replicas_at",
        "switch_primaries_at",
        "cutover_at",
        "completed_at",
    )
    reached = [shown[name] for name in order if shown[name]]
    assert reached == sorted(reached)
    assert reached[-1] <= "2026-11-23T02:14:00.000Z"
