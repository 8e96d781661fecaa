"""A real Chromium before the demo's page, with a stub of a bot behind it."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from bot.demo.clock import DemoClock
from bot.demo.page import page_routes
from bot.demo.slack import Message, SmallSlack, api_routes
from bot.demo.slack.complete import completions
from bot.demo.slack.demo_api import demo_routes
from bot.demo.slack.model import Json
from bot.demo.slack.people import ANA, DB_MOVES
from bot.demo.slack.world import Draft
from tests.demo.slack.stub_bot import StubBot
from tests.serve import serve

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")

expect.set_options(timeout=15_000)


def chromium() -> str:
    """The path of Chromium. Without one, tests are skipped on a desk and fail in CI."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        problem = f"none of {', '.join(NAMES)} is installed"
        if os.environ.get("CI"):
            pytest.fail(problem)
        pytest.skip(problem)
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        await browser.close()


@dataclass(slots=True)
class Demo:
    """The page's server, and a way to open it as somebody."""

    slack: SmallSlack
    bot: StubBot
    base: str
    browser: Browser
    problems: list[str]
    """What went wrong in the pages: script errors, refused content, anything that left the machine."""

    async def open(self, user: str = ANA, path: str = "/", **context: Any) -> Page:
        """The page, drawn, in a browser of its own. `context`: viewport, color_scheme, …"""
        options: Mapping[str, Any] = {"viewport": {"width": 1280, "height": 800}} | context
        page = await (await self.browser.new_context(**options)).new_page()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: self._console(line.type, line.text))
        page.on("request", lambda request: self._request(request.url))
        await page.goto(f"{self.base}{path}?user={user}")
        await expect(page.locator("#people [aria-pressed=true]")).to_have_count(1)
        return page

    def _console(self, kind: str, text: str) -> None:
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.problems.append(text)

    def _request(self, url: str) -> None:
        if not url.startswith(self.base):
            self.problems.append(f"asked for {url}")

    def post(self, *blocks: Json, text: str = "x", only_for: str | None = None, **more: Any) -> Message:
        """A message of the bot in #db-moves, checked as the Web API checks it."""
        draft = Draft(text=text, blocks=list(blocks), **more)
        draft.check()
        return self.slack.world.post(self.slack.channels[DB_MOVES], "U0WFBOT", draft, only_for=only_for)

    def edit(self, message: Message, *blocks: Json, text: str = "x") -> None:
        self.slack.world.edit(message, Draft(text=text, blocks=list(blocks)))


@pytest_asyncio.fixture(loop_scope="session")
async def routes() -> list[BaseRoute]:
    """More routes for the page's server; a test module may say which."""
    return []


@pytest_asyncio.fixture(loop_scope="session")
async def demo(browser: Browser, routes: list[BaseRoute]) -> AsyncIterator[Demo]:
    clock = DemoClock()
    slack = SmallSlack(clock)
    bot = StubBot(clock, slack.signing_secret)
    own = [*demo_routes(slack, completions), *page_routes(), Mount("/slack", routes=api_routes(slack))]
    async with serve(Starlette(routes=[*routes, *own])) as base, serve(bot.app) as bot_base:
        slack.connect(public_url=f"{base}/slack", page_url=base, events_url=f"{bot_base}/slack/events")
        demo = Demo(slack, bot, base, browser, [])
        yield demo
        await asyncio.gather(*(context.close() for context in browser.contexts))
        await slack.aclose()
    assert demo.problems == []
