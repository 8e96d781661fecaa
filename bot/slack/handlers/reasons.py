"""Why: the forms that ask for it, and what is said once a request or a Deny has counted already."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.commands import reason
from bot.commands.model import ActionName
from bot.operations.ports import CardBoard, PrivateAnswer, Responder
from bot.operations.storage import stories
from bot.runtime.log_context import from_now_about
from bot.slack.cards.answers.brief_answers import form_not_opened_card
from bot.slack.cards.forms.modals import Held, ask_because_view, say_why_view
from bot.slack.codes import TRIGGER_USED
from bot.slack.delivery.slack_failures import failure_of
from bot.slack.errors import SLACK_FAILURES
from bot.slack.handlers.button_presses import Pressed
from bot.slack.slack_services import SlackServices

log = structlog.stdlib.get_logger(__name__)


class Reasons:
    """Asks people why. A form that Slack does not open is said, and nothing has counted by it."""

    def __init__(self, services: SlackServices, board: CardBoard, responder: Responder) -> None:
        self._services = services
        self._board = board
        self._responder = responder

    def needed(self, organization: str, database: str, action: ActionName) -> bool:
        """Whether the policy may want to know why: nothing is read, so a brake counts as one."""
        terms = self._services.policy.terms_for(organization, database)
        return terms.asks_why(action, switched=False)

    def ask_before(self, pressed: Pressed, title: str, said: str | None = None) -> None:
        """Open the form whose submission is this press, with its reason."""
        held = Held(
            action=pressed.action_id,
            value=pressed.value,
            channel=pressed.channel_id,
            reply_to=pressed.response_url,
        )
        self._services.tasks.spawn(
            self._ask_before(pressed, ask_because_view(held, title, said)), "open a form"
        )

    async def _ask_before(self, pressed: Pressed, view: Mapping[str, Any]) -> None:
        if not await self._open(pressed, view) and pressed.response_url:
            await self._services.replies.send(pressed.response_url, form_not_opened_card())

    def ask_afterwards(self, pressed: Pressed) -> None:
        """Open the form for the requester's reason."""
        self._services.tasks.spawn(self._ask_afterwards(pressed), "open a form")

    async def _ask_afterwards(self, pressed: Pressed) -> None:
        from_now_about(pressed.value)
        story = await self._services.database.read(stories.story, pressed.value)
        if story is None:
            return
        refused = None
        if not story.operation.was_asked_by(frozenset({pressed.user_id})):
            refused = PrivateAnswer.NOT_THE_REQUESTER
        elif story.operation.reason:
            refused = PrivateAnswer.REASON_STAYS
        elif not await self._open(pressed, say_why_view(story.operation.id)):
            refused = PrivateAnswer.FORM_NOT_OPENED
        if refused and pressed.response_url:
            await self._responder.tell(pressed.response_url, refused, story)

    async def _open(self, pressed: Pressed, view: Mapping[str, Any]) -> bool:
        try:
            await self._services.client.views_open(trigger_id=pressed.trigger_id, view=dict(view))
        except SLACK_FAILURES as error:
            code = failure_of(error).code
            if code == TRIGGER_USED:
                return True  # by this very press, which was delivered again
            log.warning("form_not_opened", error=code)
            return False
        return True

    async def said_afterwards(self, operation_id: str, user: str, text: str) -> str | None:
        """Keep why somebody denied, or why the requester asks; what is wrong with it, if anything."""
        from_now_about(operation_id)
        if not text.strip():
            return None  # after a Deny that has counted, to leave it empty is fine
        if wrong := reason.wrong_with(text):
            return wrong
        now, said = self._services.clock.now(), reason.worded(text)
        await self._services.database.write(self._keep, operation_id, user, said, now, repeatable=True)
        return None

    def _keep(self, connection: Connection, operation_id: str, user: str, said: str, now: datetime) -> None:
        after = stories.give_reason(connection, operation_id, user, said, now)
        if after and after.has_card:
            self._board.card(connection, after, now)
