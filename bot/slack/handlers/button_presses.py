"""Presses of an operation's buttons: written down before they are acknowledged, decided by the worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.approvals.digest import read_button
from bot.clock import Clock
from bot.operations.storage import press_rows
from bot.operations.storage.press_rows import Press
from bot.runtime.log_context import from_now_about
from bot.slack.cards.forms.modals import Held
from bot.slack.cards.operation import buttons
from bot.slack.directory import Home
from bot.slack.payload import enterprise_of, part, text
from bot.store.engine.database import Database

log = structlog.stdlib.get_logger(__name__)

DECIDING: Mapping[str, str] = {
    buttons.APPROVE: "approve",
    buttons.DENY: "deny",
    buttons.WITHDRAW: "withdraw",
    buttons.TAKE_BACK: "take_back",
    buttons.CONFIRM: "confirm",
    buttons.NOT_NOW: "not_now",
    buttons.HAPPENED: "happened",
    buttons.DID_NOT_HAPPEN: "did_not_happen",
}
"""Which button says what."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """One action of a `block_actions` payload. Everything in it may be made up."""

    user_id: str
    team_id: str
    enterprise_id: str | None
    action_id: str
    block_id: str
    value: str
    trigger_id: str
    channel_id: str
    message_ts: str | None
    ephemeral: bool
    response_url: str
    thread_ts: str | None = None
    """The message in whose thread it was pressed."""


def pressed_of(body: Mapping[str, Any], action: Mapping[str, Any]) -> Pressed:
    """The press that a payload tells of. Missing parts are empty; nothing is trusted."""
    user, team = part(body, "user"), part(body, "team")
    container, channel = part(body, "container"), part(body, "channel")
    return Pressed(
        user_id=text(user, "id"),
        team_id=text(team, "id") or text(user, "team_id"),
        enterprise_id=enterprise_of(body),
        action_id=text(action, "action_id"),
        block_id=text(action, "block_id"),
        value=text(action, "value")
        or text(action, "selected_user")
        or text(part(action, "selected_option"), "value"),
        trigger_id=text(body, "trigger_id"),
        channel_id=text(channel, "id") or text(container, "channel_id"),
        message_ts=text(container, "message_ts") or None,
        ephemeral=bool(container.get("is_ephemeral")),
        response_url=text(body, "response_url"),
        thread_ts=text(container, "thread_ts") or None,
    )


def held_of(body: Mapping[str, Any], view: Mapping[str, Any]) -> Pressed | None:
    """The press that a submitted form held until its reason was said; `None` for what this bot did not write.

    The form stands for Slack's trigger: submitted or delivered twice, it is one press.
    """
    held, user, team = Held.read(view.get("private_metadata")), part(body, "user"), part(body, "team")
    if held is None or not text(view, "id"):
        return None
    return Pressed(
        user_id=text(user, "id"),
        team_id=text(team, "id") or text(user, "team_id"),
        enterprise_id=enterprise_of(body),
        action_id=held.action,
        block_id="",
        value=held.value,
        trigger_id=f"view:{text(view, 'id')}",
        channel_id=held.channel,
        message_ts=None,
        ephemeral=True,
        response_url=held.reply_to,
    )


class Presses:
    """Takes presses down."""

    def __init__(self, database: Database, home: Home, clock: Clock) -> None:
        self._database = database
        self._home = home
        self._clock = clock

    async def take(self, pressed: Pressed, reason: str | None = None) -> None:
        """Write one press of a deciding button down.

        A forged value, an unknown operation or another workspace's press leaves no trace but a log line.
        Raises the errors of `bot.store.errors`.
        """
        button = read_button(pressed.value)
        if button is None or not self._home.sent(pressed.team_id, pressed.enterprise_id):
            log.warning("press_not_understood", action=pressed.action_id)
            return
        from_now_about(button.operation_id)
        press = Press(
            operation_id=button.operation_id,
            user_id=pressed.user_id,
            trigger_id=pressed.trigger_id,
            kind=DECIDING[pressed.action_id],
            prefix=button.prefix,
            received_at=self._clock.now(),
            channel=None if pressed.ephemeral else pressed.channel_id,
            message_ts=None if pressed.ephemeral else pressed.message_ts,
            response_url=pressed.response_url or None,
            reason=reason,
        )
        await self._database.write(_take, press, repeatable=True)


def _take(connection: Connection, press: Press) -> bool:
    return press_rows.press(connection, press)
