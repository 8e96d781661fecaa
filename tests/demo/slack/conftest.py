"""A small Slack and a stub of a bot, each on a real port."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.demo.clock import ManualClock
from bot.demo.slack import SmallSlack, api_routes
from bot.demo.slack.demo_api import demo_routes
from tests.demo.slack.stub_bot import StubBot
from tests.serve import serve
from tests.tls import no_tls

__all__ = ["no_tls"]


@dataclass(frozen=True, slots=True)
class Stage:
    """What a test works with."""

    slack: SmallSlack
    bot: StubBot
    clock: ManualClock
    client: AsyncWebClient
    """As a bot would use it: the real SDK."""
    base: str
    """Where the small Slack listens."""


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    clock = ManualClock()
    slack = SmallSlack(clock)
    bot = StubBot(clock, slack.signing_secret)
    app = Starlette(routes=[Mount("/slack", routes=api_routes(slack)), *demo_routes(slack)])
    async with serve(app) as base, serve(bot.app) as bot_base:
        slack.connect(public_url=f"{base}/slack", page_url=base, events_url=f"{bot_base}/slack/events")
        client = AsyncWebClient(token=slack.bot_token, base_url=f"{base}/slack/api/")
        yield Stage(slack, bot, clock, client, base)
        await slack.aclose()
