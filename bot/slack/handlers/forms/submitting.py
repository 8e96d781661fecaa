"""A submitted create form: checked as far as three seconds allow, then taken down as the command would be."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from sqlalchemy import Connection, select

from bot.commands.model import CreateWorkflow
from bot.kinds.workflow.asking import operation_of
from bot.operations.steps.assessment import Assessor
from bot.operations.subject_kind import Checked
from bot.planetscale.errors import PlanetScaleError
from bot.slack.cards.answers.private_answers import cannot_take_down
from bot.slack.cards.forms import rules
from bot.slack.cards.forms.create_view import Offer, form_view
from bot.slack.cards.forms.draft import Draft, FormOrigin, command_of
from bot.slack.cards.forms.fields import Field, block_for, draft_in, has_tables_of
from bot.slack.cards.forms.offers import tables_of
from bot.slack.cards.forms.rules import Errors
from bot.slack.cards.forms.views import stuck_view
from bot.slack.handlers.action_requests import ActionRequests
from bot.slack.handlers.forms.admission import Admission
from bot.slack.handlers.forms.catalogue import Catalogues
from bot.slack.handlers.forms.form_payload import FormSender, origin_in, sender_of
from bot.slack.payload import text
from bot.slack.slack_services import SlackServices
from bot.store.errors import CommitUnknownError, StoreError
from bot.store.schema import operations
from bot.workflows.checks.facts import CreateFacts

log = structlog.stdlib.get_logger(__name__)

Ack = dict[str, Any]

CHECK_WITHIN: Final = 1.4
"""Seconds for reading. Slack waits three, and the store may take one and a half to begin."""
_CLOSE: Final[Ack] = {"response_action": "clear"}
_UNREADABLE = "This form cannot be read any more. Type the command again."
_FOREIGN = "Only full members of this workspace can use this bot. Nothing was sent."
_NO_TABLES = "There are no tables of this keyspace to choose from yet. Try again in a moment."


_NEAR: Final[Mapping[Field, tuple[Field, ...]]] = {
    Field.TABLES: (Field.EVERY, Field.SOURCE),
    Field.EVERY: (Field.TABLES, Field.SOURCE),
    Field.SHARED: (Field.TARGET,),
}
"""Where an error is shown if its own field is not there."""


@dataclass(frozen=True, slots=True)
class _Form:
    view: Mapping[str, Any]
    origin: FormOrigin
    """With what was submitted as its draft."""
    sender: FormSender
    asks_why: bool = False
    """The policy wants to know why."""

    @property
    def draft(self) -> Draft:
        return self.origin.draft


class FormSubmission:
    """Answers submissions. No payload makes it raise, and no trouble of PlanetScale or the store does."""

    def __init__(
        self,
        services: SlackServices,
        assessor: Assessor,
        actions: ActionRequests,
        admission: Admission,
        catalogues: Catalogues,
        fill: Callable[[FormSender, str, FormOrigin], None],
    ) -> None:
        """`fill`: begins to show in a view, named by its id, what belongs there."""
        self._services = services
        self._assessor = assessor
        self._actions = actions
        self._catalogues = catalogues
        self._admission = admission
        self._fill = fill

    async def submit(
        self, body: Mapping[str, Any], view: Mapping[str, Any], within: float = CHECK_WITHIN
    ) -> Ack:
        """What the ack says: errors at their fields, the form with other choices, or that it may close.

        What no field is about takes the form's place, with a way back to it as it was filled in.
        """
        sender, origin = sender_of(body), origin_in(view, self._catalogues)
        if not self._services.home.sent(sender.team_id, sender.enterprise_id):
            return _errors(view, {Field.NAME: _FOREIGN})
        if origin is None or not origin.database or not origin.branch:
            return _errors(view, {Field.NAME: _UNREADABLE})
        draft = draft_in(view, origin.draft)
        if draft.source and not has_tables_of(view, draft.source):
            self._fill(sender, text(view, "id"), origin.holding(draft))  # it did not follow the last choice
            return _errors(view, {Field.SOURCE: _NO_TABLES})
        asks_why = self._admission.asks_why(origin)
        if errors := rules.check(draft, asks_why=asks_why):
            return _errors(view, errors)
        form = _Form(view, origin.holding(draft), sender, asks_why)
        try:
            return await self._submit(form, within)
        except StoreError as error:
            log.error("not_taken_down", error=str(error))
            return _stuck(form, cannot_take_down(in_doubt=isinstance(error, CommitUnknownError)).plain)

    async def _submit(self, form: _Form, within: float) -> Ack:
        command = None if form.draft.every else command_of(form.origin, form.draft)
        trouble: Ack | None = None
        try:
            async with asyncio.timeout(within):
                if refused := await self._admission.to_ask(form.sender, form.origin):
                    return _stuck(form, refused)
                tables = await self._tables(form)
                if isinstance(tables, dict):
                    return tables
                command = command_of(form.origin, form.draft.model_copy(update={"tables": tables}))
                trouble = await self._trouble(form, command)
        except TimeoutError:
            log.info("form_not_checked_in_time")  # the request itself has the same checks before it is sent
        if command is None:
            why = self._catalogues.of(form.origin.organization).delay()
            return _errors(form.view, {Field.EVERY: f"{why} Press Create again in a moment."})
        asked = self._admission.request(form.sender, form.origin)
        request = replace(asked, trigger_id=_identity(form, command))
        if trouble is None:
            await self._actions.command(request, command)
        elif not await self._services.database.read(_is_taken, request.trigger_id):
            self._catalogues.of(form.origin.organization).forget(form.origin.database, form.origin.branch)
            return trouble
        return _CLOSE

    async def _tables(self, form: _Form) -> tuple[str, ...] | Ack:
        """The tables that were meant; for "all" exactly those that were counted on the form."""
        if not form.draft.every:
            return form.draft.tables
        place = (form.origin.database, form.origin.branch)
        catalogue = self._catalogues.of(form.origin.organization)
        try:
            every = await catalogue.tables(*place, form.draft.source)
            if every.token == form.draft.every:
                return every.names
            return _again(form, Offer(await catalogue.keyspaces(*place), every))
        except PlanetScaleError as error:
            return _errors(form.view, {Field.EVERY: f"{error.what} {error.todo}"})

    async def _trouble(self, form: _Form, command: CreateWorkflow) -> Ack | None:
        """What the person has to know before it is asked for; `None` if nothing stands in the way."""
        request = self._admission.request(form.sender, form.origin)
        operation = operation_of(request, command, self._services.clock.now())
        assessment, checked = await self._assessor.assess(operation)
        if failure := checked.failure:
            return _stuck(form, failure.what, failure.todo)
        if said := rules.about_the_place(assessment.report.blocks):
            return _stuck(form, *said)
        if others := _other_tables(form, checked):
            return _again(form, others)
        errors = rules.at_fields(assessment.report.blocks, form.draft)
        return _errors(form.view, errors) if errors else None


def _other_tables(form: _Form, checked: Checked) -> Offer | None:
    """What to choose from now, where "all tables" were asked for and they are not the same any more."""
    facts = checked.read
    if not form.draft.every or not isinstance(facts, CreateFacts):
        return None
    if facts.source_tables is None or facts.keyspaces is None:
        return None
    tables = tables_of(facts.source_tables)
    return None if tables.token == form.draft.every else Offer(facts.keyspaces, tables)


def _again(form: _Form, offer: Offer) -> Ack:
    return {"response_action": "update", "view": form_view(form.origin, offer, asks_why=form.asks_why)}


def _stuck(form: _Form, *said: str) -> Ack:
    return {"response_action": "update", "view": stuck_view(form.origin, *said)}


def _errors(view: Mapping[str, Any], errors: Errors) -> Ack:
    placed: dict[str, str] = {}
    for field, said in errors.items():
        block_id = block_for(view, field, *_NEAR.get(field, ()))
        placed[block_id] = f"{placed[block_id]} {said}" if block_id in placed else said
    return {"response_action": "errors", "errors": placed}


def _identity(form: _Form, command: CreateWorkflow) -> str:
    """The same for the same wish from the same view: pressed twice, or delivered twice, it is one request."""
    digest = hashlib.sha256(repr(command).encode(errors="replace")).hexdigest()
    return f"{text(form.view, 'id')}:{digest[:32]}"


def _is_taken(connection: Connection, trigger_id: str | None) -> bool:
    found = select(operations.c.id).where(operations.c.trigger_id == trigger_id)
    return connection.execute(found).first() is not None
