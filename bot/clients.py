"""The clients of Slack and of PlanetScale, as the settings say."""

from functools import partial

import httpx
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.organizations import Organization
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.planetscale.organizations import Organizations
from bot.runtime.figures import NO_FIGURES, Figures
from bot.runtime.metering import Meters
from bot.settings import Settings
from bot.slack.counted_client import CountedClient
from bot.slack.replies.reply_transport import ReplyTransport


def slack_client(settings: Settings, figures: Figures = NO_FIGURES) -> AsyncWebClient:
    """Slack's Web API, without the SDK's own retries (they can post twice)."""
    client = CountedClient(
        figures,
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=10,
        retry_handlers=[],
    )
    client.proxy = settings.route.proxy  # the SDK would look for one by itself, and not ask NO_PROXY
    return client


def reply_client(settings: Settings, figures: Figures = NO_FIGURES) -> httpx.AsyncClient:
    """For answers to the addresses that Slack gives with a command or a press."""
    wire = httpx.AsyncHTTPTransport(
        proxy=settings.route.proxy, trust_env=False, verify=httpx.create_ssl_context()
    )
    transport = ReplyTransport(settings.slack_api_url, wire, figures)
    return httpx.AsyncClient(follow_redirects=False, trust_env=False, transport=transport)


def planetscale_client(
    settings: Settings,
    organization: Organization,
    clock: Clock,
    figures: Figures = NO_FIGURES,
    meters: Meters | None = None,
) -> PlanetScale:
    """The PlanetScale API for one organization, within a request budget of its own.

    `meters`: what several processes count with; without them this process counts as if it were alone.
    """
    meter = meters.named(f"planetscale:{organization.name}") if meters else None
    return PlanetScale(
        base_url=settings.planetscale_api_url,
        token_id=organization.token_id.get_secret_value(),
        token=organization.token.get_secret_value(),
        budget=Budget(settings.api_budget, clock, meter),
        clock=clock,
        told=partial(figures.asked_planetscale, organization.name),
    )


def planetscale_organizations(
    settings: Settings, clock: Clock, figures: Figures = NO_FIGURES, meters: Meters | None = None
) -> Organizations:
    """All organizations that the bot works for."""
    clients = {
        one.name: planetscale_client(settings, one, clock, figures, meters) for one in settings.organizations
    }
    return Organizations(clients, settings.planetscale_org)
