"""How a row of the checks' table is written, and the situations that many rows share."""

from datetime import timedelta
from typing import Any, NamedTuple

from bot.planetscale.calls import WorkflowCall
from bot.subjects.findings import Level
from bot.workflows.checks.facts import OpenRequest, RequestStage
from tests.builders import NOW, STREAMS

VERIFY, RETRY = WorkflowCall.VERIFY_DATA, WorkflowCall.RETRY
REPLICAS, PRIMARIES = WorkflowCall.SWITCH_REPLICAS, WorkflowCall.SWITCH_PRIMARIES
BOTH_SWITCHES = (REPLICAS, PRIMARIES)
REVERSE, RESTORE = WorkflowCall.REVERSE_TRAFFIC, WorkflowCall.REVERSE_CUTOVER
CUTOVER, COMPLETE, CANCEL = WorkflowCall.CUTOVER, WorkflowCall.COMPLETE, WorkflowCall.CANCEL
ALL = tuple(WorkflowCall)
BLOCK, FORCE, WARN, INFO = Level.BLOCK, Level.WARN_FORCE, Level.WARN, Level.INFO

LINK = "https://acme.slack.com/archives/C1/p1"


def ago(**length: float) -> str:
    return (NOW - timedelta(**length)).isoformat()


def request(
    call: WorkflowCall, stage: RequestStage = RequestStage.WAITING, who: str = "Chioma"
) -> OpenRequest:
    return OpenRequest(who, call, NOW - timedelta(minutes=9), stage, LINK)


def stream(**differs: Any) -> dict[str, Any]:
    return {"streams": [STREAMS[0], STREAMS[1] | differs]}


COPYING = {
    "state": "copying",
    "data_copy_completed_at": None,
    "tables": [
        {"name": "orders", "rows_copied": 380_000_000, "rows_total": 620_000_000},
        {"name": "line_items", "rows_copied": 35_000_000, "rows_total": 390_000_000},
    ],
}
RESTORED = {"state": "reversed_cutover", "cutover_at": ago(hours=2)}
NOT_SWITCHED = {"state": "verified_data", "replicas_switched": False, "primaries_switched": False}
IMPORT = {"workflow_subtype": "database_import"}

Calls = tuple[WorkflowCall, ...]


class Row(NamedTuple):
    """One sentence: for which actions, how heavy, what has to differ, and how its check passes."""

    calls: Calls
    level: Level
    sentence: str
    workflow: dict[str, Any]
    around: dict[str, Any]
    passes: str | None


def row(
    calls: WorkflowCall | Calls,
    level: Level,
    sentence: str,
    workflow: dict[str, Any] | None = None,
    passes: str | None = None,
    **around: Any,
) -> Row:
    """One row; `around` are facts beside the workflow."""
    each = calls if isinstance(calls, tuple) else (calls,)
    return Row(each, level, sentence, workflow or {}, around, passes)
