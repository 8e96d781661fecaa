"""From a typed command about a numbered workflow to the operation that it asks for."""

from datetime import datetime
from typing import Any

from bot.commands.model import ActOnWorkflow, CreateWorkflow, known
from bot.operations.intake import Request
from bot.operations.model import Operation, State
from bot.planetscale.calls import NewWorkflow
from bot.planetscale.refs import WorkflowRef
from bot.store.engine.statements import new_id
from bot.workflows.actions.create import CREATE
from bot.workflows.actions.registry import named


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
        "agreed_in": request.agreed_in,
        "reason": command.reason,
    }
    if isinstance(command, CreateWorkflow):
        new = _new(command)
        return Operation(
            **common,
            action=CREATE,
            ref=None,
            branch=new.branch_name,
            workflow_name=new.name,
            arguments=new.model_dump(mode="json"),
        )
    return Operation(
        **common,
        action=named(command.action, replicas_only=command.replicas_only),
        ref=_ref(request, command),
        named=command.named,
        arguments={"replicas_only": True} if command.replicas_only else {},
        force=command.force,
        assumed=" ".join(command.assumed) or None,
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
