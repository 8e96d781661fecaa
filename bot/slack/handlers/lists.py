"""`list`: of one database, or of all that the person may read about."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from bot.approvals.people import Person
from bot.commands.lines import chat_line
from bot.commands.model import Format, ListWorkflows
from bot.commands.model import known as given
from bot.kinds.workflow.known import Known, known
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.answers.brief_answers import not_a_reader_card, noted
from bot.slack.cards.answers.registers import LEFT_OUT
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.workflow.listing import Only, is_wanted, list_card
from bot.slack.cards.workflow.next_steps import list_steps
from bot.slack.cards.workflow.overview_card import Everything, gaps, overview_card
from bot.slack.directory import Member
from bot.slack.handlers.answers import Answer, Shareable, data_answer
from bot.slack.handlers.finder import Finder
from bot.slack.lists.overview import overview, with_details
from bot.slack.lists.reading import DETAILS, ListReader
from bot.slack.slack_services import SlackServices
from bot.store.errors import StoreError
from bot.workflows.entries import Entry, foremost, listed_entry
from bot.workflows.export import all_to_csv, all_to_json, list_to_csv, to_json
from bot.workflows.facts.states import COPIED, state_of

log = structlog.stdlib.get_logger(__name__)

Admission = asyncio.Future[Member | Message]
"""Who asks, or why they are told nothing: asked of Slack while PlanetScale is read."""


class Lists:
    """Reads lists for one person."""

    def __init__(self, services: SlackServices, finder: Finder) -> None:
        self._services = services
        self._finder = finder
        self._reader = ListReader(services.planetscale, services.clock)

    async def of_database(self, admission: Admission, question: ListWorkflows, *, for_all: bool) -> Answer:
        """The workflows of one database, the first active ones read in full, for whoever is admitted."""
        workflows = await self._finder.workflows(question)
        if isinstance(workflows, Message):
            return workflows
        organization = self._services.planetscale.named(question.organization)
        database, now = given(question.database), self._services.clock.now()
        rows = await self._known(organization)
        entries = [
            listed_entry(
                organization,
                database,
                one,
                now,
                seen=rows.seen.get((database, one.number)),
                waits=rows.waits.get((database, one.number)),
            )
            for one in workflows
        ]
        if question.format is Format.HUMAN or question.needs_attention:
            in_turn = [entry for entry, _ in foremost(entries, now) if entry.active]
            entries = list(with_details(entries, await self._in_full(in_turn[:DETAILS])))
        person = await admission
        if isinstance(person, Message):
            return person
        if question.format is Format.HUMAN:
            local = now.astimezone(person.zone)
            card = list_card(database, entries, local, stands=for_all, only=_only(question))
            card = noted(card, question.remarks)
            steps = list_steps(_wanted(entries, question, now))
            return Shareable(card, chat_line(question), steps) if workflows else card
        wanted = [one.workflow for one in _wanted(entries, question, now)]
        text = to_json(wanted) if question.format is Format.JSON else list_to_csv(wanted)
        return data_answer(text, f"{database}-workflows", question)

    async def of_all(self, user_id: str, organization: str, question: ListWorkflows) -> Answer:
        """What is active in all databases of the organization that the person may read about."""
        names = self._services.planetscale.names
        admitted = await self._services.readership.reading(user_id, names)
        if isinstance(admitted, Message):
            return admitted
        member, person = admitted
        if not self._services.readership.reads_something(person, organization):
            return not_a_reader_card()
        everything = await self._everything(organization, person)
        now, notes = self._services.clock.now(), self._notes(organization, person)
        if question.format is Format.HUMAN:
            card = overview_card(everything, now.astimezone(member.zone), _only(question))
            card = noted(card, (*question.remarks, *notes))
            steps = list_steps(_wanted(everything.entries, question, now), named=True)
            return Shareable(card, chat_line(question), steps)
        wanted = [(one.database, one.workflow) for one in _wanted(everything.entries, question, now)]
        text = all_to_json(wanted) if question.format is Format.JSON else all_to_csv(wanted)
        return data_answer(text, f"{organization}-workflows", question, (*gaps(everything), *notes))

    async def _everything(self, organization: str, person: Person) -> Everything:
        def may_read(database: str) -> bool:
            return self._services.readership.reads(person, organization, database)

        rows = await self._known(organization)
        first = (*rows.databases, *self._services.databases.get(organization, ()))
        lists = await self._reader.read(organization, may_read, first)
        found = overview(organization, lists, rows, may_read)
        now = self._services.clock.now()
        unclear = [
            one
            for one, _ in foremost(found.entries, now)
            if not one.in_detail and state_of(one.workflow.state) in COPIED
        ]
        return Everything(
            organization=organization,
            entries=with_details(found.entries, await self._in_full(unclear[:DETAILS])),
            read=found.read,
            failed=lists.failed,
            not_read=lists.not_read,
            unlisted=lists.unlisted,
        )

    def _notes(self, organization: str, person: Person) -> list[str]:
        """That something is left out, and how to look at other organizations."""
        readership = self._services.readership
        left_out = [] if readership.reads_everything(person, [organization]) else [LEFT_OUT]
        others = [name for name in self._services.planetscale.names if name != organization]
        lines = [
            f"/workflow list --org={name}" for name in others if readership.reads_something(person, name)
        ]
        return [*left_out, *([f"Elsewhere: {', '.join(lines)}"] if lines else [])]

    async def _known(self, organization: str) -> Known:
        """What the rows know; nothing while the database does not say: that is no reason for no list."""
        try:
            return await self._services.database.read(known, organization)
        except StoreError as error:
            log.warning("rows_not_read", error=type(error).__name__)
            return Known()

    async def _in_full(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those that could be read one by one."""
        refs = [WorkflowRef(*one.key) for one in entries]
        found = await self._reader.in_full(refs)
        return [
            replace(entry, workflow=found[ref], in_detail=True)
            for entry, ref in zip(entries, refs, strict=True)
            if ref in found
        ]


def _only(question: ListWorkflows) -> Only:
    if question.needs_attention:
        return Only.NEEDY
    return Only.ACTIVE if question.active else Only.ALL


def _wanted(entries: Sequence[Entry], question: ListWorkflows, now: datetime) -> list[Entry]:
    return [one[0] for one in foremost(entries, now) if is_wanted(one, _only(question))]
