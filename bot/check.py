"""`workflow-bot check`: would the bot work with these settings? Changes nothing anywhere."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.approvals.policy import Policy
from bot.clients import planetscale_client, slack_client
from bot.clock import SystemClock
from bot.logs import configure_logs
from bot.organizations import Organization
from bot.planetscale.errors import Kind, PlanetScaleError
from bot.settings import Settings, read_policy
from bot.slack.connect import SlackRefusedError, find_home
from bot.slack.errors import SLACK_FAILURES
from bot.slack.manifest import SCOPES
from bot.store.address import file_of, parse_address
from bot.store.database import Database
from bot.store.errors import TROUBLES, why
from bot.store.migrate import current, latest

Say = Callable[[str], None]

_SOCKET_CURE: Final = (
    "It begins with xapp-. Make one at api.slack.com/apps under Basic Information, App-Level Tokens, with "
    "the scope connections:write, and switch Socket Mode on."
)
_CONNECT_WITHIN: Final = 10.0
"""Seconds for the database: a server that is far away is no error."""
_RENEW: Final = "Check PLANETSCALE_SERVICE_TOKEN_ID and PLANETSCALE_SERVICE_TOKEN."
_CHANNEL: Final = "Set WORKFLOW_BOT_CHANNEL, or a channel for it in the policy file."
_ADDRESS: Final = "Check PLANETSCALE_API_URL."
_CURES: Final[Mapping[Kind, str]] = {
    Kind.UNAUTHORIZED: f"PlanetScale does not accept the token. {_RENEW}",
    Kind.FORBIDDEN: "The token may not list the organization's databases. Check PLANETSCALE_ORG, and what "
    "PLANETSCALE_SERVICE_TOKEN may do.",
    Kind.NOT_FOUND: "There is no such organization that the token can see. Check PLANETSCALE_ORG.",
    Kind.UNREACHABLE: f"PlanetScale could not be reached. {_ADDRESS}",
    Kind.REDIRECTED: f"PlanetScale points to another address. {_ADDRESS}",
    Kind.NOT_UNDERSTOOD: f"What answered there is not PlanetScale's API. {_ADDRESS}",
}


async def check(settings: Settings, say: Say) -> int:
    """Say a line for each thing that was tried; 0 when all of them work."""
    configure_logs("warning", settings.log_format, settings.secrets, sys.stderr)
    policy = read_policy(settings)
    for warning in policy.warnings:
        say(f"Policy: {warning}")
    for database in _told_nowhere(settings, policy):
        say(f"Settings: what is found in {database} is told nowhere. {_CHANNEL}")
    say("Settings: complete")
    works = [
        await _database(settings.database_url, say),
        await _slack(settings, say),
        await _planetscale(settings, say),
    ]
    return 0 if all(works) else 1


def _told_nowhere(settings: Settings, policy: Policy) -> list[str]:
    """Databases that are looked through although there is no channel to tell what is found."""
    return [
        database
        for one in settings.organizations
        for database in one.databases
        if not (policy.terms_for(one.name, database).channel or settings.channel)
    ]


async def _database(url: str, say: Say) -> bool:
    """Whether the bot could keep its rows there. A file that is not there yet is not made."""
    try:
        file = file_of(parse_address(url))
        if file and not file.exists():
            folder = file.absolute().parent
            usable = folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
            stuck = f"{folder} is no folder that can be written to. Check DATABASE_URL."
            cure = "workflow-bot run makes it" if usable else stuck
            say(f"Database: there is none yet at {file.absolute()} · {cure}")
            return usable
        async with Database(url, begin_within=_CONNECT_WITHIN, guard=False) as database:
            revision = await current(database)
    except TROUBLES as error:
        say(f"Database: {why(error)}. Check DATABASE_URL.")
        return False
    newest = latest() or ""
    if revision is not None and revision > newest:
        say("Database: it has the schema of a newer version of the bot. Run that version.")
        return False
    behind = "" if revision == newest else "not "
    cure = " yet: workflow-bot run brings it there" if behind else ""
    say(f"Database: can be reached · {behind}at the current schema{cure}")
    return True


async def _slack(settings: Settings, say: Say) -> bool:
    client = slack_client(settings)
    try:
        home = await find_home(client)
    except SlackRefusedError as error:
        say(f"Slack: {error}")
        return False
    how = "Socket Mode" if settings.socket_mode else "HTTP at /slack/events"
    say(f"Slack: token is good for workspace {home.team_id} · {how}")
    trouble = list(filter(None, (await _scopes(client), await _app_token(client, settings))))
    for line in trouble:
        say(f"Slack: {line}")
    return not trouble


async def _scopes(client: AsyncWebClient) -> str | None:
    """Which scopes the bot's token lacks, where Slack names those that it has."""
    try:
        answer = await client.auth_test()
    except SLACK_FAILURES:
        return None
    headers = {name.lower(): value for name, value in answer.headers.items()}
    given = headers.get("x-oauth-scopes")
    if given is None:
        return None
    missing = sorted(SCOPES.keys() - {scope.strip() for scope in given.split(",")})
    if not missing:
        return None
    listed = ", ".join(missing)
    return f"SLACK_BOT_TOKEN lacks {listed}. Give the app the manifest of this version and install it again."


async def _app_token(client: AsyncWebClient, settings: Settings) -> str | None:
    """Why Socket Mode cannot be opened, if it is asked for."""
    if settings.slack_app_token is None:
        return None
    try:
        await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except SlackApiError as error:
        return f"SLACK_APP_TOKEN is not usable: Slack answered {error.response.get('error')}. {_SOCKET_CURE}"
    except SLACK_FAILURES as error:
        return f"SLACK_APP_TOKEN could not be checked: Slack did not answer ({type(error).__name__})."
    return None


async def _planetscale(settings: Settings, say: Say) -> bool:
    """Whether the token of every organization works."""
    return all([await _organization(settings, one, say) for one in settings.organizations])


async def _organization(settings: Settings, organization: Organization, say: Say) -> bool:
    client = planetscale_client(settings, organization, SystemClock())
    try:
        databases = await client.databases(organization.name)
    except PlanetScaleError as error:
        own = organization.name == settings.planetscale_org
        cure = _CURES.get(error.kind) if own else None
        where = "PlanetScale" if own else f"PlanetScale, organization {organization.name} of the policy file"
        say(f"{where}: {cure or f'{error.what} {error.todo}'}")
        return False
    finally:
        await client.aclose()
    say(f"PlanetScale: token is good for {organization.name} · sees {len(databases)} databases")
    unseen = sorted(set(organization.databases) - {database.name for database in databases})
    for name in unseen:
        say(f"PlanetScale: the token sees no database {name} in {organization.name}, which is to be watched.")
    return not unseen
