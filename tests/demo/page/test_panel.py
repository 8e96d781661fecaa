"""The simulator's panel, before the real simulator."""

import pytest
from playwright.async_api import Route, expect
from starlette.routing import BaseRoute

from bot.demo.clock import DemoClock
from bot.demo.planetscale import panel
from bot.demo.planetscale.seed import demo_world
from bot.demo.planetscale.simulator import Simulator
from tests.demo.page.conftest import Demo

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def clock() -> DemoClock:
    return DemoClock()


@pytest.fixture
def simulator(clock: DemoClock) -> Simulator:
    return Simulator(clock, demo_world(clock.now()))


@pytest.fixture
def routes(simulator: Simulator, clock: DemoClock) -> list[BaseRoute]:
    return [*panel.routes(simulator, clock)]


async def test_time_can_be_moved(demo: Demo, clock: DemoClock) -> None:
    """Buttons set the speed and jump ahead, and the panel shows the speed that is set."""
    page = await demo.open()
    before = clock.now()
    await page.get_by_role("button", name="60×").click()
    await expect(page.get_by_role("button", name="60×", pressed=True)).to_be_visible()
    assert clock.speed == 60
    await page.get_by_role("button", name="1×", exact=True).click()
    await expect(page.get_by_role("button", name="1×", exact=True, pressed=True)).to_be_visible()
    async with page.expect_response("**/demo/simulator/advance"):
        await page.get_by_role("button", name="+1 day").click()
    assert (clock.now() - before).total_seconds() >= 86400


async def test_trouble_can_be_made(demo: Demo, simulator: Simulator) -> None:
    """A switch makes trouble at the API or with one workflow, and takes it back."""
    page = await demo.open()
    await page.get_by_text("Trouble at the API").click()
    switch = page.locator("#panel details").get_by_role("switch").first
    async with page.expect_response("**/demo/simulator/trouble") as answer:
        await switch.check()
    assert (await answer.value).status == 200
    await expect(switch).to_be_checked()
    await expect(page.locator("#panel summary")).to_contain_text("1 on")
    await page.get_by_role("button", name="shop #3 orders-to-customer").first.click()
    throttled = page.locator("#panel .details").get_by_role("switch", name="Throttled")
    async with page.expect_response("**/demo/simulator/trouble"):
        await throttled.check()
    assert [(one.database, one.number) for one in simulator.troubles.on("throttle")] == [("shop", 3)]


async def test_somebody_can_act_outside_the_bot(demo: Demo) -> None:
    """What the state allows can be done without the bot, and the panel shows the new state."""
    page = await demo.open()
    await page.get_by_role("button", name="shop #3 orders-to-customer").first.click()
    async with page.expect_response("**/demo/simulator/outside") as answer:
        await page.locator("#panel .details").get_by_role("button", name="verify-data").click()
    assert (await answer.value).status == 200
    await expect(page.get_by_role("button", name="shop #3 orders-to-customer").first).to_contain_text(
        "verifying"
    )


async def test_one_click_makes_something_happen(demo: Demo, simulator: Simulator, clock: DemoClock) -> None:
    """Ten times the speed, a throttle, an error, an outage and an outside change are one click away."""
    page = await demo.open()
    panel = page.locator("#panel")
    happen = panel.locator(".happen")

    async def click(name: str, then: str) -> None:
        await happen.get_by_role("button", name=name, exact=True).click()
        await expect(happen.get_by_role("button", name=then, exact=True)).to_be_visible()

    await panel.get_by_role("button", name="10×", exact=True).click()
    await expect(panel.get_by_role("button", name="10×", pressed=True, exact=True)).to_be_visible()
    assert clock.speed == 10
    await expect(happen.get_by_label("Workflow")).to_have_value("shop 7")
    await click("Throttle", then="Stop throttling")
    assert simulator.workflow("shop", 7).throttled_since is not None
    await click("Stop throttling", then="Throttle")
    assert simulator.workflow("shop", 7).throttled_since is None
    await click("Error", then="retry")
    assert simulator.workflow("shop", 7).state == "error"
    await click("PlanetScale: down", then="PlanetScale: back up")
    assert simulator.troubles.on("down")
    await click("PlanetScale: back up", then="PlanetScale: down")
    assert not simulator.troubles.on("down")
    await happen.get_by_label("Workflow").select_option("shop 3")
    await click("switch-replicas", then="reverse-traffic")
    await happen.get_by_role("button", name="create in shop").click()
    await expect(happen.get_by_label("Workflow").get_by_text("shop #8")).to_have_count(1)
    assert {effect.by for effect in simulator.effects if effect.what == "taken"} == {"dev@acme.example"}


async def test_the_panel_can_be_put_away(demo: Demo) -> None:
    """The panel opens and closes, and stays as it was left."""
    page = await demo.open()
    await expect(page.locator("#panel")).to_be_visible()
    await page.get_by_role("button", name="Close the simulator").click()
    await page.reload()
    await expect(page.locator("#panel-toggle")).to_be_visible()
    await expect(page.locator("#panel")).to_be_hidden()


async def test_on_a_phone_the_panel_is_a_drawer(demo: Demo) -> None:
    """At 360 pixels the panel opens over the chat and fits."""
    page = await demo.open(viewport={"width": 360, "height": 740})
    await expect(page.locator("#panel")).to_be_hidden()
    await page.get_by_role("button", name="Simulator").click()
    await page.get_by_role("button", name="shop #3 orders-to-customer").first.click()
    sizes = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert sizes[0] <= sizes[1]


async def test_opening_a_card_does_not_turn_the_clock_back(demo: Demo) -> None:
    """The panel's time goes on when a workflow is opened, also where nothing but the time has changed."""
    page = await demo.open()
    await expect(page.locator(".clock strong")).not_to_be_empty()
    later = await page.evaluate(
        "fetch('/demo/simulator').then((answer) => answer.json())"
        ".then((state) => ({ ...state, now: '2030-01-01T00:00:00.000Z' }))"
    )
    at_first = later | {"now": "2029-12-31T23:00:00.000Z"}
    answers = [at_first, later]

    async def answer(route: Route) -> None:
        await route.fulfill(json=answers.pop(0) if len(answers) > 1 else answers[0])

    await page.route("**/demo/simulator", answer)
    await expect(page.locator(".clock strong")).to_have_text("00:00:00 UTC")
    shown = await page.evaluate(
        "(document.querySelector('.workflow').click(), document.querySelector('.clock strong').textContent)"
    )
    assert shown == "00:00:00 UTC"


async def test_a_card_shows_that_it_opens(demo: Demo) -> None:
    """Each workflow has a sign that there is more behind it, which turns when it is open."""
    page = await demo.open()
    card = page.get_by_role("button", name="shop #3 orders-to-customer").first
    await expect(card.locator(".chevron")).to_have_text("▸")
    await card.click()
    await expect(card.locator(".chevron")).to_have_text("▾")
    await expect(card).to_have_attribute("aria-expanded", "true")
