"""Taking things down: a command or a press becomes a row before anybody is told that it was understood."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.operations.model import Operation, State
from bot.operations.storage import repository, stories
from bot.store.engine.statements import new_id


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
    agreed_in: str | None = None
    """The state of which the button's dialog told, where it had one."""
    reason: str | None = None
    """Why they ask again, as `bot.commands.reason` keeps it."""


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
        reason=request.reason,
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
