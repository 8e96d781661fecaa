"""What the bot's own history tells of a workflow: plain functions of a connection."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from bot.operations.model import Operation, State, Story
from bot.operations.storage import repository, stories
from bot.operations.storage.naming import is_about
from bot.operations.storage.operation_rows import understood
from bot.store.schema import operations, watches
from bot.subjects.model import Ref
from bot.workflows.actions.registry import SWITCHES, calls
from bot.workflows.facts.deletion import What
from bot.workflows.facts.meant import Candidate
from bot.workflows.facts.states import State as WorkflowState
from bot.workflows.facts.states import is_active
from bot.workflows.own import action_of, workflow_of

VERIFICATIONS = 3
"""So many cards of verifications of a workflow are closed; older ones were when they were the latest."""

_LAST_SWITCH: Final = select(func.max(operations.c.sent_at)).where(
    operations.c.call.in_([call.name for call in SWITCHES]),
    operations.c.sent_at.is_not(None),
)
_DELETED: Final = (
    select(operations)
    .where(
        operations.c.call.in_([call.name for call in calls(lambda one: one.deletes is What.SOURCE_TABLES)]),
        operations.c.state == State.SUCCEEDED.value,
    )
    .order_by(operations.c.sent_at)
)
_VERIFICATIONS: Final = (
    select(operations.c.id, operations.c.sent_at)
    .where(
        operations.c.call.in_([call.name for call in calls(lambda one: one.starts_verification)]),
        operations.c.state == State.SUCCEEDED.value,
        operations.c.sent_at.is_not(None),
    )
    .order_by(operations.c.sent_at.desc())
    .limit(VERIFICATIONS)
)


def _created_by(connection: Connection, ref: Ref) -> str | None:
    """The operation that created this subject; `None` where it was created elsewhere."""
    here = (
        *is_about(operations, ref),
        operations.c.call.is_(None),
        operations.c.state == State.SUCCEEDED.value,
    )
    query = select(operations.c.id).where(*here).order_by(operations.c.sent_at.desc()).limit(1)
    found: str | None = connection.scalar(query)
    return found


def switch_tried_at(connection: Connection, ref: Ref) -> datetime | None:
    """When a switch of traffic was last sent, whatever came of it."""
    found: datetime | None = connection.scalar(_LAST_SWITCH.where(*is_about(operations, ref)))
    return found


def deleted_at(connection: Connection, operation: Operation) -> datetime | None:
    """When the source tables of its workflow were deleted, by PlanetScale's time as it was read back then.

    Cutting over once more after the routing rules were restored deletes nothing.
    """
    for other in understood(connection, _DELETED.where(*repository.on_its_subject(operation))):
        if other.seen is None or other.seen.state == WorkflowState.REVERSED_CUTOVER:
            continue
        return ((latest := workflow_of(other.outcome.latest)) and latest.cutover_at) or other.ended_at
    return None


def verifications(connection: Connection, ref: Ref) -> list[tuple[str, datetime]]:
    """The ids of the latest verifications that were started on a workflow, with when they were asked for."""
    found = connection.execute(_VERIFICATIONS.where(*is_about(operations, ref)))
    return [(row[0], row[1]) for row in found]


def candidates(connection: Connection, organization: str, database: str) -> list[Candidate]:
    """The workflows of a database whose names the bot's own rows know; active are those that are watched."""
    asked = operations.c.number.is_not(None) & operations.c.workflow_name.is_not(None)
    here = (operations.c.organization == organization, operations.c.database == database, asked)
    query = select(operations.c.number, operations.c.workflow_name).where(*here).distinct()
    found = {row[0]: Candidate(row[0], row[1], active=False) for row in connection.execute(query)}
    return list((found | {one.number: one for one in watched(connection, organization, database)}).values())


def watched(connection: Connection, organization: str, database: str) -> Iterator[Candidate]:
    """The workflows of a database that are watched, or were, as they were read last."""
    name, state = (watches.c.sight[("workflow", field)].as_string() for field in ("name", "state"))
    here = (watches.c.organization == organization, watches.c.database == database, name.is_not(None))
    for row in connection.execute(select(watches.c.number, name, state, watches.c.over).where(*here)):
        yield Candidate(row[0], row[1], active=row[3] is None and is_active(row[2]))


def creation(connection: Connection, ref: Ref) -> Story | None:
    """How this workflow was created through the bot; `None` where it was created elsewhere."""
    created = _created_by(connection, ref)
    return stories.story(connection, created) if created else None


def with_history(connection: Connection, story: Story, *, as_of_now: bool) -> Story:
    """The story with when the source tables were deleted, or when a switch was last tried."""
    operation = story.operation
    if as_of_now:
        ref = operation.ref
        return replace(story, switch_tried_at=switch_tried_at(connection, ref) if ref else None)
    if not action_of(operation.action).after_deletion:
        return story
    return replace(story, deleted_at=deleted_at(connection, operation))
