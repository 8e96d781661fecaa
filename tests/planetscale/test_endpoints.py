"""What exactly is sent for each method, and what comes back."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import ValidationError

from bot.planetscale.calls import NewWorkflow, WorkflowCall
from bot.planetscale.client import MOST_PAGES, PlanetScale
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.refs import WorkflowRef
from tests.planetscale.conftest import REF, TOKEN, TOKEN_ID, WORKFLOW, Open
from tests.planetscale.wire import reply

Call = Callable[[PlanetScale], Awaitable[Any]]

ODD = "a/b c?#%2F.."
QUOTED = "a%2Fb%20c%3F%23%252F.."
D = "/v1/organizations/acme/databases/shop"
PAGE = "page=1&per_page=100"

READS: list[tuple[str, Call, Any, str]] = [
    ("workflow", lambda c: c.workflow(REF), WORKFLOW, f"{D}/workflows/3"),
    ("workflows", lambda c: c.workflows("acme", "shop"), {"data": []}, f"{D}/workflows?{PAGE}"),
    (
        "workflows of a time",
        lambda c: c.workflows("acme", "shop", between="2025-01-01T00:00:00Z..2025-01-02T00:00:00Z"),
        {"data": []},
        f"{D}/workflows?between=2025-01-01T00%3A00%3A00Z..2025-01-02T00%3A00%3A00Z&{PAGE}",
    ),
    ("organizations", lambda c: c.organizations(), {"data": []}, f"/v1/organizations?{PAGE}"),
    ("databases", lambda c: c.databases("acme"), {"data": []}, f"/v1/organizations/acme/databases?{PAGE}"),
    ("branches", lambda c: c.branches("acme", "shop"), {"data": []}, f"{D}/branches?{PAGE}"),
    (
        "keyspaces",
        lambda c: c.keyspaces("acme", "shop", "main"),
        {"data": []},
        f"{D}/branches/main/keyspaces?{PAGE}",
    ),
    (
        "vschema",
        lambda c: c.vschema("acme", "shop", "main", "commerce"),
        {"raw": "{}"},
        f"{D}/branches/main/keyspaces/commerce/vschema",
    ),
    (
        "schema",
        lambda c: c.schema("acme", "shop", "main", "commerce&page=2"),
        {"data": []},
        f"{D}/branches/main/schema?keyspace=commerce%26page%3D2",
    ),
    (
        "backups",
        lambda c: c.backups("acme", "shop", "main"),
        {"data": []},
        f"{D}/branches/main/backups?{PAGE}",
    ),
    (
        "odd names",
        lambda c: c.vschema(ODD, ODD, ODD, ODD),
        {"raw": None},
        f"/v1/organizations/{QUOTED}/databases/{QUOTED}/branches/{QUOTED}/keyspaces/{QUOTED}/vschema",
    ),
    (
        "unprintable names",
        lambda c: c.workflow(WorkflowRef("é\n\0", "🐘", 3)),
        WORKFLOW,
        "/v1/organizations/%C3%A9%0A%00/databases/%F0%9F%90%98/workflows/3",
    ),
]

HEADERS = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "authorization": f"{TOKEN_ID}:{TOKEN}",
    "content-type": "application/json",
    "user-agent": "workflow-bot",
}


@pytest.mark.parametrize(("call", "body", "target"), [r[1:] for r in READS], ids=[r[0] for r in READS])
async def test_read(opened: Open, call: Call, body: Any, target: str) -> None:
    """Every read is one GET of exactly the documented path, with the documented headers and no body."""
    async with opened(reply(body)) as (client, server):
        await call(client)
    [seen] = server.seen
    assert (seen.method, seen.target, seen.body) == ("GET", target, b"")
    host = server.url.removeprefix("http://")
    assert seen.headers == {**HEADERS, "host": host, "connection": "keep-alive"}


CALLS = {
    WorkflowCall.VERIFY_DATA: "PATCH /verify-data",
    WorkflowCall.SWITCH_REPLICAS: "PATCH /switch-replicas",
    WorkflowCall.SWITCH_PRIMARIES: "PATCH /switch-primaries",
    WorkflowCall.REVERSE_TRAFFIC: "PATCH /reverse-traffic",
    WorkflowCall.CUTOVER: "PATCH /cutover",
    WorkflowCall.REVERSE_CUTOVER: "PATCH /reverse-cutover",
    WorkflowCall.COMPLETE: "PATCH /complete",
    WorkflowCall.RETRY: "PATCH /retry",
    WorkflowCall.CANCEL: "DELETE ",
}


@pytest.mark.parametrize("call", WorkflowCall)
async def test_call(opened: Open, call: WorkflowCall) -> None:
    """Every change of a workflow is one request without a body, and its answer is the workflow."""
    async with opened(reply({**WORKFLOW, "state": "later"})) as (client, server):
        workflow = await client.call(REF, call)
    assert (workflow.number, workflow.state) == (3, "later")
    [seen] = server.seen
    method, path = CALLS[call].split(" ")
    assert (seen.method, seen.target, seen.body) == (method, f"{D}/workflows/3{path}", b"")
    empty = {"content-length": "0"} if method == "PATCH" else {}
    host = server.url.removeprefix("http://")
    assert seen.headers == {**HEADERS, **empty, "host": host, "connection": "close"}


NEW = {
    "name": "move-orders",
    "branch_name": "main",
    "source_keyspace": "commerce",
    "target_keyspace": "customer",
    "tables": ["orders", "line_items"],
}


async def test_create(opened: Open) -> None:
    """A create posts exactly what was asked for, with the documented defaults said aloud."""
    async with opened(reply(WORKFLOW, 201)) as (client, server):
        workflow = await client.create("acme", "shop", NewWorkflow.model_validate(NEW))
        everything = {**NEW, "global_keyspace": "g", "defer_secondary_keys": False, "on_ddl": "EXEC_IGNORE"}
        await client.create("acme", "shop", NewWorkflow.model_validate(everything))
    assert workflow.number == 3
    plain, full = server.seen
    assert (plain.method, plain.target) == ("POST", f"{D}/workflows")
    assert json.loads(plain.body) == {**NEW, "defer_secondary_keys": True, "on_ddl": "STOP"}
    assert json.loads(full.body) == everything
    assert plain.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": None},
        {"name": 3},
        {"name": "\ud800"},
        {"tables": []},
        {"tables": [""]},
        {"tables": "orders"},
        {"on_ddl": "stop"},
        {"defer_secondary_keys": "false"},
        {"surprise": 1},
    ],
    ids=str,
)
def test_new_workflow_is_strict(wrong: dict[str, Any]) -> None:
    """Nothing half-right is sent: a create that is not exactly what the API documents cannot be made."""
    with pytest.raises(ValidationError):
        NewWorkflow.model_validate({**NEW, **wrong})


@pytest.mark.parametrize("name", ["", ".", "..", "\ud800"])
async def test_impossible_names(opened: Open, name: str) -> None:
    """A name that would change the path is refused before anything leaves."""
    async with opened(reply(WORKFLOW)) as (client, server):
        for call in (
            client.workflow(WorkflowRef("acme", name, 3)),
            client.call(WorkflowRef(name, "shop", 3), WorkflowCall.CANCEL),
            client.keyspaces("acme", "shop", name),
        ):
            with pytest.raises(PlanetScaleError) as caught:
                await call
            assert caught.value.kind is FailureKind.BAD_NAME
            assert caught.value.certainly_nothing_changed
    assert server.connections == 0


@pytest.mark.parametrize("prefix", ["", "/", "/planetscale", "/planetscale/"])
async def test_prefix(opened: Open, prefix: str) -> None:
    """The API's address may have a path, with or without a slash at its end."""
    async with opened(reply(WORKFLOW), prefix=prefix) as (client, server):
        await client.workflow(REF)
    assert server.seen[0].target == f"{prefix.rstrip('/')}{D}/workflows/3"


def _page(*numbers: int, next_page: int | None = None) -> Any:
    return {
        "data": [{"name": f"w{n}", "number": n, "state": "running"} for n in numbers],
        "next_page": next_page,
    }


async def test_pages(opened: Open) -> None:
    """A list is read to its last page, and what moved meanwhile appears once, as read last."""
    second = _page(2, 1, next_page=7)
    second["data"][0]["state"] = "error"
    async with opened(reply(_page(3, 2, next_page=2)), reply(second), reply(_page(0))) as (client, server):
        found = await client.workflows("acme", "shop", between="a..b")
    assert [(w.number, w.state) for w in found] == [
        (3, "running"),
        (2, "error"),
        (1, "running"),
        (0, "running"),
    ]
    assert [seen.target.split("?")[1] for seen in server.seen] == [
        f"between=a..b&page={number}&per_page=100" for number in (1, 2, 7)
    ]


@pytest.mark.parametrize(
    "second",
    [_page(1, next_page=2), _page(1, next_page=1), _page(1, next_page=0), _page(next_page=3)],
    ids=["the same page", "back", "to zero", "an empty page before the end"],
)
async def test_loops(opened: Open, second: Any) -> None:
    """Pages that lead in a circle end in an error, not in half a list and not in endless reading."""
    async with opened(reply(_page(2, next_page=2)), reply(second)) as (client, server):
        with pytest.raises(PlanetScaleError) as caught:
            await client.workflows("acme", "shop")
    assert caught.value.kind is FailureKind.NOT_UNDERSTOOD
    assert len(server.seen) == 2


async def test_endless_list(opened: Open) -> None:
    """A list that does not end is given up after a hundred pages."""
    pages = [reply(_page(number, next_page=number + 1)) for number in range(1, MOST_PAGES + 2)]
    async with opened(*pages) as (client, server):
        with pytest.raises(PlanetScaleError) as caught:
            await client.workflows("acme", "shop")
    assert caught.value.kind is FailureKind.TOO_BIG
    assert len(server.seen) == MOST_PAGES


async def test_lists_of_names(opened: Open) -> None:
    """The look-ups give what PlanetScale lists, with unknown fields ignored and missing ones not reported."""
    bodies = [
        {"data": [{"name": "acme", "x": 1}]},
        {"data": [{"name": "shop"}]},
        {"data": [{"name": "main", "safe_migrations": True}]},
        {"data": [{"name": "commerce", "sharded": False, "shards": 1}]},
        {"data": [{"name": "orders", "html": "x"}], "next_page": 2},
        {"data": [{"name": "users"}]},
        {"data": [{"completed_at": "2026-11-23T02:00:00.000Z"}]},
    ]
    async with opened(*map(reply, bodies)) as (client, server):
        assert [o.name for o in await client.organizations()] == ["acme"]
        assert [d.name for d in await client.databases("acme")] == ["shop"]
        assert [(b.name, b.ready) for b in await client.branches("acme", "shop")] == [("main", None)]
        assert [k.sharded for k in await client.keyspaces("acme", "shop", "main")] == [False]
        tables = await client.schema("acme", "shop", "main", "commerce")
        assert [t.name for t in tables] == ["orders", "users"]
        assert (await client.backups("acme", "shop", "main"))[0].state is None
    assert server.seen[5].target == f"{D}/branches/main/schema?keyspace=commerce&page=2&per_page=100"


async def test_connections(opened: Open) -> None:
    """Reads share a connection, and no change ever goes over one that was used before."""
    async with opened(reply(WORKFLOW)) as (client, server):
        for _ in range(2):
            await client.workflow(REF)
            await client.call(REF, WorkflowCall.RETRY)
    assert [seen.connection for seen in server.seen] == [1, 2, 1, 3]


async def test_no_cookies(opened: Open) -> None:
    """A cookie that something in between sets is not sent back."""
    async with opened(reply(WORKFLOW, headers={"Set-Cookie": "a=b; Path=/"})) as (client, server):
        await client.workflow(REF)
        await client.workflow(REF)
    assert "cookie" not in server.seen[1].headers
