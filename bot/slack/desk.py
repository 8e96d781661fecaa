"""The front desk: answers at once what needs no look-up, takes actions and presses down, hands on the rest.

It runs before Slack's ack: parsing, rendering, and at most one transaction.
"""

from collections import deque
from dataclasses import dataclass

from bot.commands.grammar import BY_NAME
from bot.commands.help import help_page
from bot.commands.model import (
    ActOnWorkflow,
    Approvals,
    Command,
    CreateWorkflow,
    Help,
    History,
    ListWorkflows,
    Mistake,
    SecretTyped,
    ShowWorkflow,
)
from bot.commands.parser import parse
from bot.operations.intake import Request
from bot.slack.acting import Acting
from bot.slack.cards import buttons
from bot.slack.cards.answers import (
    foreign_card,
    mistake_card,
    other_organization_card,
    secret_card,
    too_many_card,
)
from bot.slack.cards.helping import help_card
from bot.slack.cards.refusals import no_form_card, no_watching_card
from bot.slack.cards.rich import Message
from bot.slack.people import Home
from bot.slack.presses import Pressed
from bot.slack.questions import Questions
from bot.slack.records import BEHIND, Records
from bot.tasks import Tasks

AT_ONCE = 100
"""Questions under way at the same time; beyond that people are asked to try again."""
REMEMBERED = 2_000
"""Triggers of questions that are remembered, to know a repeated delivery."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who typed a command, and where."""

    user_id: str
    team_id: str
    enterprise_id: str | None
    channel_id: str
    trigger_id: str | None
    response_url: str


@dataclass(frozen=True, slots=True)
class Readers:
    """Who answers questions: about PlanetScale's workflows, and about the bot's own rows."""

    questions: Questions
    records: Records


class Desk:
    """Turns a line or a press into an answer now (`Message`) or later (`None`)."""

    def __init__(
        self,
        home: Home,
        organization: str,
        readers: Readers,
        acting: Acting,
        tasks: Tasks,
    ) -> None:
        self._home = home
        self._organization = organization
        self._readers = readers
        self._acting = acting
        self._tasks = tasks
        self._recent: deque[str] = deque(maxlen=REMEMBERED)
        self._help = {topic: help_card(help_page(topic)) for topic in (None, *BY_NAME)}

    async def take(self, asked: Asked, text: str) -> Message | None:
        """The answer to a typed line, if it can be given at once. Raises the errors of `bot.store.errors`."""
        if not self._home.sent(asked.team_id, asked.enterprise_id):
            return foreign_card()
        match parse(text):
            case SecretTyped(flag=flag):
                return secret_card(flag)
            case Mistake() as mistake:
                return mistake_card(mistake)
            case Help(topic=topic, notes=notes):
                return help_card(help_page(topic), notes) if notes else self._help[topic]
            case Command(organization=organization) if organization not in {None, self._organization}:
                return other_organization_card(organization or "")
            case Command() as command:
                return await self._carry_out(asked, command)

    async def _carry_out(self, asked: Asked, command: Command) -> Message | None:
        match command:
            case ListWorkflows() | ShowWorkflow() | Approvals() | History() if self._is_repeated(asked):
                return None
            case ListWorkflows() | ShowWorkflow() | Approvals() | History() if self._tasks.count >= AT_ONCE:
                return too_many_card()
            case ListWorkflows() | ShowWorkflow():
                answer = self._readers.questions.answer(asked.user_id, asked.response_url, command)
                self._tasks.spawn(answer, "question")
                return None
            case Approvals() | History():
                answer = self._readers.records.answer(asked.user_id, asked.response_url, command)
                self._tasks.spawn(answer, "question about the records")
                return None
            case CreateWorkflow() if not _is_complete(command):
                return no_form_card()
            case CreateWorkflow() | ActOnWorkflow():
                request = Request(
                    requester=asked.user_id,
                    team_id=asked.team_id,
                    channel=asked.channel_id,
                    trigger_id=asked.trigger_id,
                    organization=self._organization,
                    reply_to=asked.response_url or None,
                )
                await self._acting.command(request, command)
                return None
            case _:
                return no_watching_card()

    def _is_repeated(self, asked: Asked) -> bool:
        """Whether this very command was delivered before: its question is being answered, or was."""
        if asked.trigger_id is None or asked.trigger_id in self._recent:
            return asked.trigger_id is not None
        self._recent.append(asked.trigger_id)
        return False

    async def press(self, pressed: Pressed) -> Message | None:
        """Take a press down. Raises the errors of `bot.store.errors`."""
        if not self._home.sent(pressed.team_id, pressed.enterprise_id):
            return foreign_card()
        if pressed.action_id in BEHIND:
            look = self._readers.records.behind(
                pressed.user_id, pressed.response_url, pressed.action_id, pressed.value
            )
            self._tasks.spawn(look, "look behind a button")
        elif pressed.action_id == buttons.SAY_WHY:
            self._acting.ask_why(pressed)
        else:
            await self._acting.press(pressed)
        return None

    async def reason(self, operation_id: str, user: str, text: str) -> Message | None:
        """Keep why somebody denied, or why the requester asks."""
        await self._acting.reason(operation_id, user, text)
        return None

    def reply_later(self, response_url: str, message: Message) -> None:
        """Tell the presser something after the ack, which can carry no words for a press."""
        if response_url:
            self._tasks.spawn(self._readers.records.reply(response_url, message), "reply")


def _is_complete(command: CreateWorkflow) -> bool:
    return bool(command.name and command.source_keyspace and command.target_keyspace and command.tables)
