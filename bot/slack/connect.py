"""The first words with Slack: are the tokens good, and which workspace is this?"""

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import SLACK_FAILURES, code_of, kind_of
from bot.slack.people import Home


class SlackRefusedError(Exception):
    """Slack does not know a token, or did not answer: one sentence for the person who starts the bot."""


async def find_home(client: AsyncWebClient) -> Home:
    """The workspace of the bot token. Raises `SlackRefusedError`."""
    try:
        answer = await client.auth_test()
    except SLACK_FAILURES as error:
        raise SlackRefusedError(_sentence("SLACK_BOT_TOKEN", error)) from None
    team, user = answer.get("team_id"), answer.get("user_id")
    if not isinstance(team, str) or not isinstance(user, str):
        msg = "SLACK_BOT_TOKEN is not usable: Slack named no workspace for it. Is it a bot token (xoxb-)?"
        raise SlackRefusedError(msg)
    return Home(
        team, answer.get("enterprise_id") or None, user, answer.get("bot_id") or None, answer.get("url") or ""
    )


async def check_app_token(client: AsyncWebClient, app_token: str) -> None:
    """Raises `SlackRefusedError` if Socket Mode cannot be opened with `app_token`."""
    try:
        await client.apps_connections_open(app_token=app_token)
    except SLACK_FAILURES as error:
        raise SlackRefusedError(_sentence("SLACK_APP_TOKEN", error)) from None


def _sentence(setting: str, error: Exception) -> str:
    code = code_of(error)
    if code:
        return f"{setting} is not usable: Slack answered {code}. Install the app again and copy its token."
    return f"{setting} could not be checked: Slack did not answer at SLACK_API_URL ({kind_of(error)})."
