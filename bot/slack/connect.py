"""The first words with Slack: are the tokens good, and which workspace is this?"""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse as SlackResponse

from bot.clock import Clock
from bot.slack.codes import meaning
from bot.slack.delivery.slack_failures import SlackFailure, Trouble, failure_of
from bot.slack.directory import Home
from bot.slack.errors import SLACK_FAILURES, code_of, kind_of

log = structlog.stdlib.get_logger(__name__)

BUSY_SECONDS: Final = 300.0
"""How long a Slack that is busy or cannot be reached is waited for."""
LONGEST_PAUSE: Final = 30.0
_SAYS_NO: Final = frozenset({Trouble.TOKEN, Trouble.CALL, Trouble.PLACE})


class SlackRefusedError(Exception):
    """Slack does not know a token, or did not answer: one sentence for the person who starts the bot."""


async def find_home(client: AsyncWebClient, clock: Clock | None = None) -> Home:
    """The workspace of the bot token. Raises `SlackRefusedError`.

    With a `clock`, a Slack that is busy is waited for, for minutes.
    """
    answer = await _answer(client.auth_test, "SLACK_BOT_TOKEN", clock)
    team, user = answer.get("team_id"), answer.get("user_id")
    if not isinstance(team, str) or not isinstance(user, str):
        msg = "SLACK_BOT_TOKEN is not usable: Slack named no workspace for it. Is it a bot token (xoxb-)?"
        raise SlackRefusedError(msg)
    return Home(
        team, answer.get("enterprise_id") or None, user, answer.get("bot_id") or None, answer.get("url") or ""
    )


async def check_app_token(client: AsyncWebClient, app_token: str, clock: Clock | None = None) -> None:
    """Raises `SlackRefusedError` if Socket Mode cannot be opened with `app_token`.

    With a `clock`, a Slack that is busy is waited for, for minutes.
    """

    async def opened() -> SlackResponse:
        return await client.apps_connections_open(app_token=app_token)

    await _answer(opened, "SLACK_APP_TOKEN", clock)


async def _answer(
    call: Callable[[], Awaitable[SlackResponse]], setting: str, clock: Clock | None
) -> SlackResponse:
    """Only a token that Slack does not accept ends it at once."""
    until = clock.monotonic() + BUSY_SECONDS if clock else 0.0
    pause = 1.0
    while True:
        try:
            return await call()
        except SLACK_FAILURES as error:
            failure, sentence = failure_of(error), _sentence(setting, error)
        wait = failure.seconds or pause
        if clock is None or not _passes(failure) or clock.monotonic() + wait > until:
            raise SlackRefusedError(sentence)
        log.warning("slack_waited_for", setting=setting, error=failure.code, seconds=wait)
        await clock.sleep(wait)
        pause = min(2 * pause, LONGEST_PAUSE)


def _passes(failure: SlackFailure) -> bool:
    """Whether a later call may go well. A page of somebody else (3xx, 4xx) comes of the settings."""
    return failure.trouble not in _SAYS_NO and not failure.code.startswith(("http_3", "http_4"))


def _sentence(setting: str, error: Exception) -> str:
    code = code_of(error)
    if code is None:
        return f"{setting} could not be checked: Slack did not answer at SLACK_API_URL ({kind_of(error)})."
    if meaning(code) is Trouble.TOKEN:
        return f"{setting} is not usable: Slack answered {code}. Install the app again and copy its token."
    return f"{setting} could not be checked: Slack answered {code}. Try again in a few minutes."
