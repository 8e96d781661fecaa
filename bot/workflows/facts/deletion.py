"""What is deleted, from where, and when it was deleted. Facts for the cards; no words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.planetscale.models import Workflow
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


def deletion(what: What, workflow: Workflow, known_tables: Iterable[str] = ()) -> Deletion:
    """The tables of `workflow` that would be deleted.

    `known_tables` are named where PlanetScale lists none: those of the bot's own `create`.
    """
    tables = tuple(table.name for table in workflow.tables or ()) or tuple(known_tables)
    if what is What.SOURCE_TABLES:
        return Deletion(what, workflow.source_keyspace.name if workflow.source_keyspace else None, tables)
    copy = copy_of(workflow)
    return Deletion(
        what,
        workflow.target_keyspace.name if workflow.target_keyspace else None,
        tables,
        rows=copy.copied if copy else None,
    )


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
