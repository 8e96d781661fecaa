"""Leads each command and press to its handler; answers at once what needs no look-up.

It runs before Slack's ack: parsing, rendering, and at most one transaction.
"""

from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog

from bot.commands.help import help_page
from bot.commands.leaving_out import with_database
from bot.commands.model import (
    CHANGING,
    ActionName,
    ActOnWorkflow,
    Approvals,
    Command,
    CreateWorkflow,
    Format,
    Help,
    History,
    ListWorkflows,
    Mistake,
    OnDatabase,
    ReportWorkflow,
    SecretTyped,
    ShowWorkflow,
    Start,
    UnwatchWorkflow,
    WatchWorkflow,
)
from bot.commands.parser import parse
from bot.commands.spoken import Spoken
from bot.operations.intake import Request
from bot.slack.cards.answers.brief_answers import (
    foreign_card,
    mistake_card,
    other_organization_card,
    other_version_card,
    secret_card,
    too_many_card,
    type_it_card,
)
from bot.slack.cards.answers.help_answers import help_card, notes_card
from bot.slack.cards.answers.history import TURN
from bot.slack.cards.answers.run_buttons import REFRESH, RUN
from bot.slack.cards.blocks.rich import Block, Message
from bot.slack.cards.forms.offering import database_in, is_bare, offer_card, organization_in
from bot.slack.cards.operation import buttons
from bot.slack.cards.watch.live_buttons import MENU
from bot.slack.cards.workflow.share import SHARE
from bot.slack.handlers.action_requests import ActionRequests
from bot.slack.handlers.button_presses import Pressed
from bot.slack.handlers.explanations import Explanations, Pointed
from bot.slack.handlers.forms.creating import CreateForm
from bot.slack.handlers.missing_database import MissingDatabases
from bot.slack.handlers.once import Once
from bot.slack.handlers.questions import Questions
from bot.slack.handlers.records import BEHIND, Records
from bot.slack.handlers.sharing import Sharing
from bot.slack.handlers.watch_commands import WatchCommands
from bot.slack.replies.private_replies import ReplyTo, Spot
from bot.slack.slack_services import SlackServices

log = structlog.stdlib.get_logger(__name__)

AT_ONCE = 100
"""Questions under way at the same time; beyond that people are asked to try again."""
REMEMBERED = 2_000
"""Triggers of questions that are remembered, to know a repeated delivery."""


@dataclass(frozen=True, slots=True)
class AskedBy:
    """Who typed a command, and where."""

    user_id: str
    team_id: str
    enterprise_id: str | None
    channel_id: str
    trigger_id: str | None
    response_url: str
    spot: Spot | None = None
    """Where it was asked, if in a message or in a thread: a `response_url` answers in the channel."""

    @property
    def reply_to(self) -> ReplyTo:
        """Where the answer goes."""
        return self.spot or self.response_url


class Router:
    """Turns a line or a press into an answer now (`Message`) or later (`None`)."""

    def __init__(
        self,
        services: SlackServices,
        *,
        actions: ActionRequests,
        form: CreateForm,
        questions: Questions,
        records: Records,
        watches: WatchCommands,
        sharing: Sharing,
        explanations: Explanations,
    ) -> None:
        """Each handler answers for itself, in tasks or in one transaction."""
        self._services = services
        self._planetscale = services.planetscale
        self._tasks = services.tasks
        self._actions = actions
        self._form = form
        self._questions = questions
        self._records = records
        self._watches = watches
        self._sharing = sharing
        self._explanations = explanations
        self._missing = MissingDatabases(services)
        self._recent: deque[str] = deque(maxlen=REMEMBERED)
        self._once = Once(services.database, services.clock)

    async def take(self, asked: AskedBy, text: str) -> Message | None:
        """The answer to a typed line, if it can be given at once. Raises the errors of `bot.store.errors`."""
        if not self._services.home.sent(asked.team_id, asked.enterprise_id):
            return foreign_card()
        match parse(text):
            case SecretTyped(flag=flag):
                return secret_card(flag)
            case Mistake() as mistake:
                return await self._mistaken(asked, text, mistake)
            case Help(topic=topic, notes=notes):
                return help_card(help_page(topic), notes)
            case Command(organization=organization) if self._is_foreign(organization):
                return other_organization_card(organization or "")
            case OnDatabase() as command:
                organization = self._planetscale.named(command.organization)
                filled = with_database(command, self._services.databases.get(organization, ()))
                if isinstance(filled, Mistake):
                    return self._which_database(asked, command, filled)
                return await self._carry_out(asked, filled) or _noted(filled)
            case Command() as command:
                return await self._carry_out(asked, command) or _noted(command)

    async def in_passing(self, asked: AskedBy, spoken: Spoken) -> Message | None:
        """The answer to what was said in a message. Only what reads is carried out; `None`: nothing to say.

        Of what stands in the middle of a sentence, only what is understood is answered.
        """
        secret, command = parse(spoken.whole), parse(spoken.line)
        if isinstance(secret, SecretTyped):
            return secret_card(secret.flag)
        if isinstance(command, Mistake | Start) and not spoken.first:
            return None
        if isinstance(command, CHANGING):
            return type_it_card(command, in_thread=bool(asked.spot and asked.spot.thread))
        if is_bare(spoken.line):
            return offer_card(Mistake("A form cannot open from a message."), spoken.line)
        return await self.take(asked, spoken.line)

    def _which_database(self, asked: AskedBy, command: OnDatabase, mistake: Mistake) -> Message | None:
        """The databases there are, once it is known who asks; at once only that one is missing."""
        if self._is_repeated(asked.trigger_id):
            return None
        if self._tasks.count >= AT_ONCE:
            return mistake_card(mistake)
        answer = partial(self._missing.answer, asked.user_id, asked.reply_to, command, mistake)
        self._later(asked.trigger_id, answer, "name the databases")
        return None

    def _is_foreign(self, organization: str | None) -> bool:
        """Whether a name typed with `--org` is none that the bot works for."""
        return organization is not None and organization not in self._planetscale.names

    async def _mistaken(self, asked: AskedBy, text: str, mistake: Mistake) -> Message | None:
        """What was wrong; for a `create` that says too little, the form that asks for the rest."""
        organization = organization_in(text)
        if self._is_foreign(organization):
            return other_organization_card(organization or "")
        if is_bare(text):
            return await self._form.open(asked, database_in(text), organization=organization)
        return offer_card(mistake, text) if mistake.topic == ActionName.CREATE else mistake_card(mistake)

    async def _carry_out(self, asked: AskedBy, command: Command) -> Message | None:
        match command:
            case CreateWorkflow(interactive=True, database=database, branch=branch):
                return await self._form.open(asked, database, branch, command, command.organization)
            case CreateWorkflow() | ActOnWorkflow():
                return await self._actions.command(self._request(asked, command), command)
            case _ if self._is_repeated(asked.trigger_id):
                return None
            case _ if self._tasks.count >= AT_ONCE:
                return too_many_card()
            case _:
                answer = partial(self._answer, asked, command)
                self._later(asked.trigger_id, answer, f"answer to {type(command).__name__}")
                return None

    async def _answer(self, asked: AskedBy, command: Command) -> None:
        """What is told later, to whoever asked."""
        match command:
            case ListWorkflows() | ShowWorkflow():
                if command.format is Format.MARKDOWN:  # it says itself that this has no effect
                    command = replace(command, format=Format.HUMAN)
                await self._questions.answer(asked.user_id, asked.reply_to, command)
            case History():
                await self._records.histories.answer(asked.user_id, asked.reply_to, command)
            case ReportWorkflow():
                await self._records.reports.answer(asked.user_id, asked.reply_to, command)
            case Start() | Approvals():
                await self._records.answer(asked.user_id, asked.reply_to, command)
            case WatchWorkflow() | UnwatchWorkflow():
                await self._watches.command(asked.user_id, asked.channel_id, asked.response_url, command)
            case _:
                raise AssertionError(command)

    def _request(self, asked: AskedBy, command: Command) -> Request:
        return Request(
            requester=asked.user_id,
            team_id=asked.team_id,
            channel=asked.channel_id,
            trigger_id=asked.trigger_id,
            organization=self._planetscale.named(command.organization),
            reply_to=asked.response_url or None,
        )

    def _is_repeated(self, trigger_id: str | None) -> bool:
        """Whether this very command or press was delivered to this process before: it is being answered, or
        was.
        """
        if not trigger_id or trigger_id in self._recent:
            return bool(trigger_id)
        self._recent.append(trigger_id)
        return False

    def _later(
        self, trigger_id: str | None, work: Callable[[], Coroutine[Any, Any, None]], name: str
    ) -> None:
        """Do it after the ack, unless another process does, or did."""
        self._tasks.spawn(self._once.do((trigger_id,) if trigger_id else (), work), name)

    async def press(self, pressed: Pressed) -> Message | None:
        """Take a press down. Raises the errors of `bot.store.errors`."""
        if not self._services.home.sent(pressed.team_id, pressed.enterprise_id):
            return foreign_card()
        if pressed.action_id.startswith(RUN):
            return await self._run(pressed)
        if answer := self._answer_to(pressed.action_id):
            if not self._is_repeated(pressed.trigger_id):
                self._later(pressed.trigger_id, partial(answer, pressed), "answer a press")
        elif pressed.action_id == buttons.SAY_WHY:
            self._actions.reasons.ask_afterwards(pressed)
        else:
            return await self._actions.press(pressed)
        return None

    def _answer_to(self, action_id: str) -> Callable[[Pressed], Coroutine[Any, Any, None]] | None:
        """What answers a press after its ack, once however often it is delivered."""
        if action_id.startswith(TURN):
            return self._records.histories.turn
        if action_id in BEHIND:
            return self._behind
        answers = {REFRESH: self._questions.refresh, SHARE: self._sharing.share, MENU: self._watches.chosen}
        return answers.get(action_id)

    async def _behind(self, pressed: Pressed) -> None:
        where = (pressed.user_id, pressed.response_url)
        await self._records.behind(*where, pressed.action_id, pressed.value)

    async def _run(self, pressed: Pressed) -> Message | None:
        """The line that a button carries, as if its presser had typed it. A forced one is only typed."""
        command = parse(pressed.value)
        if not isinstance(command, Command) or (isinstance(command, ActOnWorkflow) and command.force):
            log.warning("line_not_understood")
            return other_version_card()
        thread = pressed.thread_ts
        asked = AskedBy(
            user_id=pressed.user_id,
            team_id=pressed.team_id,
            enterprise_id=pressed.enterprise_id,
            channel_id=pressed.channel_id,
            trigger_id=pressed.trigger_id,
            response_url=pressed.response_url,
            spot=Spot(pressed.user_id, pressed.channel_id, thread) if thread else None,
        )
        message = await self.take(asked, pressed.value)
        if message and asked.spot:
            self.reply_later(asked.spot, message)
            return None
        return message

    async def whom_to_ask(self, body: Mapping[str, Any]) -> list[Block]:
        """What *Ask someone* offers. It is asked for before the ack, which carries the answer."""
        return await self._actions.whom_to_ask(body)

    async def explain(self, pointed: Pointed) -> Message | None:
        """Explain a message that somebody points at. Slack gives three seconds from their click."""
        if self._services.home.sent(pointed.team_id, pointed.enterprise_id):
            self._tasks.spawn(self._explanations.explain(pointed), "explain a message")
        return None

    async def reason(self, operation_id: str, user: str, text: str) -> str | None:
        """Keep why somebody denied, or why the requester asks; what is wrong with it, if anything."""
        return await self._actions.reasons.said_afterwards(operation_id, user, text)

    async def because(self, held: Pressed | None, text: str) -> str | None:
        """Take a press down whose reason was asked for first; what is wrong with it, if anything."""
        if held is None or not self._services.home.sent(held.team_id, held.enterprise_id):
            log.warning("form_not_understood")
            return foreign_card().plain if held else other_version_card().plain
        return await self._actions.because(held, text)

    def reply_later(self, reply_to: ReplyTo, message: Message) -> None:
        """Tell somebody something after the ack, which can carry no words for a press or an event."""
        if reply_to:
            self._tasks.spawn(self._records.reply(reply_to, message), "reply")


def _noted(command: Command) -> Message | None:
    """What is said at once of flags without effect; answers that come later say it themselves."""
    told_later = isinstance(command, ListWorkflows | ShowWorkflow | ReportWorkflow)
    return notes_card(command.notes) if command.notes and not told_later else None
