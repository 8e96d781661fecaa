"""The clients of Slack and of PlanetScale, as the settings say."""

from urllib.parse import urlsplit

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.organizations import Organization
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.planetscale.organizations import Organizations
from bot.settings import Settings


def slack_client(settings: Settings) -> AsyncWebClient:
    """Slack's Web API, without the SDK's own retries (they can post twice)."""
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=10,
        retry_handlers=[],
    )
    if is_local(settings):
        client.proxy = None  # slack_sdk takes it from the environment, and does not ask NO_PROXY
    return client


def is_local(settings: Settings) -> bool:
    """Whether Slack is a stand-in on this machine, which no proxy can reach."""
    return urlsplit(settings.slack_api_url).hostname in {"127.0.0.1", "localhost", "::1"}


def planetscale_client(settings: Settings, organization: Organization, clock: Clock) -> PlanetScale:
    """The PlanetScale API for one organization, within a request budget of its own."""
    return PlanetScale(
        base_url=settings.planetscale_api_url,
        token_id=organization.token_id.get_secret_value(),
        token=organization.token.get_secret_value(),
        budget=Budget(settings.api_budget, clock),
        clock=clock,
    )


def planetscale_organizations(settings: Settings, clock: Clock) -> Organizations:
    """All organizations that the bot works for."""
    clients = {one.name: planetscale_client(settings, one, clock) for one in settings.organizations}
    return Organizations(clients, settings.planetscale_org)
