"""Questions: read at PlanetScale, answered to the person who asked. Losing such an answer is no loss."""

import asyncio
from difflib import get_close_matches

import structlog

from bot.clock import Clock
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
    not_a_member_card,
    who_are_you_card,
)
from bot.slack.cards.listing import in_order, list_card
from bot.slack.cards.rich import Message
from bot.slack.cards.show import show_card
from bot.slack.people import People, PeopleUnavailableError, Person, Standing
from bot.slack.replies import File, Replies
from bot.workflows.export import list_to_csv, show_to_csv, to_json
from bot.workflows.states import is_active

log = structlog.stdlib.get_logger(__name__)

DETAILS_IN_A_LIST = 5
"""A list carries neither tables nor verification: so many active workflows are read one by one as well."""

Question = ListWorkflows | ShowWorkflow
Answer = Message | File


class Questions:
    """Answers `list` and `show` to full members of the workspace."""

    def __init__(
        self, planetscale: PlanetScale, people: People, replies: Replies, clock: Clock, organization: str
    ) -> None:
        self._planetscale = planetscale
        self._people = people
        self._replies = replies
        self._clock = clock
        self._organization = organization

    async def answer(self, user_id: str, response_url: str, question: Question) -> None:
        """Look the asker up, read, and reply. Whatever happens, the person gets an answer."""
        try:
            answer = await self._answer_to(user_id, question)
        except Exception:
            log.exception("question_failed")  # the task's edge: without this the person would wait for ever
            answer = apology()
        if isinstance(answer, File):
            sent = await self._replies.send_file(user_id, answer)
            answer = file_sent_card(answer.name) if sent else file_failed_card()
        await self._replies.send(response_url, answer)

    async def _answer_to(self, user_id: str, question: Question) -> Answer:
        try:
            person = await self._people.look_up(user_id)
        except PeopleUnavailableError:
            return who_are_you_card()
        if person.standing is not Standing.MEMBER:
            return not_a_member_card()
        try:
            return await self._read(person, question)
        except PlanetScaleError as error:
            return error_card(error.what, error.todo, error.said)

    async def _read(self, person: Person, question: Question) -> Answer:
        match question:
            case ListWorkflows():
                return await self._list(person, question)
            case ShowWorkflow():
                return await self._show(question)

    async def _list(self, person: Person, question: ListWorkflows) -> Answer:
        workflows = await self._workflows(question.database)
        if isinstance(workflows, Message):
            return workflows
        if question.format is Format.HUMAN:
            detailed = await self._with_details(question.database, workflows)
            return list_card(question.database, detailed, self._clock.now(), person.zone, question.notes)
        ordered = in_order(workflows)
        text = to_json(ordered) if question.format is Format.JSON else list_to_csv(ordered)
        return _data(text, f"{question.database}-workflows.{question.format}", question.notes)

    async def _show(self, question: ShowWorkflow) -> Answer:
        ref = WorkflowRef(self._organization, question.database, question.number)
        try:
            workflow = await self._planetscale.workflow(ref)
        except PlanetScaleError as error:
            if error.kind is not Failure.NOT_FOUND:
                raise
            return await self._not_found(ref)
        now = self._clock.now()
        if question.format is Format.HUMAN:
            return show_card(ref, workflow, now, question.notes)
        text = to_json(workflow) if question.format is Format.JSON else show_to_csv(workflow, now)
        return _data(text, f"{ref.database}-{ref.number}.{question.format}", question.notes)

    async def _workflows(self, database: str) -> list[Workflow] | Message:
        try:
            return list(await self._planetscale.workflows(self._organization, database))
        except PlanetScaleError as error:
            if error.kind is not Failure.NOT_FOUND:
                raise
            return await self._no_database(database)

    async def _with_details(self, database: str, workflows: list[Workflow]) -> list[Workflow]:
        wanted = [one.number for one in in_order(workflows) if is_active(one.state)][:DETAILS_IN_A_LIST]
        reads = (
            self._planetscale.workflow(WorkflowRef(self._organization, database, number)) for number in wanted
        )
        results = await asyncio.gather(*reads, return_exceptions=True)
        found = {one.number: one for one in results if isinstance(one, Workflow)}
        for failure in results:
            if isinstance(failure, BaseException) and not isinstance(failure, PlanetScaleError):
                raise failure
        return [found.get(workflow.number, workflow) for workflow in workflows]

    async def _not_found(self, ref: WorkflowRef) -> Message:
        workflows = await self._workflows(ref.database)
        if isinstance(workflows, Message):
            return workflows
        active = [workflow.number for workflow in in_order(workflows) if is_active(workflow.state)]
        return no_workflow_card(ref, active)

    async def _no_database(self, database: str) -> Message:
        try:
            known = [one.name for one in await self._planetscale.databases(self._organization)]
        except PlanetScaleError:
            known = []  # the names are a help, not the answer
        return no_database_card(database, self._organization, known, get_close_matches(database, known, 1))


def _data(text: str, name: str, notes: tuple[str, ...]) -> Answer:
    return data_card(text, notes) if len(text) <= MAX_INLINE else File(name, text)
