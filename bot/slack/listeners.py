"""Bolt's listeners. Each is thin: say who asks, hand over, acknowledge."""

import logging
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.cards.answers import apology
from bot.slack.desk import Asked, Desk
from bot.slack.people import Home

log = structlog.stdlib.get_logger(__name__)

COMMAND = "/workflow"


def build_bolt(client: AsyncWebClient, home: Home, desk: Desk) -> AsyncApp:
    """Bolt with the bot's listeners. Signatures are checked before it, the token at start-up.

    `process_before_response` sends the ack when the listener returns: Bolt's default polls every 10 ms.
    """

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=home.enterprise_id,
            team_id=home.team_id,
            bot_user_id=home.bot_user_id,
            bot_id=home.bot_id,
            bot_token=client.token,
        )

    quiet = logging.getLogger("bot.slack.bolt")
    quiet.setLevel(logging.ERROR)  # its warnings quote request bodies
    app = AsyncApp(
        name="workflow-bot",
        logger=quiet,
        client=client,
        authorize=authorize,
        signing_secret="checked-by-the-gate",  # noqa: S106 - not a secret: Bolt wants some value
        request_verification_enabled=False,
        process_before_response=True,
    )

    async def workflow(ack: AsyncAck, command: dict[str, Any]) -> None:
        await ack(_answer(desk, command))

    app.command(COMMAND)(workflow)
    return app


def _answer(desk: Desk, command: Mapping[str, Any]) -> dict[str, Any]:
    try:
        message = desk.take(asked(command), str(command.get("text") or ""))
    except Exception:
        log.exception("command_failed")  # the process's edge: whatever went wrong, the person is answered
        message = apology()
    return {"response_type": "ephemeral"} | message.payload() if message else {}


def asked(command: Mapping[str, Any]) -> Asked:
    """Who asks, and where the answer goes, from Slack's form."""
    return Asked(
        user_id=str(command.get("user_id", "")),
        team_id=str(command.get("team_id", "")),
        enterprise_id=command.get("enterprise_id") or None,
        channel_id=str(command.get("channel_id", "")),
        response_url=str(command.get("response_url", "")),
    )
