"""What people ask and press, taken down: one transaction, then the ack, then the worker does the rest."""

import re
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from bot.approvals.decide import Reason
from bot.commands.lines import pscale_line
from bot.commands.model import ActOnWorkflow, CreateWorkflow
from bot.commands.parser import parse
from bot.kinds.workflow.asking import operation_of
from bot.operations import intake
from bot.operations.announce import has_card
from bot.operations.events import Event
from bot.operations.intake import Request
from bot.operations.model import BEFORE_SENDING, ENDED, Operation, State, Story
from bot.operations.ports import CardBoard, PrivateAnswer, Responder, Telling
from bot.operations.storage import repository, stories
from bot.operations.worker import Worker
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers.brief_answers import other_version_card
from bot.slack.cards.answers.private_answers import cannot_ask
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.forms.modals import say_why_view
from bot.slack.cards.operation import buttons
from bot.slack.delivery.slack_failures import failure_of
from bot.slack.errors import SLACK_FAILURES
from bot.slack.handlers.button_presses import DECIDING, Pressed, Presses
from bot.slack.slack_services import SlackServices
from bot.store.errors import CommitUnknownError, StoreError

log = structlog.stdlib.get_logger(__name__)

_USER = re.compile(r"[UW][A-Z0-9]+")
"""A Slack user's id."""


class ActionRequests:
    """Turns commands and presses into rows. Raises the errors of `bot.store.errors`."""

    def __init__(
        self, services: SlackServices, board: CardBoard, responder: Responder, worker: Worker
    ) -> None:
        """`worker`: woken once there is something new for it."""
        self._services = services
        self._board = board
        self._responder = responder
        self._worker = worker
        self._presses = Presses(services.database, services.home, services.clock)

    async def command(self, request: Request, command: ActOnWorkflow | CreateWorkflow) -> Message | None:
        """Take an action down and wake the worker; where nothing was written, how to go without it."""
        operation = operation_of(request, command, self._services.clock.now())
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
        self._worker.wake()
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
            await self._ask_someone(pressed)
        elif pressed.action_id.startswith(buttons.NEXT):
            return await self._next(pressed)
        else:
            log.warning("press_of_another_version", action=pressed.action_id)
            return other_version_card()
        return None

    async def _decide(self, pressed: Pressed) -> None:
        operation_id = await self._presses.take(pressed)
        if operation_id is None:
            return
        self._worker.wake()

    async def _again(self, pressed: Pressed) -> None:
        request, now = self._request(pressed), self._services.clock.now()
        await self._services.database.write(self._asked_again, pressed.value, request, now, repeatable=True)
        self._worker.wake()

    def _asked_again(
        self, connection: Connection, operation_id: str, request: Request, now: datetime
    ) -> Operation | None:
        fresh = intake.again(connection, operation_id, request, now)
        old = repository.load(connection, operation_id)
        if fresh and old and has_card(old):
            self._board.card(connection, old, now)
        return fresh

    async def _next(self, pressed: Pressed) -> Message | None:
        """A button that asks for another action: the line that it carries, through the same gate."""
        command = parse(pressed.value)
        ours = {None, *self._services.planetscale.names}
        if (
            isinstance(command, ActOnWorkflow)
            and command.database
            and command.number
            and command.organization in ours
        ):
            agreed_in = buttons.agreed_in(pressed.action_id)
            request = self._request(pressed, command.organization)
            request = replace(request, by_button=True, agreed_in=agreed_in)
            return await self.command(request, command)
        log.warning("press_not_understood", action=pressed.action_id)
        return other_version_card()

    async def reason(self, operation_id: str, user: str, text: str) -> None:
        """Keep why somebody denied, or why the requester asks."""
        await self._services.database.write(
            self._reasoned, operation_id, user, text, self._services.clock.now(), repeatable=True
        )

    def _reasoned(
        self, connection: Connection, operation_id: str, user: str, text: str, now: datetime
    ) -> None:
        after = stories.give_reason(connection, operation_id, user, text, now)
        if after and has_card(after):
            self._board.card(connection, after, now)

    async def _ask_someone(self, pressed: Pressed) -> None:
        """Mention one person in the card's thread; only the requester may."""
        operation_id = pressed.block_id.partition(":")[2]
        now = self._services.clock.now()
        refused = await self._services.database.write(
            self._asked_someone, operation_id, pressed.user_id, pressed.value, now, repeatable=True
        )
        if refused:
            self._services.tasks.spawn(self._refuse(pressed, *refused), "reply")

    def _asked_someone(
        self, connection: Connection, operation_id: str, presser: str, chosen: str, now: datetime
    ) -> tuple[str, Story] | None:
        """Why not, if there is nobody to ask any more, or it was not theirs to do."""
        story = stories.story(connection, operation_id)
        if story is None or not _USER.fullmatch(chosen):
            return None
        if story.operation.state is not State.WAITING:
            return _too_late(story.operation.state), story
        if not story.operation.was_asked_by(frozenset({presser})):
            return PrivateAnswer.NOT_THE_REQUESTER, story
        telling = Telling(Event.ASK_SOMEONE, in_thread=True, data={"about": chosen})
        self._board.tell(connection, story.operation, telling, now)
        return None

    def ask_why(self, pressed: Pressed) -> None:
        """Open the form for the requester's reason. A task: a form that fails is no loss."""
        self._services.tasks.spawn(self._ask_why(pressed), "open a form")

    async def _ask_why(self, pressed: Pressed) -> None:
        story = await self._services.database.read(stories.story, pressed.value)
        if story is None:
            return
        if not story.operation.was_asked_by(frozenset({pressed.user_id})):
            await self._refuse(pressed, PrivateAnswer.NOT_THE_REQUESTER, story)
            return
        view = say_why_view(story.operation.id, story.operation.reason)
        try:
            await self._services.client.views_open(trigger_id=pressed.trigger_id, view=view)
        except SLACK_FAILURES as error:
            log.warning("form_not_opened", error=failure_of(error).code)
            await self._refuse(pressed, PrivateAnswer.FORM_NOT_OPENED, story)

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


def _too_late(state: State) -> Reason:
    """Why nobody can be asked for an approval any more."""
    if state in ENDED:
        return Reason.ENDED_ALREADY
    return Reason.APPROVED_ALREADY if state in BEFORE_SENDING else Reason.RUNNING_ALREADY
