"""Taking things down: a command or a press becomes a row before anybody is told that it was understood."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.commands.model import ActionName, ActOnWorkflow, CreateWorkflow, known
from bot.operations.model import Operation, State
from bot.operations.storage import repository, stories
from bot.planetscale.calls import NewWorkflow
from bot.planetscale.refs import WorkflowRef
from bot.store.engine.statements import new_id
from bot.workflows.actions.registry import named


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Who asks for something, where, and by which of Slack's triggers (one for each command or press)."""

    requester: str
    team_id: str
    channel: str
    trigger_id: str | None
    organization: str
    reply_to: str | None = None
    """Slack's address for private answers."""
    by_button: bool = False
    """By a button that offered the next step, not typed."""


def operation_of(request: Request, command: ActOnWorkflow | CreateWorkflow, now: datetime) -> Operation:
    """The operation that a command asks for. Pure but for its random id.

    A number that was left out stays so: the row is written before anything is read.
    """
    common: dict[str, Any] = {
        "id": new_id(),
        "organization": request.organization,
        "database": known(command.database),
        "requester": request.requester,
        "team_id": request.team_id,
        "channel": request.channel,
        "reply_to": request.reply_to,
        "state": State.REQUESTED,
        "asked_at": now,
        "by_button": request.by_button,
    }
    if isinstance(command, CreateWorkflow):
        new = _new(command)
        return Operation(
            **common,
            action=ActionName.CREATE,
            ref=None,
            branch=new.branch_name,
            workflow_name=new.name,
            arguments=new.model_dump(mode="json"),
        )
    return Operation(
        **common,
        action=command.action,
        ref=_ref(request, command),
        call=named(command.action, replicas_only=command.replicas_only).call,
        arguments={"replicas_only": True} if command.replicas_only else {},
        force=command.force,
        assumed=" ".join(command.assumed) or None,
    )


def take(connection: Connection, operation: Operation, trigger_id: str | None) -> bool:
    """Write the request down. False for a command that was delivered before."""
    return repository.add(connection, operation, trigger_id)


def again(connection: Connection, operation_id: str, request: Request, now: datetime) -> Operation | None:
    """Ask once more for what has ended. `None` if there is nothing to ask again, or it was asked already.

    What was forced is not forced again: one press does not override a warning.
    """
    story = stories.story(connection, operation_id)
    if story is None or story.asked_again or story.operation.state not in _MAY_BE_ASKED_AGAIN:
        return None
    old = story.operation
    fresh = Operation(
        id=new_id(),
        organization=old.organization,
        database=old.database,
        ref=old.ref,
        action=old.action,
        call=old.call,
        arguments=old.arguments,
        branch=old.branch,
        workflow_name=old.workflow_name,
        requester=request.requester,
        team_id=request.team_id,
        channel=request.channel,
        reply_to=request.reply_to,
        state=State.REQUESTED,
        asked_at=now,
        again_of=old.id,
    )
    return fresh if repository.add(connection, fresh, request.trigger_id) else None


_MAY_BE_ASKED_AGAIN = frozenset(
    {
        State.DENIED,
        State.EXPIRED,
        State.SUPERSEDED,
        State.TOO_LATE,
        State.REFUSED,
        State.BROKE_OFF,
        State.NOT_SEEN,
    }
)


def _ref(request: Request, command: ActOnWorkflow) -> WorkflowRef | None:
    if command.number is None:
        return None
    return WorkflowRef(request.organization, known(command.database), command.number)


def _new(command: CreateWorkflow) -> NewWorkflow:
    return NewWorkflow(
        name=command.name or "",
        branch_name=command.branch,
        source_keyspace=command.source_keyspace or "",
        target_keyspace=command.target_keyspace or "",
        tables=command.tables,
        global_keyspace=command.global_keyspace,
        defer_secondary_keys=command.defer_secondary_keys,
        on_ddl=command.on_ddl.value,
    )
