"""The panel of the demo page."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot.demo.clock import DemoClock
from bot.demo.planetscale import panel
from bot.demo.planetscale.rules import NotAllowedError
from bot.demo.planetscale.seed import demo_world
from bot.demo.planetscale.simulator import Simulator
from tests.serve import serve

START = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)


@pytest.fixture
def clock() -> DemoClock:
    return DemoClock(START, speed=0)


@pytest.fixture
def simulator(clock: DemoClock) -> Simulator:
    return Simulator(clock, demo_world(START))


@pytest.fixture
async def page(simulator: Simulator, clock: DemoClock) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serve(Starlette(routes=panel.routes(simulator, clock))) as base_url,
        httpx.AsyncClient(base_url=f"{base_url}/demo") as client,
    ):
        yield client


def line(state: dict[str, Any], database: str, number: int) -> dict[str, Any]:
    lines = [w for w in state["workflows"] if (w["database"], w["number"]) == (database, number)]
    assert len(lines) == 1
    found: dict[str, Any] = lines[0]
    return found


async def test_the_panel_shows_time_workflows_and_troubles(page: httpx.AsyncClient) -> None:
    """The panel answers the simulated time, every workflow with what can be done to it, and every trouble."""
    state = (await page.get("/simulator")).json()
    assert (state["now"], state["speed"]) == ("2026-11-23T02:14:00.000Z", 0)
    split = line(state, "shop", 7)
    assert (split["state"], split["percent"], split["actions"]) == ("copying", 37, ["cancel"])
    assert {(t["scope"], t["kind"]) for t in state["troubles"]} == {
        ("api", "once"),
        ("api", "switch"),
        ("workflow", "once"),
        ("workflow", "switch"),
    }
    assert not any(trouble["on"] for trouble in state["troubles"])


async def test_time_can_be_sped_up_and_jump(page: httpx.AsyncClient, clock: DemoClock) -> None:
    """A jump of a day brings the copy to its end; the speed is what was asked for."""
    state = (await page.post("/simulator/advance", json={"seconds": 86400})).json()
    assert (state["now"], line(state, "shop", 7)["state"]) == ("2026-11-24T02:14:00.000Z", "running")
    assert (await page.post("/simulator/speed", json={"speed": 60})).json()["speed"] == 60
    assert clock.speed == 60


async def test_a_trouble_can_be_switched_on_and_off(page: httpx.AsyncClient) -> None:
    """A switch stays on until it is switched off; a workflow's trouble says where it is."""

    async def on(kind: str) -> tuple[bool, list[dict[str, Any]]]:
        state = (await page.get("/simulator")).json()
        return next((t["on"], t["at"]) for t in state["troubles"] if t["id"] == kind)

    shop = {"database": "shop", "number": 7}
    await page.post("/simulator/trouble", json={"id": "unavailable", "on": True})
    state = (await page.post("/simulator/trouble", json={"id": "throttle", "on": True} | shop)).json()
    assert line(state, "shop", 7)["throttled"]
    assert await on("unavailable") == (True, [])
    assert await on("throttle") == (True, [shop])
    await page.post("/simulator/trouble", json={"id": "unavailable", "on": False})
    state = (await page.post("/simulator/trouble", json={"id": "throttle", "on": False})).json()
    assert not line(state, "shop", 7)["throttled"]
    assert (await on("unavailable"), await on("throttle")) == ((False, []), (False, []))


async def test_a_copy_is_let_go_whatever_holds_it(page: httpx.AsyncClient, simulator: Simulator) -> None:
    """Throttling is over when it is switched off, also where the demo began with it or another kind is on."""
    search = {"database": "search", "number": 2}
    simulator.trouble("throttle-slow", database="search", number=2, times=None)
    state = (await page.post("/simulator/trouble", json={"id": "throttle", "on": False} | search)).json()
    assert not line(state, "search", 2)["throttled"]
    assert not any(trouble["on"] for trouble in state["troubles"])
    state = (await page.post("/simulator/advance", json={"seconds": 86400})).json()
    assert line(state, "search", 2)["state"] == "running"


async def test_somebody_acts_without_the_bot(page: httpx.AsyncClient, simulator: Simulator) -> None:
    """An action from the panel is done in another name; one that is not allowed is refused in words."""
    shop = {"database": "shop", "number": 3}
    state = (await page.post("/simulator/outside", json={"action": "switch-primaries"} | shop)).json()
    assert line(state, "shop", 3)["state"] == "switching_primaries"
    assert simulator.effects[0].by == "dev@acme.example"
    refused = await page.post("/simulator/outside", json={"action": "cutover"} | shop)
    assert (refused.status_code, "busy" in refused.json()["error"]) == (422, True)


async def test_somebody_creates_without_the_bot(page: httpx.AsyncClient, simulator: Simulator) -> None:
    """Where a branch is free, the panel offers to create a workflow there, in another name."""
    assert (await page.get("/simulator")).json()["free"] == ["shop"]
    state = (await page.post("/simulator/outside", json={"action": "create", "database": "shop"})).json()
    assert (line(state, "shop", 8)["state"], state["free"]) == ("pending", [])
    assert (simulator.effects[0].mutation, simulator.effects[0].by) == ("create", "dev@acme.example")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/speed", b""),
        ("/speed", b"[1]"),
        ("/speed", b'{"speed": NaN}'),
        ("/speed", b'{"speed": true}'),
        ("/speed", b'{"speed": -1}'),
        ("/speed", b'{"speed": 3601}'),
        ("/speed", b'{"speed": 1' + b"0" * 400 + b"}"),
        ("/advance", b'{"seconds": "60"}'),
        ("/advance", b'{"seconds": 1e300}'),
        ("/trouble", b'{"id": "nothing", "on": true}'),
        ("/trouble", b'{"id": "hang"}'),
        ("/trouble", b'{"id": "throttle", "on": true}'),
        ("/trouble", b'{"id": "hang", "on": true, "database": "shop"}'),
        ("/outside", b'{"database": "identity", "action": "create"}'),
        ("/outside", b'{"database": "nowhere", "action": "create"}'),
        ("/outside", b'{"action": "create"}'),
        ("/outside", b'{"database": "shop", "number": 99, "action": "cancel"}'),
        ("/outside", b"[" * 100_000),
    ],
)
async def test_bad_input_is_refused_in_words(page: httpx.AsyncClient, path: str, body: bytes) -> None:
    """What cannot be used answers 422 with a sentence, and changes nothing."""
    before = (await page.get("/simulator")).json()
    answer = await page.post(f"/simulator{path}", content=body)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert (await page.get("/simulator")).json() == before


async def test_the_calendar_does_not_overflow(page: httpx.AsyncClient, clock: DemoClock) -> None:
    """A jump beyond the end of the calendar is refused."""
    clock.advance((datetime(9998, 12, 30, tzinfo=UTC) - START).total_seconds())
    assert (await page.post("/simulator/advance", json={"seconds": 86400 * 30})).status_code == 422


@given(
    body=st.dictionaries(
        st.sampled_from(["id", "on", "database", "number", "action", "seconds", "speed"]),
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["hang", "shop", "cancel"])
        ),
    )
)
@settings(deadline=None, max_examples=150)
def test_no_input_raises_anything_else(body: dict[str, object]) -> None:
    """Whatever is sent is done or refused."""
    clock = DemoClock(START, speed=0)
    switches = panel.Switches(Simulator(clock, demo_world(START)), clock)
    for change in (switches.speed, switches.advance, switches.trouble, switches.outside):
        with suppress(panel.BadInputError, NotAllowedError):
            change(body)
