"""`workflow-bot check`: would the bot work with these settings? Changes nothing anywhere."""

from collections.abc import Callable

from bot.app import planetscale_client, slack_client
from bot.clock import SystemClock
from bot.planetscale.errors import PlanetScaleError
from bot.settings import Settings
from bot.slack.connect import SlackRefusedError, check_app_token, find_home


async def check(settings: Settings, say: Callable[[str], None]) -> int:
    """Say a line for each thing that was tried; 0 when all of them work."""
    say("Settings: complete")
    slack = await _slack(settings, say)
    return 0 if await _planetscale(settings, say) and slack else 1


async def _slack(settings: Settings, say: Callable[[str], None]) -> bool:
    client = slack_client(settings)
    try:
        home = await find_home(client)
        if settings.slack_app_token:
            await check_app_token(client, settings.slack_app_token.get_secret_value())
    except SlackRefusedError as error:
        say(f"Slack: {error}")
        return False
    how = "Socket Mode" if settings.socket_mode else "HTTP at /slack/events"
    say(f"Slack: token is good for workspace {home.team_id} · {how}")
    return True


async def _planetscale(settings: Settings, say: Callable[[str], None]) -> bool:
    client = planetscale_client(settings, SystemClock())
    try:
        databases = await client.databases(settings.planetscale_org)
    except PlanetScaleError as error:
        say(f"PlanetScale: {error.what} {error.todo}")
        return False
    finally:
        await client.aclose()
    say(f"PlanetScale: token is good for {settings.planetscale_org} · sees {len(databases)} databases")
    return True
