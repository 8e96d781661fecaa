"""The app's message shortcuts, under a message's "⋯"."""

from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from bot.demo.slack.people import ANA, BEN, DB_MOVES
from tests.demo.page import kit
from tests.demo.page.conftest import Demo

pytestmark = pytest.mark.asyncio(loop_scope="session")

WHAT = "What is this?"


def message(page: Page, text: str) -> Locator:
    return page.locator(".message").filter(has_text=text)


def more(within: Locator) -> Locator:
    return within.get_by_role("button", name="More actions")


async def test_a_shortcut_is_used_on_a_message(demo: Demo) -> None:
    """Pointing at a message shows "⋯"; a shortcut there goes to the app, whose answer one person sees."""
    card = demo.post(kit.section("The card"))
    page, other = await demo.open(BEN), await demo.open(ANA)
    shown = message(page, "The card")
    await expect(shown.locator(".tools")).to_have_css("opacity", "0")
    await shown.hover()
    await expect(shown.locator(".tools")).to_have_css("opacity", "1")
    await more(shown).click()
    await page.get_by_role("menuitem", name=WHAT).click()
    payload = await demo.bot.until(1)
    assert (payload["type"], payload["callback_id"]) == ("message_action", "what_is_this")
    assert (payload["user"]["id"], payload["message"]["ts"]) == (BEN, card.ts)
    await expect(page.get_by_role("menuitem", name=WHAT)).to_be_hidden()
    async with httpx.AsyncClient() as http:
        await http.post(payload["response_url"], json={"text": "It is a request"})
    await expect(message(page, "It is a request")).to_contain_text("Only visible to you")
    await expect(message(other, "It is a request")).to_have_count(0)


async def test_every_message_that_all_see_has_shortcuts(demo: Demo) -> None:
    """People's messages have shortcuts too, and replies in a thread; ephemeral messages have none."""
    said = demo.slack.say(BEN, DB_MOVES, "lunch?")
    below = demo.slack.say(ANA, DB_MOVES, "at noon", said.ts)
    demo.post(kit.section("for Ana alone"), only_for=ANA)
    page = await demo.open()
    await expect(more(message(page, "for Ana alone"))).to_have_count(0)
    await expect(more(message(page, "lunch?"))).to_have_count(1)
    await page.get_by_role("button", name="1 reply").click()
    reply = page.locator("#thread").locator(".message").filter(has_text="at noon")
    await more(reply).click()
    await page.get_by_role("menuitem", name=WHAT).click()
    assert (await demo.bot.until(1))["message"]["ts"] == below.ts


async def test_shortcuts_need_no_mouse(demo: Demo) -> None:
    """The keyboard reaches "⋯", opens, leaves and uses the menu, and stays when the message is drawn anew."""
    card = demo.post(kit.section("The card"), kit.actions(kit.button("Deny", "deny")))
    page = await demo.open()
    shown = message(page, "The card")
    await shown.get_by_role("button", name="Deny").focus()
    for _ in range(2):
        await page.keyboard.press("Tab")
    await expect(more(shown)).to_be_focused()
    await expect(shown.locator(".tools")).to_have_css("opacity", "1")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name=WHAT)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(more(shown)).to_be_focused()
    demo.edit(card, kit.section("The card, later"))
    await expect(shown).to_contain_text("later")
    await expect(more(shown)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert (await demo.bot.until(1))["message"]["ts"] == card.ts


async def test_a_shortcut_that_fails_is_said(demo: Demo) -> None:
    """When the app does not take a shortcut, the page says so."""
    demo.post(kit.section("The card"))
    demo.bot.status = 500
    page = await demo.open()
    await more(message(page, "The card")).click()
    await page.get_by_role("menuitem", name=WHAT).click()
    await expect(page.locator("#toasts")).to_contain_text("The app could not be reached. Try again?")


@pytest.mark.parametrize("context", [{}, {"has_touch": True, "is_mobile": True}], ids=["mouse", "touch"])
async def test_the_menu_is_in_sight_on_a_phone(demo: Demo, context: dict[str, Any]) -> None:
    """At 390 pixels the menu of the newest message is wholly on the screen, and nothing moves for it."""
    for number in range(12):
        demo.post(kit.section(f"number {number}"))
    page = await demo.open(viewport={"width": 390, "height": 740}, **context)
    newest = message(page, "number 11")
    before = await newest.bounding_box()
    if context:
        await expect(newest.locator(".tools")).to_have_css("opacity", "1")
        await more(newest).tap()
    else:
        await more(newest).click()
    await expect(page.get_by_role("menuitem", name=WHAT)).to_be_in_viewport(ratio=1)
    assert await newest.bounding_box() == before
    sizes = await page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert sizes[0] <= sizes[1]
    await page.get_by_role("menuitem", name=WHAT).click()
    assert (await demo.bot.until(1))["user"]["id"] == ANA
