"""A line without its database: which there are, as far as whoever asks may read about them."""

from dataclasses import replace

from bot.commands.lines import chat_line
from bot.commands.model import (
    History,
    Mistake,
    OnDatabase,
    ReportWorkflow,
    ShowWorkflow,
    UnwatchWorkflow,
    WatchWorkflow,
)
from bot.planetscale.unseen import databases_seen
from bot.slack.cards.answers.brief_answers import mistake_card, which_database_card
from bot.slack.cards.blocks.addressing import addressed
from bot.slack.cards.blocks.rich import Message
from bot.slack.replies.private_replies import ReplyTo
from bot.slack.slack_services import SlackServices

Harmless = History | ReportWorkflow | ShowWorkflow | UnwatchWorkflow | WatchWorkflow
"""What a press may ask for without anything else being typed."""


class MissingDatabases:
    """Answers after the ack: who asks has to be looked up before any name is told."""

    def __init__(self, services: SlackServices) -> None:
        self._services = services

    async def answer(self, user_id: str, reply_to: ReplyTo, command: OnDatabase, mistake: Mistake) -> None:
        """What is missing, and the databases to choose from; only that to whoever may read about none."""
        organization = self._services.planetscale.named(command.organization)
        found = await self._readable(user_id, organization)
        if found:
            lines = [(name, chat_line(replace(command, database=name))) for name in found]
            message = which_database_card(mistake, found, lines if isinstance(command, Harmless) else ())
        else:
            message = mistake_card(mistake)
        message = addressed(message, organization, self._services.planetscale.default)
        await self._services.replies.send(reply_to, message)

    async def _readable(self, user_id: str, organization: str) -> list[str]:
        """Those that the token lists, else those that the bot is set up for."""
        readership = self._services.readership
        reader = await readership.reader(user_id, [organization])
        if isinstance(reader, Message):
            return []
        seen = await databases_seen(self._services.planetscale, organization)
        every = seen or self._services.databases.get(organization, ())
        return sorted(name for name in every if readership.reads(reader, organization, name))
