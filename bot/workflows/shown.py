"""What of a workflow belongs to what people decide about."""

from collections.abc import Mapping
from typing import Final

from bot.planetscale.models import Named, Workflow
from bot.workflows.facts.states import State

_COPIED: Final = frozenset({State.RUNNING, State.VERIFIED_DATA})


def shown(
    workflow: Workflow | None, number: int | None, branch: str | None
) -> Mapping[str, str | int | tuple[str, ...] | None]:
    """The facts, by name; `None` is "not reported", or that there is no workflow yet."""
    if workflow is None:
        return {"number": number, "branch": branch} | dict.fromkeys(_OF_A_WORKFLOW)
    flags = {
        "replicas_switched": workflow.replicas_switched,
        "primaries_switched": workflow.primaries_switched,
    }
    return {
        "workflow_id": workflow.id,
        "number": number,
        "branch": branch,
        "source_keyspace": _name(workflow.source_keyspace),
        "target_keyspace": _name(workflow.target_keyspace),
        "global_keyspace": _name(workflow.global_keyspace),
        "tables": tuple(table.name for table in workflow.tables) if workflow.tables else None,
        "state": stage_of(workflow.state, **flags),
        **flags,
    }


_OF_A_WORKFLOW: Final = (
    "workflow_id",
    "source_keyspace",
    "target_keyspace",
    "global_keyspace",
    "tables",
    "state",
    "replicas_switched",
    "primaries_switched",
)


def _name(keyspace: Named | None) -> str | None:
    return keyspace.name if keyspace else None


def stage_of(state: str, *, replicas_switched: bool | None, primaries_switched: bool | None) -> str:
    """The stage that `state` belongs to; most are a stage of their own.

    `running` and `verified_data` are one stage while nothing is switched. The one becomes the other when a
    verification ends and when it grows stale, and what an action does is the same in both. How good the
    verification is belongs to the checks, which supersede a request when one of them gets worse.
    """
    if state in _COPIED and not (replicas_switched or primaries_switched):
        return "copied, nothing switched"
    return state
