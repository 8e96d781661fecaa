"""The front desk: takes a typed line, answers at once what needs no look-up, and hands on the rest.

Nothing here is slow: it runs before Slack's ack.
"""

from dataclasses import dataclass

from bot.commands.grammar import BY_NAME
from bot.commands.help import help_page
from bot.commands.lines import pscale_command
from bot.commands.model import (
    ActOnWorkflow,
    Command,
    CreateWorkflow,
    Help,
    ListWorkflows,
    Mistake,
    SecretTyped,
    ShowWorkflow,
)
from bot.commands.parser import parse
from bot.slack.cards.answers import (
    foreign_card,
    mistake_card,
    not_here_card,
    other_organization_card,
    secret_card,
)
from bot.slack.cards.helping import help_card
from bot.slack.cards.rich import Message
from bot.slack.people import Home
from bot.slack.questions import Questions
from bot.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Asked:
    """Who typed a command, and where."""

    user_id: str
    team_id: str
    enterprise_id: str | None
    channel_id: str
    response_url: str


class Desk:
    """Turns a line into an answer now (`Message`) or later (`None`: a task answers)."""

    def __init__(self, home: Home, organization: str, questions: Questions, tasks: Tasks) -> None:
        self._home = home
        self._organization = organization
        self._questions = questions
        self._tasks = tasks
        self._help = {topic: help_card(help_page(topic)) for topic in (None, *BY_NAME)}

    def take(self, asked: Asked, text: str) -> Message | None:
        """The answer to `text`, if it can be given without asking anybody."""
        if not self._home.sent(asked.team_id, asked.enterprise_id):
            return foreign_card()
        match parse(text):
            case SecretTyped():
                return secret_card()
            case Mistake() as mistake:
                return mistake_card(mistake)
            case Help(topic=topic, notes=notes):
                return help_card(help_page(topic), notes) if notes else self._help[topic]
            case Command(organization=organization) if organization not in {None, self._organization}:
                return other_organization_card(organization or "", self._organization)
            case ListWorkflows() | ShowWorkflow() as question:
                answer = self._questions.answer(asked.user_id, asked.response_url, question)
                self._tasks.spawn(answer, "question")
                return None
            case ActOnWorkflow() | CreateWorkflow() as action:
                return not_here_card(pscale_command(action))
            case _:
                return not_here_card(None)
