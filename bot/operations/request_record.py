"""A request as one row of a record: who asked for what and why, who decided, and how it ended."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bot.operations.model import Decided, DecisionKind, Operation, Story
from bot.subjects.findings import Level

COLUMNS: Final = (
    *("id", "asked_at", "organization", "database", "number", "workflow", "branch"),
    *("action", "arguments", "requester_id", "requester", "reason", "forced", "forced_over"),
    *("needs", "required", "approvers", "approved_by_ids", "approved_by"),
    *("denied_by_id", "denied_by", "denied_because", "decisions", "presses_not_counted"),
    *("outcome", "because", "approved_at", "sent_at", "ended_at", "asked_again_of", "card"),
)
"""In this order. They only ever grow, at the end of their group or of all."""


def record(story: Story, ignored: int, card: str | None) -> dict[str, Any]:
    """The row by `COLUMNS`: moments in UTC as ISO 8601, `None` where there is nothing to say.

    PlanetScale's own words are left out where the policy keeps them out of channels.
    """
    operation, denied = story.operation, story.last(DecisionKind.DENY)
    approved = [one.user for one in story.approved_by]
    return {
        "id": operation.id,
        "asked_at": _moment(operation.asked_at),
        "organization": operation.organization,
        "database": operation.database,
        "number": operation.number,
        "workflow": operation.workflow_name,
        "branch": operation.branch,
        "action": operation.action.name,
        "arguments": dict(operation.arguments),
        "requester_id": operation.requester,
        "requester": operation.names.get(operation.requester),
        "reason": operation.reason,
        "forced": operation.force,
        "forced_over": _forced_over(operation),
        "needs": operation.gate.value,
        "required": operation.required,
        "approvers": list(operation.approvers),
        "approved_by_ids": approved,
        "approved_by": [operation.called(one) for one in approved],
        "denied_by_id": denied.user if denied else None,
        "denied_by": operation.names.get(denied.user) if denied else None,
        "denied_because": denied.reason if denied else None,
        "decisions": [_decision(operation, one) for one in story.decisions],
        "presses_not_counted": ignored,
        "outcome": operation.state.value,
        "because": operation.outcome.cause,
        "approved_at": _moment(operation.approved_at),
        "sent_at": _moment(operation.sent_at),
        "ended_at": _moment(operation.ended_at),
        "asked_again_of": operation.again_of,
        "card": card,
    }


def _forced_over(operation: Operation) -> list[str]:
    heavy = [one for one in operation.warnings if one.level is Level.WARN_FORCE] if operation.force else []
    return [one.without_quotes if operation.hide_errors else one.sentence for one in heavy]


def _decision(operation: Operation, decided: Decided) -> Mapping[str, Any]:
    return {
        "at": _moment(decided.at),
        "what": decided.kind.value,
        "user_id": decided.user,
        "user": operation.names.get(decided.user),
        "reason": decided.reason,
    }


def _moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
