"""A pasted link of a workflow's page at PlanetScale: who serves writes and what comes next, under it.

Everybody in the channel sees that, so it is told only where everybody here may read it. A link that nothing
is told of is no loss: whoever pasted it did not ask.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import structlog

from bot.approvals.readers import readers
from bot.commands import names
from bot.commands.names import Thing
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers.brief_answers import noted
from bot.slack.cards.blocks.plainer import as_sections
from bot.slack.cards.blocks.rich import Block, Message
from bot.slack.codes import Trouble
from bot.slack.delivery.slack_failures import failure_of
from bot.slack.errors import SLACK_FAILURES
from bot.slack.handlers.once import Once
from bot.slack.handlers.questions import LONGEST, Questions
from bot.slack.handlers.router import AT_ONCE
from bot.slack.handlers.seen_events import SeenEvents, links_in, names_of
from bot.slack.payload import part, text
from bot.slack.replies.private_replies import Spot
from bot.slack.slack_services import SlackServices

log = structlog.stdlib.get_logger(__name__)

MOST: Final = 3
"""Of so many links of one message something is told."""
FOR_YOU: Final = "Only you see this: the policy names who may read about this database."

Told = dict[str, Message]
"""What is told of which address."""


class Unfurling:
    """Tells of links what everybody in the channel may read; to who pasted one, what only they may."""

    def __init__(self, services: SlackServices, questions: Questions) -> None:
        self._services = services
        self._questions = questions
        self._seen = SeenEvents(services.home)
        self._once = Once(services.database, services.clock)

    def pasted(self, body: Mapping[str, Any]) -> None:
        """Take a `link_shared` event, whatever stands in it and however often it is delivered."""
        event = part(body, "event")
        spot = Spot(text(event, "user"), text(event, "channel"), text(event, "thread_ts") or None)
        message = text(event, "message_ts")
        if not self._seen.first_time(body) or not (spot.user and message and _may_concern(body, spot)):
            return
        found = self._pages(event)
        if not found:
            return
        if self._services.tasks.count >= AT_ONCE:
            log.warning("links_not_told", count=len(found))
        else:
            tell = self._once.do(tuple(names_of(body)), partial(self._tell, spot, message, found))
            self._services.tasks.spawn(tell, "tell of a link")

    def _pages(self, event: Mapping[str, Any]) -> dict[str, WorkflowRef]:
        """The first links that are pages of workflows that this bot works for, each workflow once."""
        found: dict[str, WorkflowRef] = {}
        for url in links_in(event):
            ref = WorkflowRef.of_page(url)
            if ref and len(found) < MOST and ref not in found.values() and self._is_ours(ref):
                found[url] = ref
        return found

    def _is_ours(self, ref: WorkflowRef) -> bool:
        return ref.organization in self._services.planetscale.names and names.fits(
            Thing.DATABASE, ref.database
        )

    async def _tell(self, spot: Spot, message: str, pages: Mapping[str, WorkflowRef]) -> None:
        for_all: Told = {}
        for_one: Told = {}
        try:
            async with asyncio.timeout(LONGEST):
                for url, ref in pages.items():
                    await self._read(spot, url, ref, for_all, for_one)
        except TimeoutError:
            log.warning("link_not_told", error="took too long")
        if for_all:
            await self._unfurl(spot.channel, message, for_all)
        for answer in for_one.values():
            await self._services.replies.send(spot, noted(answer, [FOR_YOU]))

    async def _read(self, spot: Spot, url: str, ref: WorkflowRef, for_all: Told, for_one: Told) -> None:
        """Put it to what everybody there is told, or to what only who pasted it is; or to neither."""
        person = await self._services.readership.admit(spot.user, ref.organization, ref.database)
        if isinstance(person, Message) or not await self._services.approvers.only_ours(spot.channel):
            return
        open_to_all = readers(self._services.policy, ref.organization, ref.database).anybody
        terms = self._services.policy.terms_for(ref.organization, ref.database)
        try:
            told = await self._questions.in_brief(ref, hide_errors=open_to_all and terms.hide_errors)
        except PlanetScaleError as error:
            log.warning("link_not_told", error=error.kind.name)
            return
        (for_all if open_to_all else for_one)[url] = told

    async def _unfurl(self, channel: str, ts: str, told: Told) -> None:
        """Put it under the message; plainer, where Slack refuses the blocks."""
        forms: list[dict[str, list[Block]]] = [
            {url: list(message.blocks) for url, message in told.items()},
            {url: list(as_sections(message).blocks) for url, message in told.items()},
        ]
        for blocks in forms:
            unfurls = {url: {"blocks": shown} for url, shown in blocks.items()}
            try:
                await self._services.client.chat_unfurl(channel=channel, ts=ts, unfurls=unfurls)
            except SLACK_FAILURES as error:
                failure = failure_of(error)
                log.warning("unfurl_refused", error=failure.code, reasons=failure.reasons)
                if failure.trouble is not Trouble.CONTENT:
                    return
            else:
                return


def _may_concern(body: Mapping[str, Any], spot: Spot) -> bool:
    """Whether the message was sent, to a place that the bot knows, and that no other company sees.

    In the direct message with the bot the link is a question, and answered as one.
    """
    event = part(body, "event")
    sent = text(event, "source") in {"", "conversations_history"}
    inside = event.get("is_bot_user_member") is True and spot.channel[:1] in {"C", "G"}
    return sent and inside and body.get("is_ext_shared_channel") is False
