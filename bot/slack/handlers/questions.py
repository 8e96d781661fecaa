"""Questions: read at PlanetScale, answered to the person who asked. Losing such an answer is no loss."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog

from bot.commands.lines import chat_line, pscale_line
from bot.commands.model import Format, ListWorkflows, ShowWorkflow
from bot.commands.parser import parse
from bot.kinds.workflow.history import creation, switch_tried_at
from bot.operations.model import Story
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.runtime.tasks import give_up
from bot.slack.cards.answers.brief_answers import (
    apology,
    error_card,
    noted,
    still_asking_card,
    took_too_long_card,
    unread_card,
)
from bot.slack.cards.blocks.addressing import addressed, located
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.workflow.next_steps import next_steps
from bot.slack.cards.workflow.page_button import page_button
from bot.slack.cards.workflow.share import offered
from bot.slack.cards.workflow.show import brief_card, show_card
from bot.slack.charts.chart_answers import ChartAnswers
from bot.slack.directory import Member
from bot.slack.handlers.answers import Answer, Question, Shareable, data_answer
from bot.slack.handlers.button_presses import Pressed
from bot.slack.handlers.finder import Finder
from bot.slack.handlers.lists import Admission, Lists
from bot.slack.handlers.source_kinds import SourceKinds
from bot.slack.replies.private_replies import Attached, Native, ReplyTo
from bot.slack.slack_services import SlackServices
from bot.store.errors import StoreError
from bot.workflows.export import show_to_csv, to_json
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.without_words import without_words
from bot.workflows.guidance import guidance

log = structlog.stdlib.get_logger(__name__)

LONGEST = 150.0
"""Seconds for one answer: its turn, all reads and tries together."""
STILL_ASKING_AFTER = 3.0
"""Seconds after which whoever waits is told so. A `response_url` takes five messages: this is one of them."""

A = TypeVar("A")
Place = Callable[[Message], Message]
Pause = Callable[[float], Awaitable[None]]
OnRead = Callable[[WorkflowRef, Workflow, datetime], Awaitable[None]]
"""A workflow was read in full, asked for at that moment."""


class Questions:
    """Answers `list` and `show` to full members of the workspace."""

    def __init__(self, services: SlackServices, on_read: OnRead, pause: Pause = asyncio.sleep) -> None:
        """`pause` returns after so many seconds. It is not the clock's own: that of tests moves time on."""
        self._services = services
        self._finder = Finder(services.planetscale)
        self._lists = Lists(services, self._finder)
        self._charts = ChartAnswers(services.database)
        self._kinds = SourceKinds(services.planetscale, services.database)
        self._on_read = on_read
        self._pause = pause

    async def refresh(self, pressed: Pressed) -> None:
        """Read again what a private answer's button names; the new answer takes the place of the old one."""
        question = asked_again(pressed)
        if question is None:
            log.warning("refresh_not_understood")
            return
        await self.answer(pressed.user_id, pressed.response_url, question, instead=True)

    async def answer(
        self, user_id: str, reply_to: ReplyTo, question: Question, *, instead: bool = False
    ) -> None:
        """Look the asker up, read, and reply. Whatever happens, the person gets an answer.

        `instead`: it takes the place of the message whose button was pressed; why there is none does not.
        """
        answer = await _or_apology(self._answer_to(user_id, reply_to, question))
        if isinstance(answer, Native):
            if await self._services.replies.send_native(reply_to, answer.message):
                return
            answer = await _or_apology(answer.otherwise())
        if isinstance(answer, Attached):
            sent = await self._services.replies.send_file(user_id, answer.file)
            answer = answer.message if sent else answer.otherwise
        whole = isinstance(answer, Shareable)
        message = self._offered(question, answer) if isinstance(answer, Shareable) else answer
        await self._services.replies.send(reply_to, message, instead=instead and whole)

    def _offered(self, question: Question, answer: Shareable) -> Message:
        """The answer with its buttons."""
        shared = question.database is not None
        message = offered(answer.message, answer.line, answer.steps, answer.link, shared=shared)
        return addressed(message, self._organization(question), self._services.planetscale.default)

    async def _answer_to(self, user_id: str, reply_to: ReplyTo, question: Question) -> Answer:
        organization = self._organization(question)
        if isinstance(question, ListWorkflows) and question.database is None:
            everything = self._lists.of_all(user_id, organization, question)
            return self._all_placed(organization, await self._patiently(reply_to, organization, everything))
        who = (user_id, organization, question.database)
        admission = asyncio.ensure_future(self._services.readership.admit(*who))
        if not self._services.readership.was_admitted(*who) and isinstance(why := await admission, Message):
            return why  # for whoever is not known to be let in, nothing was read
        reading = asyncio.ensure_future(self._read(admission, question))
        try:
            person = await admission
            if isinstance(person, Message):
                return person
            return await self._patiently(reply_to, organization, reading)
        except PlanetScaleError as error:
            return self._unread(question, organization, error)
        finally:
            give_up(admission)
            give_up(reading)

    def _unread(self, question: Question, organization: str, error: PlanetScaleError) -> Message:
        """Why nothing could be read, and ways on."""
        ref = None
        if isinstance(question, ShowWorkflow) and question.database and question.number:
            ref = WorkflowRef(organization, question.database, question.number)
        failed = error_card(error.what, error.todo, error.said)
        return unread_card(failed, chat_line(question), pscale_line(question, organization), ref)

    async def read_for_all(
        self, person: Member, question: Question, *, hide_errors: bool
    ) -> Shareable | Message:
        """What everybody in a channel may see, read now; or, for the person alone, why there is nothing.

        `hide_errors`: PlanetScale's own words are left out.
        """
        known: Admission = asyncio.get_running_loop().create_future()
        known.set_result(person)
        try:
            async with asyncio.timeout(LONGEST):
                answer = await self._read(known, question, for_all=True, hide_errors=hide_errors)
        except TimeoutError:
            return took_too_long_card()
        except PlanetScaleError as error:
            return error_card(error.what, error.todo, error.said)
        return answer.message if isinstance(answer, Attached | Native) else answer

    async def in_brief(self, ref: WorkflowRef, *, hide_errors: bool) -> Message:
        """Who serves what and what comes next, read now, for under a link. Raises `PlanetScaleError`.

        `hide_errors`: PlanetScale's own words are left out.
        """
        began = self._services.clock.now()
        workflow = await self._services.planetscale.of(ref.organization).workflow(ref)
        await self._on_read(ref, workflow, began)
        kind, tried_at = await self._kinds.kind(ref, workflow), await self._tried(ref)
        shown = without_words(workflow) if hide_errors else workflow
        card = brief_card(ref, shown, self._services.clock.now(), kind, tried_at)
        return self._placed(ref.organization, card)

    async def _patiently(self, reply_to: ReplyTo, organization: str, read: Awaitable[A]) -> A:
        """The answer; if it takes long, a word that it is still asked for goes ahead of it."""
        reading = asyncio.ensure_future(read)
        waiting = asyncio.ensure_future(self._pause(STILL_ASKING_AFTER))
        try:
            await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                held_back = self._services.planetscale.of(organization).waiting
                await self._services.replies.send(reply_to, still_asking_card(held_back))
            return await reading
        finally:
            waiting.cancel()
            reading.cancel()

    async def _read(
        self, admission: Admission, question: Question, *, for_all: bool = False, hide_errors: bool = False
    ) -> Answer:
        if isinstance(question, ListWorkflows):
            answer = await self._lists.of_database(admission, question, for_all=for_all)
        else:
            answer = await self._show(question, for_all=for_all, hide_errors=hide_errors)
        return self._all_placed(self._organization(question), answer)

    def _all_placed(self, organization: str, answer: Answer) -> Answer:
        place = partial(self._placed, organization)
        match answer:
            case Native():
                otherwise = _placed_later(answer.otherwise, place)
                return replace(answer, message=place(answer.message), otherwise=otherwise)
            case Shareable():
                return replace(answer, message=place(answer.message))
            case _:
                return _all_parts(answer, place)

    def _placed(self, organization: str, message: Message) -> Message:
        """The message, with commands for its organization; where there are several, it is named."""
        message = addressed(message, organization, self._services.planetscale.default)
        return located(message, organization) if len(self._services.planetscale.names) > 1 else message

    def _organization(self, question: Question) -> str:
        return self._services.planetscale.named(question.organization)

    async def _show(self, asked: ShowWorkflow, *, for_all: bool, hide_errors: bool) -> Answer:
        question = await self._finder.named(asked)
        if isinstance(question, Message):
            return question
        ref, began = self._finder.ref(question), self._services.clock.now()
        in_words = question.format is Format.HUMAN and not question.chart
        expected = asyncio.ensure_future(self._kinds.expected(ref)) if in_words else None
        try:
            workflow = await self._finder.workflow(question)
            if isinstance(workflow, Message):
                return workflow
            await self._on_read(ref, workflow, began)
            if question.chart:
                return await self._charts.answer(ref, workflow, question)
            if expected is None:
                return self._as_data(question, ref, workflow)
            kind = await self._kinds.kind(ref, workflow, expected)
            return await self._in_words(question, workflow, kind, for_all=for_all, hide_errors=hide_errors)
        finally:
            if expected:
                give_up(expected)

    def _as_data(self, question: ShowWorkflow, ref: WorkflowRef, workflow: Workflow) -> Message | Attached:
        now = self._services.clock.now()
        text = to_json(workflow) if question.format is Format.JSON else show_to_csv(workflow, now)
        return data_answer(text, f"{ref.database}-{ref.number}", question)

    async def _in_words(
        self,
        question: ShowWorkflow,
        workflow: Workflow,
        kind: WorkflowKind,
        *,
        for_all: bool,
        hide_errors: bool,
    ) -> Shareable:
        ref, now = self._finder.ref(question), self._services.clock.now()
        shown = without_words(workflow) if hide_errors else workflow
        tried_at = await self._tried(ref)
        created = await self._creation(ref)
        shown_card = show_card(
            ref, shown, now, kind, stands=for_all, switch_tried_at=tried_at, created=created
        )
        card = noted(shown_card, question.remarks)
        steps = next_steps(ref, workflow, kind, guidance(ref, workflow, now, kind, tried_at))
        return Shareable(card, chat_line(question), steps, page_button(ref))

    async def _tried(self, ref: WorkflowRef) -> datetime | None:
        """When the bot last sent a switch of it, whatever came of that."""
        try:
            return await self._services.database.read(switch_tried_at, ref)
        except StoreError:
            return self._services.clock.now()  # not known: no advice may go by its never having been tried

    async def _creation(self, ref: WorkflowRef) -> Story | None:
        """How it was created through the bot."""
        try:
            return await self._services.database.read(creation, ref)
        except StoreError:
            return None  # PlanetScale's own word for it will do


async def _or_apology(answering: Awaitable[A]) -> A | Message:
    """The answer, or what is said if it takes too long or fails."""
    try:
        async with asyncio.timeout(LONGEST):
            return await answering
    except TimeoutError:
        return took_too_long_card()
    except Exception:
        log.exception("question_failed")  # the task's edge: without this the person would wait for ever
        return apology()


def _placed_later(
    make: Callable[[], Awaitable[Message | Attached]], place: Place
) -> Callable[[], Awaitable[Message | Attached]]:
    async def placed() -> Message | Attached:
        return _all_parts(await make(), place)

    return placed


def _all_parts(answer: Message | Attached, place: Place) -> Message | Attached:
    if isinstance(answer, Attached):
        return replace(answer, message=place(answer.message), otherwise=place(answer.otherwise))
    return place(answer)


def asked_again(pressed: Pressed) -> Question | None:
    """What a private answer's button names: a whole question that is answered in words."""
    private = pressed.ephemeral or pressed.channel_id.startswith("D")
    command = parse(pressed.value) if private else None
    if not isinstance(command, ListWorkflows | ShowWorkflow) or command.format is not Format.HUMAN:
        return None
    if isinstance(command, ShowWorkflow) and (command.chart or None in {command.database, command.number}):
        return None
    return command
