"""The shapes of the API: who may come in, pages, errors, look-ups."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.demo.clock import ManualClock
from bot.demo.planetscale.simulator import Simulator
from bot.planetscale import models


def organizations(api: httpx.AsyncClient) -> str:
    return str(api.base_url).split("/acme/")[0]


async def test_only_the_token_comes_in(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """Without exactly the service token, every path answers 401 and nothing is done."""
    simulator.add_workflow("shop", 3, "verified_data")
    for wrong in ("", "demo-id:wrong", f"Bearer {simulator.credentials}"):
        answer = await api.patch("/workflows/3/switch-replicas", headers={"Authorization": wrong})
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert simulator.effects == []
    assert [request.status for request in simulator.requests] == [401, 401, 401]


@pytest.mark.parametrize(
    "path",
    [
        "/workflows/4",
        "/workflows/three",
        "/workflows/9999999999999",
        "/workflows/3/unknown",
        "/branches/other",
        "/branches/main/keyspaces/other/vschema",
        "ORGANIZATIONS/acme/databases/nowhere/workflows",
        "ORGANIZATIONS/other/databases/shop/workflows",
        "ORGANIZATIONS/other/databases",
    ],
)
async def test_what_is_not_there_is_404(api: httpx.AsyncClient, simulator: Simulator, path: str) -> None:
    """Whatever does not exist answers 404 in the API's error shape."""
    simulator.add_workflow("shop", 3, "running")
    answer = await api.get(path.replace("ORGANIZATIONS", organizations(api)))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_lists_come_in_pages(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """A list is read in pages of 25 unless asked, at most 100, newest first; links lead on and back."""
    for number in range(1, 131):
        simulator.add_workflow("shop", number, "completed", name=f"w{number}")

    first = (await api.get("/workflows")).json()
    assert (first["current_page"], first["next_page"], first["prev_page"]) == (1, 2, None)
    assert [w["number"] for w in first["data"]] == list(range(130, 105, -1))
    assert first["prev_page_url"] is None

    second = (await api.get(first["next_page_url"])).json()
    assert [w["number"] for w in second["data"]] == list(range(105, 80, -1))
    assert second["prev_page"] == 1

    large = (await api.get("/workflows", params={"per_page": 1000, "page": 2})).json()
    assert (len(large["data"]), large["next_page"], large["next_page_url"]) == (30, None, None)
    assert (await api.get("/workflows", params={"page": "x"})).json()["code"] == "invalid_params"
    beyond = (await api.get("/workflows", params={"page": 99})).json()
    assert (beyond["data"], beyond["next_page"]) == ([], None)


async def test_a_list_holds_no_details(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """A workflow in a list has every promised field and neither streams, tables nor verification."""
    simulator.add_workflow("shop", 3, "verified_data")
    listed = (await api.get("/workflows")).json()["data"][0]
    single = (await api.get("/workflows/3")).json()
    assert set(single) - set(listed) == {"streams", "tables", "vdiff"}
    assert {name: single[name] for name in listed} == listed


async def test_a_list_can_be_narrowed_to_a_time(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """`between` leaves only workflows that were active in that time; nonsense is refused."""
    day = 24 * 3600
    simulator.add_workflow("shop", 1, "completed", ago=10 * day)
    simulator.add_workflow("shop", 2, "completed", ago=day)
    simulator.add_workflow("shop", 3, "running")

    async def numbers(since: timedelta, until: timedelta) -> list[int]:
        start, end = ((clock.now() - ago).strftime("%Y-%m-%dT%H:%M:%S") for ago in (since, until))
        answer = await api.get("/workflows", params={"between": f"{start}Z..{end}"})
        return [w["number"] for w in answer.json()["data"]]

    assert await numbers(timedelta(days=10, minutes=5), timedelta(days=9)) == [1]
    assert await numbers(timedelta(hours=1), timedelta()) == [3]
    assert await numbers(timedelta(days=20), timedelta()) == [3, 2, 1]
    assert (await api.get("/workflows", params={"between": "yesterday"})).status_code == 400


async def test_too_many_requests_are_turned_away(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """Over the limit a request answers 429 with the seconds to wait, and after these it is answered again."""
    simulator.rate_limit = 3
    for _ in range(3):
        assert (await api.get("/workflows")).status_code == 404
        clock.advance(10)
    refused = await api.get("/workflows")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    clock.advance(30)
    assert (await api.get("/workflows")).status_code == 404


GOOD = {"name": "w", "source_keyspace": "commerce", "target_keyspace": "customer", "tables": ["orders"]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"tables": []}, "tables"),
        ({"tables": "orders"}, "tables"),
        ({"tables": ["nothing"]}, "tables"),
        ({"source_keyspace": "nowhere"}, "source_keyspace"),
        ({"target_keyspace": "commerce"}, "target_keyspace"),
        ({"branch_name": "nowhere"}, "branch_name"),
        ({"on_ddl": "PANIC"}, "on_ddl"),
        ({"global_keyspace": "customer"}, "global_keyspace"),
    ],
)
async def test_a_bad_workflow_is_not_created(
    api: httpx.AsyncClient, simulator: Simulator, change: dict[str, Any], field: str
) -> None:
    """A workflow that cannot be is refused with the field that is wrong, and is not there afterwards."""
    simulator.add_workflow("shop", 1, "completed")
    simulator.world.databases["shop"].workflows.clear()
    answer = await api.post("/workflows", json=GOOD | change)
    assert answer.status_code == 422
    assert [error["name"] for error in answer.json()["errors"]] == [field]
    assert (await api.get("/workflows")).json()["data"] == []
    assert (await api.post("/workflows", json=GOOD | {"global_keyspace": "commerce"})).status_code == 201


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
async def test_a_garbled_body_is_refused(api: httpx.AsyncClient, simulator: Simulator, body: bytes) -> None:
    """A body that is no JSON object answers 400."""
    simulator.add_workflow("shop", 1, "completed")
    answer = await api.post("/workflows", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_look_ups_answer_what_the_checks_read(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """Whatever a check needs to know of branches and keyspaces can be read, as the bot's models have it."""
    simulator.add_workflow("shop", 3, "copying")
    branch = simulator.world.databases["shop"].branches["main"]
    branch.keyspaces["customer"].require_explicit_routing = True
    now = simulator.now()
    branch.backups = [now - timedelta(hours=4), now + timedelta(minutes=10)]

    async def data(path: str) -> Any:
        return (await api.get(path)).json()["data"]

    assert models.Branch.model_validate((await api.get("/branches/main")).json()).safe_migrations
    assert [b["name"] for b in await data("/branches")] == ["main"]
    keyspaces = [models.Keyspace.model_validate(k) for k in await data("/branches/main/keyspaces")]
    assert [(k.name, k.sharded, k.shards) for k in keyspaces] == [
        ("commerce", False, 1),
        ("customer", True, 2),
    ]
    raw = (await api.get("/branches/main/keyspaces/customer/vschema")).json()["raw"]
    vschema = json.loads(raw)
    assert vschema["require_explicit_routing"] is True
    assert set(vschema["tables"]) == {"orders", "line_items"}
    assert [t["name"] for t in await data("/branches/main/schema?keyspace=commerce")] == [
        "line_items",
        "orders",
    ]
    assert [b["state"] for b in await data("/branches/main/backups")] == ["running", "success"]
    assert len(await data("/branches/main/backups?state=running")) == 1
    assert [d["name"] for d in await data(f"{organizations(api)}/acme/databases?q=sho")] == ["shop"]
    assert [o["name"] for o in await data(organizations(api))] == ["acme"]


async def test_every_request_is_written_down(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """The record tells method, quoted path, query, operation, workflow, body and status of every request."""
    simulator.add_workflow("shop", 3, "verified_data")
    await api.patch("/workflows/3/switch-replicas")
    await api.get("/workflows", params={"page": 2})
    await api.get("/branches/ma%2Fin")
    recorded = [(r.method, r.operation, r.database, r.number, r.status) for r in simulator.requests]
    assert recorded == [
        ("PATCH", "switch-replicas", "shop", 3, 200),
        ("GET", "list", "shop", None, 200),
        ("GET", "unknown", None, None, 404),
    ]
    assert simulator.requests[1].query == {"page": "2"}
    assert simulator.requests[2].path.endswith("/branches/ma%2Fin")
