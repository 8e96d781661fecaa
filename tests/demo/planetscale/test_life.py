"""A workflow from its creation to its end, over HTTP, with the clock moved by hand."""

from typing import Any

import httpx

from bot.demo.clock import ManualClock
from bot.demo.planetscale.simulator import Simulator

HOUR = 3600
BODY = {
    "name": "orders-to-customer",
    "source_keyspace": "commerce",
    "target_keyspace": "customer",
    "tables": ["orders", "line_items"],
    "branch_name": "main",
}


async def read(api: httpx.AsyncClient, number: int = 2) -> dict[str, Any]:
    answer = await api.get(f"/workflows/{number}")
    assert answer.status_code == 200
    workflow: dict[str, Any] = answer.json()
    return workflow


async def change(api: httpx.AsyncClient, step: str, number: int = 2) -> dict[str, Any]:
    answer = await api.patch(f"/workflows/{number}/{step}")
    assert answer.status_code == 200, answer.text
    workflow: dict[str, Any] = answer.json()
    return workflow


async def test_a_copy_goes_from_created_to_verified(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A created workflow copies one table after the other, runs, and is verified, with all its times set."""
    simulator.add_workflow("shop", 1, "cancelled")

    created = await api.post("/workflows", json=BODY)
    assert (created.status_code, created.json()["state"], created.json()["number"]) == (201, "pending", 2)
    assert created.json()["tables"] == [{"name": "orders"}, {"name": "line_items"}]

    clock.advance(10)
    assert (await read(api))["state"] == "copying"
    clock.advance(2 * HOUR)
    copying = await read(api)
    assert 0 < copying["tables"][0]["rows_percentage"] < 100
    assert copying["tables"][1]["rows_copied"] == 0
    assert copying["data_copy_completed_at"] is None

    clock.advance(30 * HOUR)
    running = await read(api)
    assert (running["state"], running["data_copy_completed_at"] is not None) == ("running", True)
    assert [table["rows_percentage"] for table in running["tables"]] == [100, 100]

    assert (await change(api, "verify-data"))["state"] == "verifying_data"
    clock.advance(600)
    assert 0 < (await read(api))["vdiff"]["progress_percentage"] < 100
    clock.advance(2 * HOUR)
    verified = await read(api)
    assert (verified["state"], verified["vdiff"]["has_mismatch"]) == ("verified_data", False)
    assert len(verified["vdiff"]["table_reports"]) == 4
    assert [e.mutation for e in simulator.effects if e.what == "done"] == ["create", "verify-data"]


async def test_a_move_goes_from_verified_to_completed(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A verified workflow switches, cuts over and completes, and flags, actors and tables follow."""
    simulator.add_workflow("shop", 2, "verified_data")
    assert (await change(api, "switch-replicas"))["state"] == "switching_replicas"
    assert not (await read(api))["replicas_switched"]
    clock.advance(60)
    switched = await read(api)
    assert (switched["state"], switched["replicas_switched"]) == ("switched_replicas", True)
    assert switched["switch_replicas_by"]["display_name"] == "workflow-bot"

    assert (await change(api, "switch-primaries"))["state"] == "switching_primaries"
    clock.advance(60)
    switched = await read(api)
    assert (switched["state"], switched["primaries_switched"]) == ("switched_primaries", True)
    assert {stream["state"] for stream in switched["streams"]} == {"stopped"}

    assert (await change(api, "cutover"))["state"] == "cutting_over"
    clock.advance(60)
    assert (await read(api))["state"] == "cutover"
    left = (await api.get("/branches/main/schema", params={"keyspace": "commerce"})).json()["data"]
    assert "orders" not in {table["name"] for table in left}

    assert (await change(api, "reverse-cutover"))["state"] == "cutover"
    clock.advance(60)
    assert (await read(api))["state"] == "reversed_cutover"
    await change(api, "cutover")
    clock.advance(60)
    await change(api, "complete")
    assert (await read(api))["completed_at"] is None
    clock.advance(60)
    completed = await read(api)
    assert (completed["state"], completed["completed_at"] is not None) == ("completed", True)
    assert [e.mutation for e in simulator.effects if e.what == "done"] == [
        "switch-replicas",
        "switch-primaries",
        "cutover",
        "reverse-cutover",
        "cutover",
        "complete",
    ]


async def test_a_branch_has_one_active_workflow(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """A second workflow on a branch is refused until the first has ended, and the first is named."""
    simulator.add_workflow("shop", 1, "cutover")
    simulator.world.databases["shop"].branches["main"].keyspaces["commerce"].tables["users"] = 5
    answer = await api.post("/workflows", json=BODY | {"tables": ["users"]})
    assert (answer.status_code, answer.json()["code"]) == (422, "unprocessable")
    assert "#1" in answer.json()["message"]
    simulator.add_workflow("shop", 1, "completed")
    assert (await api.post("/workflows", json=BODY | {"tables": ["users"]})).status_code == 201


async def test_traffic_goes_back(api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock) -> None:
    """Reversing takes both flags back, says who did it and when, and leaves the workflow running."""
    simulator.add_workflow("shop", 2, "switched_primaries")
    assert (await change(api, "reverse-traffic"))["state"] == "reversing_traffic"
    clock.advance(60)
    reversed_ = await read(api)
    assert (reversed_["state"], reversed_["replicas_switched"], reversed_["primaries_switched"]) == (
        "running",
        False,
        False,
    )
    assert reversed_["reversed_at"] == "2026-11-23T02:14:00.000Z"
    assert reversed_["reversed_by"]["display_name"] == "workflow-bot"


async def test_cancelling_deletes_the_copies(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A cancelled copy is gone from the target, and the source keeps its tables."""

    async def tables(keyspace: str) -> set[str]:
        answer = await api.get("/branches/main/schema", params={"keyspace": keyspace})
        return {table["name"] for table in answer.json()["data"]}

    simulator.add_workflow("shop", 2, "copying")
    assert "orders" in await tables("customer")
    answer = await api.delete("/workflows/2")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelling")
    clock.advance(60)
    assert (await read(api))["state"] == "cancelled"
    assert "orders" not in await tables("customer")
    assert "orders" in await tables("commerce")


async def test_cancelling_with_traffic_switched_takes_traffic_back_first(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A switched workflow that is cancelled moves live traffic back before it deletes anything."""
    simulator.add_workflow("shop", 2, "switched_primaries")
    assert (await api.delete("/workflows/2")).json()["state"] == "reversing_traffic_for_cancel"
    clock.advance(10)
    on_the_way = await read(api)
    assert (on_the_way["state"], on_the_way["primaries_switched"]) == ("cancelling", False)
    clock.advance(60)
    assert (await read(api))["state"] == "cancelled"


async def test_a_retry_continues_or_starts_over(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A retry goes on where the copy stopped, unless the workflow has to start over."""
    simulator.add_workflow("shop", 2, "error", percent=40)
    before = (await read(api))["tables"][0]["rows_copied"]
    continued = await change(api, "retry")
    assert (continued["state"], continued["tables"][0]["rows_copied"]) == ("copying", before)
    assert (continued["retried_at"], continued["workflow_errors"]) == ("2026-11-23T02:14:00.000Z", None)

    simulator.add_workflow("shop", 2, "stopped", percent=40, starts_over=True)
    assert (await change(api, "retry"))["tables"][0]["rows_copied"] == 0
    clock.advance(60)
    assert (await read(api))["tables"][0]["rows_copied"] > 0


async def test_somebody_else_can_act(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """What is done outside the bot carries the name of whoever did it."""
    simulator.add_workflow("shop", 2, "verified_data")
    simulator.outside("shop", 2, "switch-primaries", by="dev@acme.example")
    assert (await read(api))["switch_primaries_by"]["display_name"] == "dev@acme.example"


async def test_the_evidence_can_come_late(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """The times of a change are set when it is taken, or only when it is done, as the test wishes."""
    simulator.stamp_early = False
    simulator.add_workflow("shop", 2, "verified_data")
    assert (await change(api, "switch-replicas"))["switch_replicas_at"] is None
    clock.advance(14)
    assert (await read(api))["switch_replicas_at"] == "2026-11-23T02:14:14.000Z"


async def test_an_import_ends_with_complete(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """An import is completed from switched primaries, and cannot be cut over."""
    simulator.add_workflow("shop", 2, "switched_primaries", imported=True, source="rds")
    assert (await api.patch("/workflows/2/cutover")).status_code == 422
    await change(api, "complete")
    clock.advance(10)
    assert (await read(api))["state"] == "completed"
