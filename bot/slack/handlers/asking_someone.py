"""*Ask someone*: whom the requester can choose, and the one who was chosen.

Who may not approve is not asked: that is found out before anything is written down.
"""

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from bot.approvals.decide import Reason, cannot_count
from bot.approvals.groups import unread_groups
from bot.approvals.people import NamedPeople
from bot.operations.events import Event
from bot.operations.model import BEFORE_SENDING, ENDED, State, Story
from bot.operations.ports import CardBoard, Known, PrivateAnswer, Responder, Telling
from bot.operations.steps.candidates import Candidates, candidates
from bot.operations.steps.consent import case_of
from bot.operations.steps.lookup import look_up
from bot.operations.storage import stories
from bot.runtime.log_context import from_now_about
from bot.slack.cards.answers.asking_answers import nobody_asked, nobody_offered
from bot.slack.cards.blocks.rich import Block
from bot.slack.cards.forms.elements import MOST_OPTIONS, option
from bot.slack.cards.forms.fields import NOTHING
from bot.slack.cards.operation.buttons import ASK_SOMEONE
from bot.slack.handlers.button_presses import Pressed
from bot.slack.payload import enterprise_of, part, text
from bot.slack.slack_services import SlackServices
from bot.store.errors import StoreError

log = structlog.stdlib.get_logger(__name__)

OFFERED_WITHIN: Final = 2.0
"""Seconds; Slack shows nothing after three."""
LOOKED_UP_WITHIN: Final = 1.5
"""Seconds: the choice is acknowledged after it was written down, within Slack's three."""
FRESH_FOR: Final = 60.0
"""Seconds for which the same people are offered; who is chosen is looked up anew."""
KEPT: Final = 100
"""Of so many requests it is remembered whom to offer."""

_USER: Final = re.compile(r"[UW][A-Z0-9]+")
"""A Slack user's id."""
_TRY_AGAIN: Final = "Slack did not say in time who may approve. Try again in a minute."


class AskSomeone:
    """For one process: what is offered is remembered for a minute, what is asked is a row."""

    def __init__(self, services: SlackServices, board: CardBoard, responder: Responder) -> None:
        self._services = services
        self._board = board
        self._responder = responder
        self._offered: dict[str, tuple[float, Candidates]] = {}

    async def options(self, body: Mapping[str, Any], within: float = OFFERED_WITHIN) -> list[Block]:
        """Who may approve, by the letters typed so far; else one option that says why there is nobody."""
        if not self._services.home.sent(text(part(body, "team"), "id"), enterprise_of(body)):
            return []
        try:
            async with asyncio.timeout(within):
                found = await self._options(body)
        except (TimeoutError, StoreError):
            found = _TRY_AGAIN
        if isinstance(found, str):
            return [option(NOTHING, found)]
        return [option(one.person.id, one.name) for one in found[:MOST_OPTIONS]]

    async def _options(self, body: Mapping[str, Any]) -> list[Known] | str:
        story = await self._services.database.read(stories.story, _operation_id(text(body, "block_id")))
        if story is None or story.operation.state is not State.WAITING:
            return nobody_offered(None)
        user = text(part(body, "user"), "id")
        if not story.operation.was_asked_by(frozenset({user})):
            return nobody_offered(story.operation.called(story.operation.requester))
        found = await self._candidates(story)
        approved = {story.operation.identity(one.user) for one in story.approved_by}
        able = [one for one in found.able if not approved & one.person.ids]
        typed = text(body, "value").strip().casefold()
        fitting = sorted((one for one in able if typed in one.name.casefold()), key=lambda one: one.name)
        if not able:
            return _TRY_AGAIN if found.doubted else nobody_offered(None)
        return fitting

    async def _candidates(self, story: Story) -> Candidates:
        now, operation = self._services.clock.monotonic(), story.operation
        held = self._offered.get(operation.id)
        if held and now - held[0] < FRESH_FOR:
            return held[1]
        found = await candidates(self._services.approvers, operation)
        while len(self._offered) >= KEPT:
            self._offered.pop(next(iter(self._offered)))
        if not found.doubted:
            self._offered[operation.id] = (now, found)
        return found

    async def chosen(self, pressed: Pressed) -> None:
        """Ask one person, in the card's thread and in a direct message; only the requester may.

        Raises the errors of `bot.store.errors`.
        """
        if not _USER.fullmatch(pressed.value):
            return
        operation_id = _operation_id(pressed.block_id)
        from_now_about(operation_id)
        story = await self._services.database.read(stories.story, operation_id)
        if story is None:
            return
        refused = _refusal(story, pressed.user_id)
        detail = None if refused else await self._why_not(story, pressed.value)
        if detail:
            refused = PrivateAnswer.NOBODY_ASKED
        if not refused:
            now = self._services.clock.now()
            ids = (story.operation.id, pressed.user_id, pressed.value)
            answer = await self._services.database.write(self._asked, *ids, now, repeatable=True)
            refused, story = answer or (None, story)
        if refused and pressed.response_url:
            self._services.tasks.spawn(self._refuse(pressed, refused, story, detail), "reply")

    async def _refuse(self, pressed: Pressed, why: str, story: Story, detail: str | None) -> None:
        await self._responder.tell(pressed.response_url, why, story, detail)

    async def _why_not(self, story: Story, chosen: str) -> str | None:
        """Why they cannot approve, as a sentence for the requester; `None` if they can."""
        operation, named = story.operation, NamedPeople.of(story.operation.approvers)
        known = await look_up(self._services.approvers, chosen, named, within=LOOKED_UP_WITHIN)
        case = case_of(operation, story.decisions)
        reason = cannot_count(case, known.person)
        if reason is None and known.person.ids.intersection(case.approved_by):
            reason = Reason.COUNTED_ALREADY
        if reason is Reason.GROUP_UNREAD:
            return nobody_asked(unread_groups(named.unread_by(known.person)))
        return reason and nobody_asked(reason, known.name)

    def _asked(
        self, connection: Connection, operation_id: str, presser: str, chosen: str, now: datetime
    ) -> tuple[Reason | PrivateAnswer, Story] | None:
        """Why not, if it was decided meanwhile."""
        story = stories.story(connection, operation_id)
        if story is None:
            return None
        refused = _refusal(story, presser)
        if refused:
            return refused, story
        operation, about = story.operation, {"about": chosen}
        link = {"link": self._board.link(connection, operation.id)}
        in_thread = Telling(Event.ASK_SOMEONE, in_thread=True, data=about)
        directly = Telling(Event.ASK_SOMEONE, in_thread=False, data=about | link, to=chosen)
        for telling in (in_thread, directly):
            self._board.tell(connection, operation, telling, now)
        return None


def _operation_id(block_id: str) -> str:
    """The picker carries no value: its row says what it is about."""
    return block_id.removeprefix(f"{ASK_SOMEONE}:")


def _refusal(story: Story, presser: str) -> Reason | PrivateAnswer | None:
    """Why nobody can be asked any more, or that it is not theirs to do."""
    state = story.operation.state
    if state in ENDED:
        return Reason.ENDED_ALREADY
    if state is not State.WAITING:
        return Reason.APPROVED_ALREADY if state in BEFORE_SENDING else Reason.RUNNING_ALREADY
    mine = story.operation.was_asked_by(frozenset({presser}))
    return None if mine else PrivateAnswer.NOT_THE_REQUESTER
