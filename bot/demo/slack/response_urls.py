"""`response_url`: a reply to what somebody did, five times within thirty minutes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.demo.slack.arguments import Arguments
from bot.demo.slack.chat_methods import draft_of
from bot.demo.slack.model import BOT_USER, Json, Message, SlackError
from bot.demo.slack.world import World

USES = 5
SECONDS = 30 * 60.0


@dataclass(slots=True)
class Ticket:
    """What one `response_url` stands for."""

    user: str
    channel: str
    until: float
    message: Message | None = None
    """The message that was pressed, if it was one."""
    uses: int = 0


class ResponseUrls:
    """The tickets that were given out."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tickets: dict[str, Ticket] = {}

    def new(self, user: str, channel: str, message: Message | None = None) -> str:
        """A URL for a reply."""
        name = f"R{self._world.number():08d}"
        until = self._world.clock.monotonic() + SECONDS
        self._tickets[name] = Ticket(user, channel, until, message)
        return f"{self._world.public_url}/response/{name}"

    def use(self, name: str, body: Mapping[str, Any]) -> Json:
        """Do what the reply says. Raises `SlackError`; a refused reply counts as a use."""
        ticket = self._tickets.get(name)
        if ticket is None or self._world.clock.monotonic() > ticket.until:
            raise SlackError("expired_url")
        if ticket.uses >= USES:
            raise SlackError("used_url")
        ticket.uses += 1
        arguments = Arguments(body)
        original = ticket.message if ticket.message in self._world.messages else None
        if arguments.flag("delete_original"):
            if original:
                self._world.remove(original)
            return {"ok": True}
        draft = draft_of(arguments)
        draft.check()
        if arguments.flag("replace_original") and original:
            self._world.edit(original, draft)
        else:
            self.show(ticket.user, ticket.channel, body)
        return {"ok": True}

    def show(self, user: str, channel: str, body: Mapping[str, Any]) -> Message:
        """Post a reply where it was asked: to this person only, unless it says `in_channel`."""
        arguments = Arguments(body)
        draft = draft_of(arguments)
        draft.check()
        private = arguments.text("response_type", "ephemeral") != "in_channel"
        place = self._world.channels[channel]
        return self._world.post(place, BOT_USER, draft, only_for=user if private else None)
