"""Workflows as data to copy: `--format json` and `--format csv`.

Row samples of a verification are not in the models, so they cannot be in here. Cells that a spreadsheet would
run as a formula are quoted.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.planetscale.models import Workflow
from bot.spreadsheets import csv_line
from bot.workflows.facts.progress import Copy, TableProgress, copy_of, finished_at
from bot.workflows.facts.traffic import traffic
from bot.workflows.facts.verification import verification

LEFT_OUT = "Row samples are left out; see the dashboard."


def to_json(workflows: Workflow | Sequence[Workflow]) -> str:
    """PlanetScale's own field names, indented; what was not reported is `null`."""
    if isinstance(workflows, Workflow):
        data: Any = workflows.model_dump(mode="json")
    else:
        listed = {"streams", "tables", "vdiff"}
        data = [workflow.model_dump(mode="json", exclude=listed) for workflow in workflows]
    return json.dumps(data, indent=2, ensure_ascii=False)


def list_to_csv(workflows: Iterable[Workflow]) -> str:
    """One row a workflow."""
    return _csv([_summary(workflow) for workflow in workflows], _SUMMARY)


def all_to_json(workflows: Iterable[tuple[str, Workflow]]) -> str:
    """As `to_json`, of many databases: each workflow with the name of its own."""
    listed = {"streams", "tables", "vdiff"}
    data = [{"database": name} | one.model_dump(mode="json", exclude=listed) for name, one in workflows]
    return json.dumps(data, indent=2, ensure_ascii=False)


def all_to_csv(workflows: Iterable[tuple[str, Workflow]]) -> str:
    """As `list_to_csv`, of many databases."""
    return _csv([{"database": name} | _summary(one) for name, one in workflows], ("database", *_SUMMARY))


def show_to_csv(workflow: Workflow, now: datetime) -> str:
    """One row a table, the workflow's own columns repeated; a single row where no tables are reported."""
    summary = _summary(workflow) | {"verification": verification(workflow, now).verdict.value}
    copy = copy_of(workflow)
    rows = [summary | _table(copy, table) for table in copy.tables] if copy else []
    return _csv(rows or [summary], (*_SUMMARY, "verification", *_TABLE))


_SUMMARY = (
    "number",
    "name",
    "state",
    "branch",
    "source_keyspace",
    "target_keyspace",
    "writes",
    "replica_reads",
    "created_at",
    "finished_at",
)

_TABLE = ("table", "rows_copied", "rows_total", "percent")


def _summary(workflow: Workflow) -> dict[str, Any]:
    found = traffic(workflow)
    return {
        "number": workflow.number,
        "name": workflow.name,
        "state": workflow.state,
        "branch": workflow.branch.name if workflow.branch else None,
        "source_keyspace": workflow.source_keyspace.name if workflow.source_keyspace else None,
        "target_keyspace": workflow.target_keyspace.name if workflow.target_keyspace else None,
        "writes": found.writes,
        "replica_reads": found.replica_reads,
        "created_at": _moment(workflow.created_at),
        "finished_at": _moment(finished_at(workflow)),
    }


def _table(copy: Copy, table: TableProgress) -> dict[str, Any]:
    cells = (table.name, table.copied, table.total, copy.percent_of(table))
    return dict(zip(_TABLE, cells, strict=True))


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    lines = (csv_line(row.get(column) for column in columns) for row in rows)
    return "".join((csv_line(columns), *lines))
