"""What is said to the bot in a message: it is mentioned in a channel or a thread, or written to directly.

Slack delivers these as events, which nobody waits for: more than once, late, and also those that this bot
caused itself. Nothing is changed by any of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog

from bot.commands.lines import chat_line
from bot.commands.model import ShowWorkflow
from bot.commands.spoken import Spoken, said_alone, said_to
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers.brief_answers import apology, foreign_card, too_many_card, who_are_you_card
from bot.slack.cards.blocks.rich import Message
from bot.slack.directory import Home, MemberStanding
from bot.slack.handlers.once import Once
from bot.slack.handlers.router import AT_ONCE, AskedBy, Router
from bot.slack.handlers.seen_events import SeenEvents, names_of
from bot.slack.payload import part, text
from bot.slack.replies.private_replies import Spot
from bot.slack.slack_services import SlackServices

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a person, from an event."""

    spot: Spot
    text: str


class Passing:
    """Answers what is said in messages, to whoever said it, where they said it."""

    def __init__(self, services: SlackServices, router: Router) -> None:
        self._services = services
        self._router = router
        self._seen = SeenEvents(services.home)
        self._once = Once(services.database, services.clock)

    def mentioned(self, body: Mapping[str, Any]) -> None:
        """Take an `app_mention` event, whatever stands in it and however often it is delivered."""
        said = self._seen.first_time(body) and said_in(body, self._services.home)
        if said:
            spoken = said_to(self._services.home.bot_user_id, said.text)
            self._answer_later(said.spot, spoken, body)

    def said(self, body: Mapping[str, Any]) -> None:
        """The same for a `message` event. Only what a person writes to the bot alone is for it."""
        said = self._seen.first_time(body) and said_in(body, self._services.home)
        if not said or not said.spot.alone:
            return
        spoken = said_alone(self._services.home.bot_user_id, said.text)
        if spoken.line:
            self._answer_later(said.spot, spoken, body)

    def _answer_later(self, spot: Spot, spoken: Spoken, body: Mapping[str, Any]) -> None:
        if self._services.tasks.count >= AT_ONCE:
            self._router.reply_later(spot, too_many_card())
        else:
            answer = self._once.do(tuple(names_of(body)), partial(self._answer, spot, spoken))
            self._services.tasks.spawn(answer, "answer to a message")

    async def _answer(self, spot: Spot, spoken: Spoken) -> None:
        try:
            message = await self._answer_to(spot, spoken)
        except Exception:
            log.exception("message_not_answered")  # the task's edge: the person is answered whatever happens
            message = apology()
        if message:
            await self._services.replies.send(spot, message)

    async def _answer_to(self, spot: Spot, spoken: Spoken) -> Message | None:
        """An event does not say of whom it is: they are looked up, also for what everybody here may read."""
        standing = await self._services.readership.standing(spot.user)
        if standing is None:
            return who_are_you_card()
        if standing in {MemberStanding.BOT, MemberStanding.DEACTIVATED}:
            return None
        if standing is MemberStanding.FOREIGN:
            return foreign_card()
        home = self._services.home
        asked = AskedBy(
            user_id=spot.user,
            team_id=home.team_id,
            enterprise_id=home.enterprise_id,
            channel_id=spot.channel,
            trigger_id=None,
            response_url="",
            spot=spot,
        )
        return await self._router.in_passing(asked, _of_page(spoken))


def _of_page(spoken: Spoken) -> Spoken:
    """Whoever says nothing but the address of a workflow's page wants to see the workflow."""
    ref = WorkflowRef.of_page(spoken.line)
    if ref is None:
        return spoken
    asked = ShowWorkflow(organization=ref.organization, database=ref.database, number=ref.number)
    return replace(spoken, line=chat_line(asked))


def said_in(body: Mapping[str, Any], home: Home) -> Said | None:
    """What a person wrote: no bot's message, no edit, and nothing that Slack says of a message."""
    event = part(body, "event")
    user, channel, ts = text(event, "user"), text(event, "channel"), text(event, "ts")
    by_a_bot = event.get("bot_id") or event.get("bot_profile") or user == home.bot_user_id
    if by_a_bot or event.get("subtype") or event.get("edited") or not (user and channel and ts):
        return None
    thread = text(event, "thread_ts")
    return Said(Spot(user, channel, thread if thread not in {"", ts} else None), text(event, "text"))
