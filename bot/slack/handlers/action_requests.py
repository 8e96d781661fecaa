"""What people ask and press, taken down: one transaction, then the ack, then the worker does the rest."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.commands import reason
from bot.commands.lines import pscale_line
from bot.commands.model import ActOnWorkflow, CreateWorkflow, known
from bot.commands.parser import parse
from bot.kinds.workflow.asking import operation_of
from bot.operations import intake
from bot.operations.intake import Request
from bot.operations.model import Operation, Story
from bot.operations.ports import CardBoard, Responder
from bot.operations.storage import repository
from bot.planetscale.refs import WorkflowRef
from bot.runtime.log_context import from_now_about
from bot.slack.cards.answers.brief_answers import other_version_card
from bot.slack.cards.answers.private_answers import cannot_ask
from bot.slack.cards.blocks.rich import Block, Message
from bot.slack.cards.operation import buttons
from bot.slack.handlers.asking_someone import AskSomeone
from bot.slack.handlers.button_presses import DECIDING, Pressed, Presses
from bot.slack.handlers.reasons import Reasons
from bot.slack.slack_services import SlackServices
from bot.store.errors import CommitUnknownError, StoreError
from bot.workflows.actions.registry import named
from bot.workflows.own import action_of

log = structlog.stdlib.get_logger(__name__)


class ActionRequests:
    """Turns commands and presses into rows. Raises the errors of `bot.store.errors`."""

    def __init__(self, services: SlackServices, board: CardBoard, responder: Responder) -> None:
        self._services = services
        self._board = board
        self._responder = responder
        self._presses = Presses(services.database, services.home, services.clock)
        self._asking = AskSomeone(services, board, responder)
        self.reasons = Reasons(services, board, responder)
        """The forms that ask why."""

    async def command(self, request: Request, command: ActOnWorkflow | CreateWorkflow) -> Message | None:
        """Take an action down; where nothing was written, how to go without it."""
        operation = operation_of(request, command, self._services.clock.now())
        from_now_about(operation.id)
        try:
            await self._services.database.write(intake.take, operation, request.trigger_id, repeatable=True)
        except CommitUnknownError:
            raise
        except StoreError as error:
            line = pscale_line(command, request.organization)
            if line is None or not isinstance(operation.ref, WorkflowRef):
                raise
            log.error("not_taken_down", error=str(error))
            return cannot_ask(line, operation.ref)
        return None

    async def press(self, pressed: Pressed) -> Message | None:
        """Take a press down, whichever button it was; an answer, if it is none that this version knows."""
        if not self._services.home.sent(pressed.team_id, pressed.enterprise_id):
            log.warning("press_from_elsewhere")
            return None
        if pressed.action_id in DECIDING:
            await self._decide(pressed)
        elif pressed.action_id == buttons.ASK_AGAIN:
            await self._again(pressed)
        elif pressed.action_id == buttons.ASK_SOMEONE:
            await self._asking.chosen(pressed)
        elif pressed.action_id.startswith(buttons.NEXT):
            return await self._next(pressed)
        else:
            log.warning("press_of_another_version", action=pressed.action_id)
            return other_version_card()
        return None

    async def because(self, held: Pressed, text: str) -> str | None:
        """Take a press down that was held until its reason was said; what is wrong with that, if anything."""
        if wrong := reason.wrong_with(text):
            return wrong
        said = reason.worded(text)
        if held.action_id == buttons.DENY:
            await self._decide(held, said)
        elif held.action_id == buttons.ASK_AGAIN:
            await self._ask_again(held, said)
        elif command := self._command_of(held):
            refused = await self._ask_next(held, replace(command, reason=said))
            return refused.plain if refused else None
        else:
            return "This form cannot be read any more, so nothing was done. Type the command instead."
        return None

    async def _decide(self, pressed: Pressed, said: str | None = None) -> None:
        await self._presses.take(pressed, said)

    async def whom_to_ask(self, body: Mapping[str, Any]) -> list[Block]:
        """What *Ask someone* offers, for a `block_suggestion` payload."""
        return await self._asking.options(body)

    async def _again(self, pressed: Pressed) -> None:
        from_now_about(pressed.value)
        old = await self._services.database.read(repository.load, pressed.value)
        if old is None:
            return
        own = old.reason if old.was_asked_by(frozenset({pressed.user_id})) else None
        if self.reasons.needed(old.organization, old.database, action_of(old.action).name):
            self.reasons.ask_before(pressed, "Ask again", own)
        else:
            await self._ask_again(pressed, own)

    async def _ask_again(self, pressed: Pressed, said: str | None) -> None:
        from_now_about(pressed.value)
        request = replace(self._request(pressed), reason=said)
        now = self._services.clock.now()
        await self._services.database.write(self._asked_again, pressed.value, request, now, repeatable=True)

    def _asked_again(
        self, connection: Connection, operation_id: str, request: Request, now: datetime
    ) -> Operation | None:
        fresh = intake.again(connection, operation_id, request, now)
        old = repository.load(connection, operation_id)
        if fresh and old and old.has_card:
            self._board.card(connection, old, now)
        return fresh

    async def _next(self, pressed: Pressed) -> Message | None:
        """A button that asks for another action: the line that it carries, through the same gate."""
        command = self._command_of(pressed)
        if command is None:
            log.warning("press_not_understood", action=pressed.action_id)
            return other_version_card()
        organization = self._services.planetscale.named(command.organization)
        if self.reasons.needed(organization, known(command.database), command.action) and not command.reason:
            action = named(command.action, replicas_only=command.replicas_only)
            self.reasons.ask_before(pressed, action.title)
        else:
            return await self._ask_next(pressed, command)
        return None

    def _command_of(self, pressed: Pressed) -> ActOnWorkflow | None:
        """What the line of a button asks for. Nothing is forced by a button, whoever made it up."""
        command = parse(pressed.value) if pressed.action_id.startswith(buttons.NEXT) else None
        ours = {None, *self._services.planetscale.names}
        if not isinstance(command, ActOnWorkflow) or command.force or command.organization not in ours:
            return None
        return command if command.database and command.number else None

    async def _ask_next(self, pressed: Pressed, command: ActOnWorkflow) -> Message | None:
        request = self._request(pressed, command.organization)
        agreed_in = buttons.agreed_in(pressed.action_id)
        return await self.command(replace(request, by_button=True, agreed_in=agreed_in), command)

    async def _refuse(self, pressed: Pressed, why: str, story: Story) -> None:
        if pressed.response_url:
            await self._responder.tell(pressed.response_url, why, story)

    def _request(self, pressed: Pressed, organization: str | None = None) -> Request:
        return Request(
            requester=pressed.user_id,
            team_id=pressed.team_id,
            channel=pressed.channel_id,
            trigger_id=pressed.trigger_id,
            organization=self._services.planetscale.named(organization),
            reply_to=pressed.response_url or None,
        )
