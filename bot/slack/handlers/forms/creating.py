"""The create form: opened by a command or a button, filled as its choices are made, submitted."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

import structlog

from bot.commands import names
from bot.commands.model import CreateWorkflow
from bot.commands.names import Thing
from bot.operations.services import Services
from bot.operations.steps.assessment import Assessor
from bot.operations.steps.eligibility import Eligibility
from bot.slack.cards.answers.brief_answers import foreign_card, other_organization_card, other_version_card
from bot.slack.cards.blocks.rich import Block, Message
from bot.slack.cards.forms.draft import Draft, FormOrigin, draft_of
from bot.slack.cards.forms.fields import AGAIN, ELSEWHERE, OPEN, Field, draft_in, subject_of
from bot.slack.cards.forms.offering import (
    database_in,
    draft_typed,
    not_opened_card,
    organization_in,
    place_in,
    typed_in,
)
from bot.slack.cards.forms.views import reading_view
from bot.slack.handlers.action_requests import ActionRequests
from bot.slack.handlers.button_presses import pressed_of
from bot.slack.handlers.forms.admission import Admission
from bot.slack.handlers.forms.catalogue import Catalogues
from bot.slack.handlers.forms.filling import FormFiller
from bot.slack.handlers.forms.form_payload import FormSender, action_of, origin_in, sender_of
from bot.slack.handlers.forms.searching import OptionSearch
from bot.slack.handlers.forms.submitting import CHECK_WITHIN, FormSubmission
from bot.slack.handlers.forms.window import NotOpenedError, Windows
from bot.slack.payload import part, text
from bot.slack.slack_services import SlackServices

log = structlog.stdlib.get_logger(__name__)

_MOVING: Final = frozenset({Field.DATABASE, Field.BRANCH, AGAIN})
"""What may lead to another place, or has to be looked at again."""


class Asker(Protocol):
    """Who asks for the form, and where: what a typed command and a press have in common."""

    @property
    def user_id(self) -> str: ...
    @property
    def team_id(self) -> str: ...
    @property
    def enterprise_id(self) -> str | None: ...
    @property
    def channel_id(self) -> str: ...
    @property
    def trigger_id(self) -> str | None: ...
    @property
    def response_url(self) -> str: ...


class CreateForm:
    """Each method returns what the ack says, within Slack's three seconds whatever PlanetScale does.

    The form itself is kept by Slack, in the view: any process can go on with it, and two people with a form
    open have nothing in common but the short memory of what there is to choose from.
    """

    def __init__(self, services: SlackServices, operations: Services, actions: ActionRequests) -> None:
        self._services = services
        self._catalogues = Catalogues(services.planetscale, services.clock, services.tasks)
        self._windows = Windows(services.client)
        admission = Admission(Eligibility(operations), services)
        self._filler = FormFiller(self._catalogues, admission)
        self._search = OptionSearch(self._catalogues, admission, services.home)
        self._submission = FormSubmission(
            services, Assessor(operations), actions, admission, self._catalogues, self._fill
        )

    async def open(
        self,
        asked: Asker,
        database: str | None = None,
        branch: str | None = None,
        prefill: CreateWorkflow | None = None,
        organization: str | None = None,
        draft: Draft | None = None,
    ) -> Message | None:
        """Open the form, after the ack, filled with what was typed. A message instead, if it cannot be.

        `draft`: what was typed, where it does not say on which branch.
        """
        if not self._services.home.sent(asked.team_id, asked.enterprise_id):
            return foreign_card()
        if not asked.trigger_id:
            return not_opened_card()
        origin = FormOrigin(
            channel=asked.channel_id,
            reply_to=asked.response_url,
            organization=self._catalogues.told(organization or ""),
            database=database or "",
            branch=(branch or "") if database else "",
            draft=draft_of(prefill) if prefill else draft or Draft(),
        )
        self._services.tasks.spawn(self._open(asked, asked.trigger_id, origin), "open a form")
        return None

    async def _open(self, asked: Asker, trigger_id: str, origin: FormOrigin) -> None:
        try:
            window = await self._windows.open(trigger_id, reading_view(origin))
        except NotOpenedError as error:
            if not error.used and asked.response_url:
                await self._services.replies.send(asked.response_url, not_opened_card())
            return
        sender = FormSender(asked.user_id, asked.team_id, asked.enterprise_id)
        await self._filler.fill(sender, window, origin, moved=True)

    async def changed(self, body: Mapping[str, Any]) -> Message | None:
        """Something was chosen or pressed: `block_actions` whose action id begins with `cf_`."""
        action, sender, view = action_of(body), sender_of(body), part(body, "view")
        if text(action, "action_id") == OPEN:
            return await self._open_from_button(body, action)
        origin, view_id = origin_in(view, self._catalogues), text(view, "id")
        ours = self._services.home.sent(sender.team_id, sender.enterprise_id)
        if origin is None or not view_id or not ours:
            log.warning("press_not_understood", action=text(action, "action_id"))
            return other_version_card() if ours else None
        moved = self._moved(origin, action).holding(draft_in(view, origin.draft))
        self._fill(sender, view_id, moved, moved=text(action, "action_id") in _MOVING)
        return None

    def _fill(self, sender: FormSender, view_id: str, origin: FormOrigin, *, moved: bool = False) -> None:
        fill = self._filler.fill(sender, self._windows.of(view_id), origin, moved=moved)
        self._services.tasks.spawn(fill, "fill a form")

    async def _open_from_button(self, body: Mapping[str, Any], action: Mapping[str, Any]) -> Message | None:
        pressed = pressed_of(body, action)
        line = pressed.value if typed_in(pressed.value) else place_in(pressed.value)
        prefill = typed_in(line)
        organization = organization_in(pressed.value)
        if not self._catalogues.knows(organization or ""):
            return other_organization_card(organization or "")
        if prefill is None:
            draft = draft_typed(pressed.value)
            return await self.open(pressed, database_in(line), organization=organization, draft=draft)
        return await self.open(pressed, prefill.database, prefill.branch, prefill, organization)

    def _moved(self, origin: FormOrigin, action: Mapping[str, Any]) -> FormOrigin:
        """Where the form is about after this press."""
        chosen = text(part(action, "selected_option"), "value")
        match text(action, "action_id"):
            case Field.DATABASE:
                return origin.at(chosen if names.fits(Thing.DATABASE, chosen) else "")
            case Field.BRANCH if subject_of(text(action, "block_id")) == origin.database:
                return origin.at(origin.database, chosen if names.fits(Thing.BRANCH, chosen) else "")
            case _ if text(action, "action_id") == ELSEWHERE:
                return origin.at("")
            case _ if text(action, "action_id") == AGAIN:
                self._catalogues.of(origin.organization).forget(origin.database, origin.branch)
        return origin

    async def options(self, body: Mapping[str, Any]) -> list[Block]:
        """The options for what was typed into a select: the ack of a `block_suggestion`."""
        return await self._search.options(body)

    async def submit(
        self, body: Mapping[str, Any], view: Mapping[str, Any], within: float = CHECK_WITHIN
    ) -> dict[str, Any]:
        """The ack of a `view_submission`. The request is taken down before it, once, as a command is.

        `within` so many seconds it is checked; what takes longer is checked afterwards, as a command is.
        """
        return await self._submission.submit(body, view, within)
