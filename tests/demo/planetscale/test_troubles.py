"""Every trouble does what it says, over a real connection."""

import asyncio

import httpx
import pytest

from bot.demo.clock import ManualClock
from bot.demo.planetscale.simulator import Simulator
from bot.demo.planetscale.troubles import KINDS
from bot.demo.planetscale.views import PLANTED_ROW

SWITCH = "/workflows/3/switch-replicas"
TRIED_HERE = {
    "rate-limited",
    "rate-limited-silent",
    "unauthorized",
    "forbidden",
    "server-error",
    "unavailable",
    "bad-gateway",
    "not-json",
    "down",
    "half-body",
    "empty",
    "malformed",
    "surprising",
    "redirect",
    "slow",
    "hang",
    "cut-off",
    "lost-answer",
    "silent",
    "late",
    "refuse",
    "go-back",
    "ends-in-error",
    "mismatch",
    "breaks-off",
    "error",
    "error-for-good",
    "ddl",
    "throttle",
    "throttle-slow",
    "stall",
    "not-found",
    "unknown-state",
    "missing-parts",
    "wrong-types",
    "wrong-totals",
}


@pytest.fixture(autouse=True)
def workflow(simulator: Simulator) -> None:
    simulator.add_workflow("shop", 3, "verified_data")


async def state(api: httpx.AsyncClient) -> str:
    return str((await api.get("/workflows/3")).json()["state"])


def test_every_trouble_is_tried() -> None:
    """The troubles on offer are exactly those that this file tries."""
    assert set(KINDS) == TRIED_HERE


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("rate-limited", 429, "rate_limited"),
        ("rate-limited-silent", 429, "rate_limited"),
        ("unauthorized", 401, "unauthorized"),
        ("forbidden", 403, "forbidden"),
        ("server-error", 500, "internal_error"),
        ("unavailable", 503, "<html>"),
        ("bad-gateway", 502, "<html>"),
        ("not-json", 200, "<html>"),
        ("empty", 200, ""),
        ("malformed", 200, '{"id": "abc", "number": '),
        ("surprising", 200, "expected"),
        ("redirect", 302, ""),
        ("refuse", 422, "replication lag"),
        ("not-found", 404, "not_found"),
    ],
)
async def test_another_answer_is_given_and_nothing_is_done(
    api: httpx.AsyncClient, simulator: Simulator, kind: str, status: int, said: str
) -> None:
    """A trouble that answers by itself strikes once, is recorded, and nothing takes effect."""
    simulator.trouble(kind)
    answer = await api.patch(SWITCH)
    assert (answer.status_code, said in answer.text) == (status, True)
    assert ("Retry-After" in answer.headers) == (kind == "rate-limited")
    assert (await state(api), simulator.effects, simulator.requests[0].status) == (
        "verified_data",
        [],
        status,
    )


async def test_a_redirect_shows_whether_it_was_followed(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """A redirect may be of any status, and leads to this server, where following it would be on record."""
    simulator.trouble("redirect", status=307)
    answer = await api.patch(SWITCH)
    assert answer.status_code == 307
    await api.get(answer.headers["Location"])
    assert simulator.requests[-1].query == {"followed": "1"}


async def test_a_trouble_strikes_only_where_it_is_wanted(
    api: httpx.AsyncClient, simulator: Simulator
) -> None:
    """A trouble can be narrowed to reads, changes, an operation, a workflow, and a number of times."""
    simulator.add_workflow("shop", 4, "running", branch="other")
    twice = simulator.trouble("server-error", on="get", number=4, database="shop", times=2)
    seen = [(await api.get(f"/workflows/{number}")).status_code for number in (3, 4, 4, 4)]
    assert (seen, twice.hits) == ([200, 500, 500, 200], 2)
    reads = simulator.trouble("server-error", on="read", times=None)
    assert (await api.patch(SWITCH)).status_code == 200
    assert (await api.get("/workflows")).status_code == 500
    simulator.lift(reads)
    assert (await api.get("/workflows")).status_code == 200


@pytest.mark.parametrize("kind", ["down", "half-body"])
async def test_an_outage_lasts_until_it_is_lifted(
    api: httpx.AsyncClient, simulator: Simulator, kind: str
) -> None:
    """While PlanetScale is down or breaks off in the middle, nobody gets an answer and nothing is done."""
    outage = simulator.trouble(kind, times=None)
    for method, path in (("GET", "/workflows"), ("GET", "/workflows/3"), ("PATCH", SWITCH)):
        with pytest.raises(httpx.TransportError):
            await api.request(method, path)
    simulator.lift(outage)
    assert (await state(api), simulator.effects) == ("verified_data", [])


async def test_the_connection_is_lost_before(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """A connection cut before the change leaves the world as it was, and the caller without an answer."""
    simulator.trouble("cut-off")
    with pytest.raises(httpx.RemoteProtocolError):
        await api.patch(SWITCH)
    assert (await state(api), simulator.effects, simulator.requests[0].status) == ("verified_data", [], None)


async def test_the_answer_is_lost(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """A connection cut after the change leaves the caller without an answer; it is taken, once."""
    simulator.trouble("lost-answer")
    with pytest.raises(httpx.RemoteProtocolError):
        await api.patch(SWITCH)
    assert await state(api) == "switching_replicas"
    assert [(e.mutation, e.what) for e in simulator.effects] == [("switch-replicas", "taken")]


async def test_a_change_is_taken_late(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A change whose answer was lost can take effect seconds later, at exactly that moment."""
    simulator.trouble("late", seconds=45)
    with pytest.raises(httpx.RemoteProtocolError):
        await api.patch(SWITCH)
    clock.advance(44)
    assert await state(api) == "verified_data"
    clock.advance(3600)
    assert await state(api) == "switched_replicas"
    assert (await api.get("/workflows/3")).json()["switch_replicas_at"] == "2026-11-23T02:14:45.000Z"


async def test_a_late_change_that_is_not_allowed_any_more_is_nothing(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A late change that the state no longer allows when its time comes has no effect."""
    simulator.trouble("late")
    with pytest.raises(httpx.RemoteProtocolError):
        await api.patch(SWITCH)
    simulator.outside("shop", 3, "cancel")
    clock.advance(3600)
    assert await state(api) == "cancelled"
    assert {effect.mutation for effect in simulator.effects} == {"cancel"}


async def test_a_held_request_goes_on_when_it_is_released(
    api: httpx.AsyncClient, simulator: Simulator
) -> None:
    """A request that hangs is done only when it is released, and is answered then."""
    hang = simulator.trouble("hang", on="mutation")
    waiting = asyncio.create_task(api.patch(SWITCH))
    await hang.struck.wait()
    assert (await state(api), simulator.effects) == ("verified_data", [])
    simulator.lift(hang)
    assert (await waiting).json()["state"] == "switching_replicas"


@pytest.mark.parametrize(
    ("kind", "afterwards"), [("hang", "verified_data"), ("silent", "switching_replicas")]
)
async def test_a_caller_who_gives_up_on_a_held_request(
    api: httpx.AsyncClient, simulator: Simulator, kind: str, afterwards: str
) -> None:
    """When the caller gives up, a change that was held before is not done; one whose answer was held is."""
    held = simulator.trouble(kind, on="mutation")
    waiting = asyncio.create_task(api.patch(SWITCH))
    await held.struck.wait()
    waiting.cancel()
    await asyncio.wait([waiting])
    assert await state(api) == afterwards


async def test_an_answer_is_slow(api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock) -> None:
    """A slow answer takes the seconds that it was told, by the simulator's clock."""
    simulator.trouble("slow", seconds=7)
    assert (await api.patch(SWITCH)).status_code == 200
    assert clock.slept == [7]


async def test_a_switch_goes_back(api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock) -> None:
    """A switch that goes back is accepted, is under way, and ends where it began."""
    simulator.trouble("go-back")
    assert (await api.patch(SWITCH)).json()["state"] == "switching_replicas"
    clock.advance(60)
    after = (await api.get("/workflows/3")).json()
    assert (after["state"], after["replicas_switched"]) == ("verified_data", False)
    assert [e.what for e in simulator.effects] == ["taken", "went back"]


async def test_a_cancel_goes_back_to_copying(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A cancel that goes back leaves a copy that goes on to its end."""
    simulator.add_workflow("shop", 3, "copying")
    simulator.trouble("go-back")
    await api.delete("/workflows/3")
    clock.advance(60)
    assert await state(api) == "copying"
    clock.advance(3 * 24 * 3600)
    assert await state(api) == "running"


async def test_a_switch_ends_in_error(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A switch of everything that ends in an error leaves half of it switched, and offers no retry."""
    simulator.trouble("ends-in-error")
    await api.patch("/workflows/3/switch-primaries")
    clock.advance(60)
    after = (await api.get("/workflows/3")).json()
    assert (after["state"], after["replicas_switched"], after["primaries_switched"]) == ("error", True, False)
    assert (after["may_retry"], "switch-primaries" in after["workflow_errors"]) == (False, True)


async def test_a_cutover_that_ends_in_error_may_have_deleted(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A cutover that ends in an error has deleted the source tables."""
    simulator.add_workflow("shop", 3, "switched_primaries")
    simulator.trouble("ends-in-error", on="cutover")
    await api.patch("/workflows/3/cutover")
    clock.advance(60)
    assert await state(api) == "error"
    schema = await api.get("/branches/main/schema?keyspace=commerce")
    assert schema.json()["data"] == []


async def test_a_verification_finds_differences(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """The next verification finds 17 rows, by table and shard, with samples that hold rows' values."""
    simulator.trouble("mismatch")
    await api.patch("/workflows/3/verify-data")
    clock.advance(2 * 3600)
    answer = await api.get("/workflows/3")
    vdiff = answer.json()["vdiff"]
    assert (answer.json()["state"], vdiff["has_mismatch"], PLANTED_ROW in answer.text) == (
        "verified_data",
        True,
        True,
    )
    found = {(r["table_name"], r["shard"]): r["mismatched_rows_count"] for r in vdiff["table_reports"]}
    assert found[("line_items", "-80")] == 12
    assert found[("orders", "80-")] == 0
    await api.patch("/workflows/3/verify-data")
    clock.advance(2 * 3600)
    assert not (await api.get("/workflows/3")).json()["vdiff"]["has_mismatch"]


async def test_a_verification_breaks_off(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """The next verification ends in an error, without a report."""
    simulator.trouble("breaks-off")
    await api.patch("/workflows/3/verify-data")
    clock.advance(2 * 3600)
    after = (await api.get("/workflows/3")).json()
    assert (after["state"], after["vdiff"]["state"], after["vdiff"]["table_reports"]) == (
        "running",
        "error",
        [],
    )


async def test_a_verification_grows_stale(api: httpx.AsyncClient, clock: ManualClock) -> None:
    """A verification is stale once it is older than 24 hours."""
    clock.advance(22 * 3600)
    assert not (await api.get("/workflows/3")).json()["verified_data_stale"]
    clock.advance(1)
    assert (await api.get("/workflows/3")).json()["verified_data_stale"]


@pytest.mark.parametrize(
    ("kind", "ends", "stream", "retry"),
    [
        ("error", "error", "error", True),
        ("error-for-good", "error", "error", False),
        ("ddl", "stopped", "stopped", True),
    ],
)
async def test_a_copy_breaks(
    api: httpx.AsyncClient, simulator: Simulator, *, kind: str, ends: str, stream: str, retry: bool
) -> None:
    """A copy fails or is stopped at once, its streams say why, and a retry is on offer or not."""
    simulator.add_workflow("shop", 3, "copying")
    simulator.trouble(kind, database="shop", number=3, text="Table 'orders': it broke")
    broken = (await api.get("/workflows/3")).json()
    assert (broken["state"], broken["may_retry"]) == (ends, retry)
    assert {(s["state"], s["info"]) for s in broken["streams"]} == {(stream, "Table 'orders': it broke")}


async def test_throttling_holds_a_copy_back(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A throttled copy stands still, names the component with a fresh time, and goes on when it is over."""
    simulator.add_workflow("shop", 3, "copying")
    throttle = simulator.trouble("throttle", database="shop", number=3, times=None)

    async def look() -> tuple[int, str | None, str | None]:
        shown = (await api.get("/workflows/3")).json()
        stream = shown["streams"][0]
        return (
            shown["tables"][0]["rows_copied"],
            stream["component_throttled"],
            stream["component_throttled_at"],
        )

    before = await look()
    assert before[1:] == ("vreplication:-80:vcopier", "2026-11-23T02:14:00.000Z")
    clock.advance(3605)
    assert await look() == (before[0], before[1], "2026-11-23T03:14:00.000Z")
    simulator.lift(throttle)
    clock.advance(600)
    after = await look()
    assert after[0] > before[0]
    assert after[1:] == (None, None)


async def test_throttling_can_let_some_rows_through(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A copy can go on at a tenth of its pace while it is throttled, and ends all the same."""
    simulator.add_workflow("shop", 3, "copying", target_shards=("-",), defer_secondary_keys=False)

    async def rows_in_an_hour() -> int:
        before = sum(table["rows_copied"] for table in (await api.get("/workflows/3")).json()["tables"])
        clock.advance(3600)
        after = (await api.get("/workflows/3")).json()
        return int(sum(table["rows_copied"] for table in after["tables"]) - before)

    free = await rows_in_an_hour()
    simulator.trouble("throttle-slow", database="shop", number=3, times=None)
    assert await rows_in_an_hour() == pytest.approx(free / 10, rel=0.001)
    assert (await api.get("/workflows/3")).json()["streams"][0]["component_throttled"] is not None
    clock.advance(12 * 3600)
    assert await state(api) == "copying"
    clock.advance(100 * 3600)
    assert await state(api) == "running"


async def test_a_stalled_copy_says_nothing(
    api: httpx.AsyncClient, simulator: Simulator, clock: ManualClock
) -> None:
    """A stalled copy stands still with its streams looking well."""
    simulator.add_workflow("shop", 3, "copying")
    simulator.trouble("stall", database="shop", number=3)
    before = (await api.get("/workflows/3")).json()
    clock.advance(24 * 3600)
    after = (await api.get("/workflows/3")).json()
    assert after["tables"] == before["tables"]
    assert {(s["state"], s["component_throttled"]) for s in after["streams"]} == {("copying", None)}


async def test_a_workflow_looks_strange(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """A workflow can show a state that nobody knows, in the list too, and leave out its parts."""
    strange = simulator.trouble("unknown-state", database="shop", number=3, times=None)
    assert await state(api) == "resharding"
    assert (await api.get("/workflows")).json()["data"][0]["state"] == "resharding"
    simulator.lift(strange)
    simulator.trouble("missing-parts", database="shop", number=3)
    assert not {"streams", "tables", "vdiff"} & set((await api.get("/workflows/3")).json())
    assert await state(api) == "verified_data"


async def test_a_workflow_reads_strangely(api: httpx.AsyncClient, simulator: Simulator) -> None:
    """A workflow can carry words for numbers and flags, or totals of half its rows, never above 100 %."""
    simulator.trouble("wrong-types", database="shop", number=3)
    strange = (await api.get("/workflows/3")).json()
    assert (strange["replicas_switched"], strange["tables"][0]["rows_copied"]) == ("perhaps", "many")
    simulator.trouble("wrong-types", database="shop", number=3, text="tables.rows_copied=-1")
    strange = (await api.get("/workflows/3")).json()
    assert (strange["replicas_switched"], strange["tables"][1]["rows_copied"]) == (False, -1)
    simulator.add_workflow("shop", 3, "copying", percent=41)
    right = (await api.get("/workflows/3")).json()["tables"]
    simulator.trouble("wrong-totals", database="shop", number=3)
    wrong = (await api.get("/workflows/3")).json()["tables"]
    assert [table["rows_total"] for table in wrong] == [table["rows_total"] // 2 for table in right]
    assert [table["rows_copied"] for table in wrong] == [table["rows_copied"] for table in right]
    assert [table["rows_percentage"] for table in right] == [66, 0]
    assert [table["rows_percentage"] for table in wrong] == [100, 0]
