"""Questions: read at PlanetScale, answered to the person who asked. Losing such an answer is no loss."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import structlog

from bot.clock import Clock
from bot.commands.lines import chat_line
from bot.commands.model import Format, ListWorkflows, ShowWorkflow
from bot.planetscale.client import PlanetScale
from bot.planetscale.errors import Kind as Failure
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers import (
    MAX_INLINE,
    apology,
    data_card,
    error_card,
    file_failed_card,
    file_sent_card,
    no_database_card,
    no_workflow_card,
    not_given_card,
    still_asking_card,
    took_too_long_card,
)
from bot.slack.cards.listing import in_order, list_card
from bot.slack.cards.rich import Message
from bot.slack.cards.show import show_card
from bot.slack.people import Person
from bot.slack.readership import Readership
from bot.slack.replies import File, Replies
from bot.workflows.export import list_to_csv, show_to_csv, to_json
from bot.workflows.kind import Kind, kind_of, source_would_tell
from bot.workflows.states import is_active

log = structlog.stdlib.get_logger(__name__)

LONGEST = 60.0
"""Seconds for one answer, all reads and tries together."""
DETAILS_IN_A_LIST = 5
"""A list carries neither tables nor verification: so many active workflows are read one by one as well."""

STILL_ASKING_AFTER = 3.0
"""Seconds after which whoever waits is told so. A `response_url` takes five messages: this is one of them."""

Question = ListWorkflows | ShowWorkflow


@dataclass(frozen=True, slots=True)
class Attached:
    """An answer that is too long for a message."""

    file: File
    message: Message
    """What is said once Slack has taken the file."""


Answer = Message | Attached
Pause = Callable[[float], Awaitable[None]]


class Questions:
    """Answers `list` and `show` to full members of the workspace."""

    def __init__(  # noqa: PLR0913 - only the composition root calls it
        self,
        planetscale: PlanetScale,
        readership: Readership,
        replies: Replies,
        clock: Clock,
        organization: str,
        *,
        pause: Pause = asyncio.sleep,
    ) -> None:
        """`pause` returns after so many seconds. It is not the clock's own: that of tests moves time on."""
        self._planetscale = planetscale
        self._readership = readership
        self._replies = replies
        self._clock = clock
        self._organization = organization
        self._pause = pause

    async def answer(self, user_id: str, response_url: str, question: Question) -> None:
        """Look the asker up, read, and reply. Whatever happens, the person gets an answer."""
        try:
            async with asyncio.timeout(LONGEST):
                answer = await self._answer_to(user_id, response_url, question)
        except TimeoutError:
            answer = took_too_long_card()
        except Exception:
            log.exception("question_failed")  # the task's edge: without this the person would wait for ever
            answer = apology()
        if isinstance(answer, Attached):
            sent = await self._replies.send_file(user_id, answer.file)
            answer = answer.message if sent else file_failed_card()
        await self._replies.send(response_url, answer)

    async def _answer_to(self, user_id: str, response_url: str, question: Question) -> Answer:
        person = await self._readership.admit(user_id, question.database)
        if isinstance(person, Message):
            return person
        try:
            return await self._patiently(response_url, self._read(person, question))
        except PlanetScaleError as error:
            return error_card(error.what, error.todo, error.said)

    async def _patiently(self, response_url: str, read: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer; if it takes long, a word that it is still asked for goes ahead of it."""
        reading = asyncio.create_task(read)
        waiting = asyncio.ensure_future(self._pause(STILL_ASKING_AFTER))
        try:
            await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                await self._replies.send(response_url, still_asking_card())
            return await reading
        finally:
            waiting.cancel()
            reading.cancel()

    async def _read(self, person: Person, question: Question) -> Answer:
        match question:
            case ListWorkflows():
                return await self._list(person, question)
            case ShowWorkflow():
                return await self._show(question)

    async def _list(self, person: Person, question: ListWorkflows) -> Answer:
        workflows = await self._workflows(question)
        if isinstance(workflows, Message):
            return workflows
        if question.format is Format.HUMAN:
            details = await self._details(question.database, workflows)
            listed = [details.get(workflow.number, workflow) for workflow in workflows]
            now = self._clock.now().astimezone(person.zone)
            return list_card(question.database, listed, now, question.notes, details)
        ordered = in_order(workflows)
        text = to_json(ordered) if question.format is Format.JSON else list_to_csv(ordered)
        return _data(text, f"{question.database}-workflows", question)

    async def _show(self, question: ShowWorkflow) -> Answer:
        ref = WorkflowRef(self._organization, question.database, question.number)
        try:
            workflow = await self._planetscale.workflow(ref)
        except PlanetScaleError as error:
            if error.kind is not Failure.NOT_FOUND:
                raise
            return await self._not_found(ref, question)
        if question.format is Format.HUMAN:
            kind = await self._kind(ref, workflow)
            return show_card(ref, workflow, self._clock.now(), question.notes, kind)
        now = self._clock.now()
        text = to_json(workflow) if question.format is Format.JSON else show_to_csv(workflow, now)
        return _data(text, f"{ref.database}-{ref.number}", question)

    async def _kind(self, ref: WorkflowRef, workflow: Workflow) -> Kind:
        """An import is known by its source keyspace where the workflow does not say it."""
        branch, source = workflow.branch, workflow.source_keyspace
        if branch is None or source is None or not source_would_tell(workflow):
            return kind_of(workflow)
        try:
            keyspaces = await self._planetscale.keyspaces(ref.organization, ref.database, branch.name)
        except PlanetScaleError:
            return Kind.UNKNOWN  # the card says so; it is no reason to withhold the rest
        return kind_of(workflow, next((one for one in keyspaces if one.name == source.name), None))

    async def _workflows(self, question: Question) -> list[Workflow] | Message:
        try:
            return list(await self._planetscale.workflows(self._organization, question.database))
        except PlanetScaleError as error:
            if error.kind is not Failure.NOT_FOUND:
                raise
            return await self._no_database(question)

    async def _details(self, database: str, workflows: list[Workflow]) -> dict[int, Workflow]:
        """Those that were read in full, by number."""
        wanted = [one.number for one in in_order(workflows) if is_active(one.state)][:DETAILS_IN_A_LIST]
        reads = (
            self._planetscale.workflow(WorkflowRef(self._organization, database, number)) for number in wanted
        )
        results = await asyncio.gather(*reads, return_exceptions=True)
        for failure in results:
            if isinstance(failure, BaseException) and not isinstance(failure, PlanetScaleError):
                raise failure
        return {one.number: one for one in results if isinstance(one, Workflow)}

    async def _not_found(self, ref: WorkflowRef, question: Question) -> Message:
        workflows = await self._workflows(question)
        if isinstance(workflows, Message):
            return workflows
        if any(workflow.number == ref.number for workflow in workflows):
            return not_given_card(ref)
        active = [workflow.number for workflow in in_order(workflows) if is_active(workflow.state)]
        return no_workflow_card(ref, active)

    async def _no_database(self, question: Question) -> Message:
        try:
            known = [one.name for one in await self._planetscale.databases(self._organization)]
        except PlanetScaleError:
            known = []  # the names are a help, not the answer
        near = get_close_matches(question.database, known, 1)
        meant = chat_line(replace(question, database=near[0])) if near else None
        return no_database_card(question.database, self._organization, known, near, meant)


def _data(text: str, name: str, question: Question) -> Answer:
    samples = isinstance(question, ShowWorkflow)
    if len(text) <= MAX_INLINE:
        return data_card(text, question.notes, samples_left_out=samples)
    file = File(f"{name}.{question.format}", text)
    return Attached(file, file_sent_card(file.name, question.notes, samples_left_out=samples))
