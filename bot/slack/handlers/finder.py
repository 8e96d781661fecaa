"""Finding what a person named at PlanetScale; where it is not there, the words that teach the right name."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TypeVar

from bot.commands import names
from bot.commands.lines import chat_line
from bot.commands.model import (
    History,
    ListWorkflows,
    OnWorkflow,
    ReportWorkflow,
    ShowWorkflow,
    UnwatchWorkflow,
    WatchWorkflow,
    known,
)
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.models import Workflow
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.planetscale.unseen import ACCESS_LACKS, databases_seen, unseen
from bot.slack.cards.answers.brief_answers import (
    error_card,
    no_database_card,
    no_workflow_card,
    not_given_card,
    which_workflow_card,
)
from bot.slack.cards.blocks.rich import Message
from bot.slack.cards.workflow.listing import in_order
from bot.workflows.facts.meant import Doubt, Meant, candidates, the_one_meant
from bot.workflows.facts.states import is_active

Naming = ListWorkflows | ShowWorkflow | WatchWorkflow | UnwatchWorkflow
"""What was typed, with the names in it."""
N = TypeVar("N", ShowWorkflow, WatchWorkflow, UnwatchWorkflow)
W = TypeVar("W", ShowWorkflow, WatchWorkflow, UnwatchWorkflow, History, ReportWorkflow)


class Finder:
    """Reads for a person who waits. What is not found is answered in words; what fails is raised."""

    def __init__(self, organizations: Organizations) -> None:
        self._organizations = organizations

    def ref(self, asked: ShowWorkflow | WatchWorkflow | UnwatchWorkflow) -> WorkflowRef:
        """What was named, once its number is known."""
        organization = self._organizations.named(asked.organization)
        return WorkflowRef(organization, known(asked.database), known(asked.number))

    async def named(self, asked: N) -> N | Message:
        """What was asked, with the number: found by what was typed for it, or the only active workflow's."""
        if asked.number is not None:
            return asked
        workflows = await self.workflows(asked)
        if isinstance(workflows, Message):
            return workflows
        database = known(asked.database)
        meant = the_one_meant(database, asked.named, candidates(workflows))
        if isinstance(meant, Doubt):
            return which_card(asked, meant)
        return numbered(asked, meant)

    async def workflow(self, asked: ShowWorkflow | WatchWorkflow) -> Workflow | Message:
        """The workflow, read in full. Its number must be known."""
        ref = self.ref(asked)
        try:
            return await self._organizations.of(ref.organization).workflow(ref)
        except PlanetScaleError as error:
            if error.kind is not FailureKind.NOT_FOUND:
                raise
            return await self._not_found(ref, asked)

    async def workflows(self, asked: Naming) -> list[Workflow] | Message:
        """All workflows of the database, as a list carries them."""
        try:
            organization = self._organizations.named(asked.organization)
            planetscale = self._organizations.of(organization)
            return list(await planetscale.workflows(organization, known(asked.database)))
        except PlanetScaleError as error:
            if error.kind is not FailureKind.NOT_FOUND:
                raise
            return await self._no_database(asked)

    async def _not_found(self, ref: WorkflowRef, asked: Naming) -> Message:
        workflows = await self.workflows(asked)
        if isinstance(workflows, Message):
            return workflows
        if any(workflow.number == ref.number for workflow in workflows):
            return not_given_card(ref)
        active = [workflow.number for workflow in in_order(workflows) if is_active(workflow.state)]
        return no_workflow_card(ref, active)

    async def _no_database(self, asked: Naming) -> Message:
        organization = self._organizations.named(asked.organization)
        seen = await databases_seen(self._organizations, organization)
        database = known(asked.database)
        if database in seen:
            return error_card(unseen(database, organization, seen), ACCESS_LACKS, None)
        apart = _taken_apart(asked, seen)
        near = [known(apart.database)] if apart else get_close_matches(database, seen, 1)
        if not near and (apart := _of_the_only_one(asked, seen)):
            near = seen
        meant = chat_line(apart or replace(asked, database=near[0])) if near else None
        return no_database_card(database, organization, seen, near, meant)


def numbered(asked: W, meant: Meant) -> W:
    """The same with the number that was found; it says so, unless the whole name was typed."""
    assumed = asked.assumed if meant.exact else (*asked.assumed, meant.sentence)
    return replace(asked, number=meant.number, named=None, assumed=assumed)


def which_card(asked: OnWorkflow | History, doubt: Doubt) -> Message:
    """Why it is not clear which workflow is meant, and the lines that would be."""
    lines = [(chat_line(replace(asked, number=one.number, named=None)), one.name) for one in doubt.choices]
    return which_workflow_card(known(asked.database), doubt.cause, lines, doubt.question)


def _taken_apart(asked: Naming, seen: Sequence[str]) -> Naming | None:
    """What was probably meant by `show shop3`, if there is such a database."""
    apart = names.taken_apart(known(asked.database))
    if isinstance(asked, ListWorkflows) or not apart or apart[0] not in seen:
        return None
    if asked.number is not None or asked.named is not None:
        return None
    return replace(asked, database=apart[0], number=int(apart[1]))


def _of_the_only_one(asked: Naming, seen: Sequence[str]) -> Naming | None:
    """What was probably meant by `show orders-to-customer`, where there is one database to leave out."""
    if isinstance(asked, ListWorkflows) or len(seen) != 1:
        return None
    if asked.number is not None or asked.named is not None:
        return None
    return replace(asked, database=seen[0], named=asked.database)
