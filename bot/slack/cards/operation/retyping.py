"""What was asked for, as a line to be typed: never with `--force`, which people add on purpose."""

from dataclasses import replace

from bot.commands.lines import offered_line
from bot.commands.model import ActOnWorkflow, CreateWorkflow, OnDdl
from bot.operations.model import Operation
from bot.planetscale.calls import NewWorkflow
from bot.workflows.actions.model import REPLICAS_ONLY
from bot.workflows.own import action_of


def line_of(operation: Operation, number: int | None = None, *, reason: str | None = None) -> str:
    """The line that asks for it once more, with its own reason or the one given."""
    return offered_line(replace(command_of(operation, number), reason=reason or operation.reason))


def command_of(operation: Operation, number: int | None = None) -> ActOnWorkflow | CreateWorkflow:
    """The command that asks for it once more, unforced; `number` where it was left out."""
    action = action_of(operation.action)
    if action.creates:
        return _create(operation)
    return ActOnWorkflow(
        action=action.name,
        database=operation.database,
        number=operation.number if number is None else number,
        replicas_only=REPLICAS_ONLY in action.flags,
        reason=operation.reason,
    )


def _create(operation: Operation) -> CreateWorkflow:
    new = NewWorkflow.model_validate(dict(operation.arguments))
    return CreateWorkflow(
        database=operation.database,
        branch=new.branch_name,
        name=new.name,
        source_keyspace=new.source_keyspace,
        target_keyspace=new.target_keyspace,
        tables=new.tables,
        global_keyspace=new.global_keyspace,
        defer_secondary_keys=new.defer_secondary_keys,
        on_ddl=OnDdl(new.on_ddl),
        reason=operation.reason,
    )
