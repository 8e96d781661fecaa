"""Whether Slack takes the tokens."""

from collections.abc import Sequence
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.diagnostics.check_model import DiagnosticFinding, DiagnosticSubject, good, problem, warning
from bot.slack.connect import SlackRefusedError, find_home
from bot.slack.errors import SLACK_FAILURES, code_of, kind_of
from bot.slack.manifest import SCOPES

_SOCKET_CURE: Final = (
    "It begins with xapp-. Make one at api.slack.com/apps under Basic Information, App-Level Tokens, with "
    "the scope connections:write, and switch Socket Mode on."
)


async def bot_token(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """Whether the bot's token is good, and for which workspace."""
    try:
        home = await find_home(subject.slack)
    except SlackRefusedError as error:
        return [problem(f"{error}{_through(subject)}")]
    if subject.settings.socket_mode:
        how = "Socket Mode"
    else:
        how = "HTTP at /slack/events · whether SLACK_SIGNING_SECRET is right shows with the first command"
    return [good(f"token is good for workspace {home.team_id} · {how}")]


def _through(subject: DiagnosticSubject) -> str:
    variable = subject.settings.route.variable
    return f" It is asked through the proxy of {variable}." if variable else ""


async def scopes(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """Which scopes of the manifest the bot's token lacks, and which it has beyond, where Slack names them."""
    given = await _scopes(subject.slack)
    if given is None:
        return []
    found = []
    if missing := sorted(SCOPES.keys() - given):
        cure = "Give the app the manifest of this version and install it again."
        found.append(problem(f"SLACK_BOT_TOKEN lacks {', '.join(missing)}. {cure}"))
    if beyond := sorted(given - SCOPES.keys()):
        cure = "A token that is stolen can do no more than its scopes: take them from the app."
        found.append(warning(f"SLACK_BOT_TOKEN may more than the bot uses: {', '.join(beyond)}. {cure}"))
    return found or [good("the token has the scopes of the manifest, and no other")]


async def _scopes(client: AsyncWebClient) -> set[str] | None:
    try:
        answer = await client.auth_test()
    except SLACK_FAILURES:
        return None
    headers = {name.lower(): value for name, value in answer.headers.items()}
    given = headers.get("x-oauth-scopes")
    return None if given is None else {scope.strip() for scope in given.split(",")}


async def app_token(subject: DiagnosticSubject) -> Sequence[DiagnosticFinding]:
    """Why Socket Mode cannot be opened, if it is asked for."""
    token = subject.settings.slack_app_token
    if token is None:
        return []
    try:
        await subject.slack.apps_connections_open(app_token=token.get_secret_value())
    except SLACK_FAILURES as error:
        code = code_of(error)
        if code:
            return [problem(f"SLACK_APP_TOKEN is not usable: Slack answered {code}. {_SOCKET_CURE}")]
        did = f"Slack did not answer ({kind_of(error)})."
        return [problem(f"SLACK_APP_TOKEN could not be checked: {did}")]
    return [good("SLACK_APP_TOKEN opens Socket Mode")]
