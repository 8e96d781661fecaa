"""The message shortcut "What is this?": which message somebody points at, and the window that explains it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.operations.model import Story
from bot.operations.storage import stories
from bot.slack.cards.answers.brief_answers import window_not_opened_card
from bot.slack.cards.answers.what_is_this import explanation, not_ours
from bot.slack.codes import TRIGGER_USED
from bot.slack.delivery.keys import operation_id_of
from bot.slack.delivery.operation_board import ABOUT_OPERATIONS
from bot.slack.delivery.slack_failures import failure_of
from bot.slack.errors import SLACK_FAILURES
from bot.slack.payload import enterprise_of, part, text
from bot.slack.slack_services import SlackServices
from bot.store import board
from bot.store.errors import StoreError

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pointed:
    """Somebody used the shortcut on a message. Everything in it may be made up."""

    team_id: str
    enterprise_id: str | None
    trigger_id: str
    channel_id: str
    message_ts: str
    author: str
    """The user id of who wrote the message, as Slack says."""
    bot_id: str
    """The same for a bot."""
    response_url: str = ""


def pointed_of(body: Mapping[str, Any]) -> Pointed:
    """What a `message_action` payload tells of. Missing parts are empty."""
    message, user, team = part(body, "message"), part(body, "user"), part(body, "team")
    return Pointed(
        team_id=text(team, "id") or text(user, "team_id"),
        enterprise_id=enterprise_of(body),
        trigger_id=text(body, "trigger_id"),
        channel_id=text(part(body, "channel"), "id"),
        message_ts=text(message, "ts") or text(body, "message_ts"),
        author=text(message, "user"),
        bot_id=text(message, "bot_id"),
        response_url=text(body, "response_url"),
    )


class Explanations:
    """Opens the window. It says nothing that the message's own channel does not show."""

    def __init__(self, services: SlackServices) -> None:
        self._services = services

    async def explain(self, pointed: Pointed) -> None:
        """Explain the message; if Slack does not open the window, say that they may click again."""
        view = await self._view(pointed)
        try:
            await self._services.client.views_open(trigger_id=pointed.trigger_id, view=view)
        except SLACK_FAILURES as error:
            code = failure_of(error).code
            if code == TRIGGER_USED:
                return  # by this very click, which was delivered again
            log.warning("explanation_not_opened", error=code)
            if pointed.response_url:
                await self._services.replies.send(pointed.response_url, window_not_opened_card())

    async def _view(self, pointed: Pointed) -> dict[str, Any]:
        mine = {self._services.home.bot_user_id, self._services.home.bot_id} - {None}
        if not mine & {pointed.author, pointed.bot_id}:
            return not_ours()
        try:
            story = await self._services.database.read(_story, pointed.channel_id, pointed.message_ts)
        except StoreError as error:
            log.error("story_not_read", error=str(error))
            story = None  # the rule can be explained all the same
        return explanation(story, self._services.clock.now())


def _story(connection: Connection, channel: str, ts: str) -> Story | None:
    """The request that a message of the bot is about."""
    found = board.subject_at(connection, channel, ts)
    if found is None or found[0] not in ABOUT_OPERATIONS:
        return None
    return stories.story_as_of_now(connection, operation_id_of(found[1]))
