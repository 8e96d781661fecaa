"""What an action deletes, from where, and the way back from it. Facts for the cards; no words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.progress import copy_of
from bot.workflows.facts.states import State, state_of


class What(Enum):
    """What is deleted."""

    SOURCE_TABLES = "source tables"
    """The moved tables in the source keyspace, with all rows: the originals."""
    COPIES = "copies"
    """The copies in the target keyspace."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """Tables that are deleted for good."""

    what: What
    keyspace: str | None
    """Where they are deleted; `None` where PlanetScale does not say."""
    tables: tuple[str, ...]
    """In PlanetScale's order. Empty: they could not be named, and nobody may be asked to approve it."""
    rows: int | None = None
    """For copies: how many rows are copied, where that is reported."""
    copied_from: datetime | None = None
    copied_until: datetime | None = None
    """For copies: when copying began and, once it is complete, ended."""


class Scope(Enum):
    """How far a way back reaches."""

    ALL = "all"
    ROUTING_RULES = "routing rules"
    """Not the tables: they are gone."""
    NONE = "none"
    NOT_NEEDED = "not needed"
    """Nothing is changed that anybody would want back."""


@dataclass(frozen=True, slots=True)
class WayBack:
    """How an action is undone."""

    scope: Scope
    call: WorkflowCall | None = None
    """The action that undoes it."""
    closes: WorkflowCall | None = None
    """The way back that was open until then and no longer is."""


def deletion(call: WorkflowCall, workflow: Workflow, known_tables: Iterable[str] = ()) -> Deletion | None:
    """What `call` would delete, or `None` if nothing.

    `known_tables` are named where PlanetScale lists none: those of the bot's own `create`. Cutting over again
    after the routing rules were restored deletes nothing more.
    """
    if call is WorkflowCall.CUTOVER and state_of(workflow.state) is not State.REVERSED_CUTOVER:
        source = workflow.source_keyspace.name if workflow.source_keyspace else None
        return Deletion(What.SOURCE_TABLES, source, _tables(workflow, known_tables))
    if call is WorkflowCall.CANCEL:
        copy = copy_of(workflow)
        return Deletion(
            What.COPIES,
            workflow.target_keyspace.name if workflow.target_keyspace else None,
            _tables(workflow, known_tables),
            rows=copy.copied if copy else None,
            copied_from=workflow.started_at,
            copied_until=workflow.data_copy_completed_at,
        )
    return None


def deleted_at(workflow: Workflow, seen_by_bot: datetime | None = None) -> datetime | None:
    """When the tables left the source; `None` where that is not certain.

    PlanetScale has one time for every cutover, also for one more that deletes nothing: once the routing rules
    were restored and removed again, it is no more that of the deletion. `seen_by_bot`: as the bot read it
    back after the cutover that deleted.
    """
    if seen_by_bot is not None:
        return seen_by_bot
    once_more = workflow.reversed_cutover_by and state_of(workflow.state) is not State.REVERSED_CUTOVER
    return None if once_more else workflow.cutover_at


def way_back(call: WorkflowCall, workflow: Workflow, kind: WorkflowKind) -> WayBack:
    """How `call` would be undone, from where `workflow` is now."""
    match call:
        case WorkflowCall.SWITCH_REPLICAS | WorkflowCall.SWITCH_PRIMARIES:
            return WayBack(Scope.ALL, WorkflowCall.REVERSE_TRAFFIC)
        case WorkflowCall.REVERSE_TRAFFIC:
            primaries = workflow.primaries_switched
            again = WorkflowCall.SWITCH_PRIMARIES if primaries else WorkflowCall.SWITCH_REPLICAS
            return WayBack(Scope.ALL, again)
        case WorkflowCall.CUTOVER:
            if state_of(workflow.state) is State.REVERSED_CUTOVER:
                return WayBack(Scope.ALL, WorkflowCall.REVERSE_CUTOVER)
            return WayBack(
                Scope.ROUTING_RULES, WorkflowCall.REVERSE_CUTOVER, closes=WorkflowCall.REVERSE_TRAFFIC
            )
        case WorkflowCall.REVERSE_CUTOVER:
            return WayBack(Scope.ALL, WorkflowCall.CUTOVER)
        case WorkflowCall.COMPLETE:
            imported = kind is WorkflowKind.IMPORT
            last = WorkflowCall.REVERSE_TRAFFIC if imported else WorkflowCall.REVERSE_CUTOVER
            return WayBack(Scope.NONE, closes=last)
        case WorkflowCall.CANCEL:
            return WayBack(Scope.NONE)
        case WorkflowCall.VERIFY_DATA | WorkflowCall.RETRY:
            return WayBack(Scope.NOT_NEEDED)


def _tables(workflow: Workflow, known: Iterable[str]) -> tuple[str, ...]:
    return tuple(table.name for table in workflow.tables or ()) or tuple(known)
