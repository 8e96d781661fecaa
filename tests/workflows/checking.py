"""Facts for the checks' tests: for each action a situation in which every check passes, and what differs."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.planetscale.calls import NewWorkflow, WorkflowCall
from bot.planetscale.models import Backup, Branch, Keyspace, SchemaTable
from bot.subjects.findings import Finding, Level, Report
from bot.workflows.checks.check_run import run_checks
from bot.workflows.checks.facts import CreateFacts, Facts
from bot.workflows.facts.moments import parts_of
from tests.builders import NOW, REF, a_workflow

COMMERCE = Keyspace(name="commerce", sharded=False, ready=True, resizing=False, imported=False)
CUSTOMER = Keyspace(name="customer", sharded=True, ready=True, resizing=False, imported=False)
LOOKUP = Keyspace(name="lookup", sharded=False, ready=True, resizing=False, imported=False)

_REPLICAS = {
    "state": "switched_replicas",
    "replicas_switched": True,
    "primaries_switched": False,
    "switch_replicas_at": "2026-11-22T23:40:00Z",
}
_PRIMARIES = {
    "state": "switched_primaries",
    "replicas_switched": True,
    "primaries_switched": True,
    "switch_replicas_at": "2026-11-21T23:40:00Z",
    "switch_primaries_at": NOW - timedelta(hours=26),
    # The forward workflow is paused by design then, and its verification is old.
    "streams": [{"id": 1, "state": "Stopped", "target_shard": "-80"}],
    "verified_data_stale": True,
}
_CUT_OVER = _PRIMARIES | {"state": "cutover", "cutover_at": NOW - timedelta(hours=26)}
_ERROR = {"state": "error", "may_retry": True, "may_restart": False, "tables": [{"name": "orders"}]}

FINE: dict[WorkflowCall, dict[str, Any]] = {
    WorkflowCall.VERIFY_DATA: {"vdiff": None, "verify_data_at": None},
    WorkflowCall.SWITCH_REPLICAS: {},
    WorkflowCall.SWITCH_PRIMARIES: _REPLICAS | {"global_keyspace": "lookup"},
    WorkflowCall.REVERSE_TRAFFIC: _PRIMARIES,
    WorkflowCall.CUTOVER: _PRIMARIES,
    WorkflowCall.REVERSE_CUTOVER: _CUT_OVER,
    WorkflowCall.COMPLETE: _CUT_OVER,
    WorkflowCall.RETRY: _ERROR | {"data_copy_completed_at": None},
    WorkflowCall.CANCEL: {},
}


def facts(call: WorkflowCall, workflow: dict[str, Any] | None = None, **differs: Any) -> Facts:
    """Everything fine for `call`, but for what differs in the workflow and around it."""
    fine = Facts(
        ref=REF,
        call=call,
        now=NOW,
        workflow=a_workflow(**FINE[call] | (workflow or {})),
        read_at=NOW - timedelta(seconds=3),
        keyspaces=(COMMERCE, CUSTOMER, LOOKUP),
        target_vschema='{"sharded": true, "tables": {}}',
        backups=(Backup(state="success", completed_at=NOW - timedelta(minutes=14)),),
    )
    return replace(fine, **differs)


def unread(call: WorkflowCall, **differs: Any) -> Facts:
    """The same while PlanetScale does not answer."""
    return replace(facts(call, **differs), workflow=None, read_at=None)


NEW = NewWorkflow(
    name="orders-to-customer-2",
    branch_name="main",
    source_keyspace="commerce",
    target_keyspace="customer",
    global_keyspace="lookup",
    tables=("orders", "line_items"),
)
VINDEXES = '{"tables": {"orders": {"column_vindexes": [{}]}, "line_items": {"type": "reference"}}}'


def creating(new: dict[str, Any] | None = None, **differs: Any) -> CreateFacts:
    """A create that everything speaks for, but for what differs."""
    fine = CreateFacts(
        database="shop",
        new=NEW.model_copy(update=new or {}),
        now=NOW,
        workflows=(a_workflow(state="completed"),),
        branches=(Branch(name="main", safe_migrations=True), Branch(name="dev", safe_migrations=True)),
        keyspaces=(COMMERCE, CUSTOMER, LOOKUP),
        source_tables=(SchemaTable(name="orders"), SchemaTable(name="line_items")),
        target_vschema=VINDEXES,
    )
    return replace(fine, **differs)


def sentences(report: Report, level: Level) -> list[str]:
    """The sentences of one level."""
    return [as_read(finding.sentence) for finding in report.findings if finding.level is level]


def as_read(sentence: str) -> str:
    """A sentence with its moments as `02:05 UTC` today, else `Sun 23:40 UTC`."""
    return "".join(one if isinstance(one, str) else _clock(one) for one in parts_of(sentence))


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M} UTC" if moment.date() == NOW.date() else f"{moment:%a %H:%M} UTC"


def found(about: Facts | CreateFacts, sentence: str) -> Finding | None:
    """The finding with this very sentence."""
    return next((f for f in run_checks(about).findings if as_read(f.sentence) == sentence), None)
