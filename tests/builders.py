"""Workflows for the pure rooms' tests: one healthy example, and whatever differs."""

from datetime import UTC, datetime
from typing import Any

from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef

NOW = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
REF = WorkflowRef("acme", "shop", 3)

CLEAN = {
    "id": "v1",
    "state": "completed",
    "started_at": "2026-11-22T23:20:00Z",
    "completed_at": "2026-11-23T00:12:00Z",
    "has_mismatch": False,
    "table_reports": [],
}
STREAMS = [
    {"id": 1, "state": "Running", "source_shard": "-", "target_shard": "-80"},
    {"id": 2, "state": "Running", "source_shard": "-", "target_shard": "80-"},
]
TABLES = [
    {"name": "orders", "rows_copied": 620_000_000, "rows_total": 620_000_000},
    {"name": "line_items", "rows_copied": 390_000_000, "rows_total": 390_000_000},
]


def a_workflow(**differs: Any) -> Workflow:
    """`shop #3`, copied and verified clean two hours ago, unless `differs` says otherwise."""
    return Workflow.model_validate(
        {
            "id": "w3",
            "name": "orders-to-customer",
            "number": 3,
            "state": "running",
            "created_at": "2026-11-22T16:02:00.000Z",
            "started_at": "2026-11-22T16:02:00.000Z",
            "data_copy_completed_at": "2026-11-22T22:04:00.000Z",
            "verify_data_at": "2026-11-23T00:12:00.000Z",
            "replicas_switched": False,
            "primaries_switched": False,
            "defer_secondary_keys": True,
            "on_ddl": "STOP",
            "branch": {"id": "b", "name": "main"},
            "source_keyspace": {"id": "s", "name": "commerce"},
            "target_keyspace": {"id": "t", "name": "customer"},
            "actor": {"id": "a", "display_name": "Ana"},
            "streams": STREAMS,
            "tables": TABLES,
            "vdiff": CLEAN,
        }
        | differs
    )


def copying(*tables: dict[str, Any], **differs: Any) -> Workflow:
    """`shop #3` in the middle of its copy."""
    unfinished = {"state": "copying", "data_copy_completed_at": None, "verify_data_at": None, "vdiff": None}
    return a_workflow(**unfinished | ({"tables": list(tables)} if tables else {}) | differs)


def unnoticed(*_read: object) -> None:
    """For a room alone: nobody else shows what was read."""
