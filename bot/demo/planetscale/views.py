"""The world as the API answers it. Source: the public API reference and the public CLI's own client."""

import json
import math
from datetime import UTC, datetime, timedelta

from bot.demo.planetscale.copying import Stream, rows_copied, streams
from bot.demo.planetscale.world import (
    ACTORS,
    TIMES,
    Actor,
    Branch,
    Counts,
    Database,
    Keyspace,
    State,
    Table,
    VDiff,
    Workflow,
    ident,
)

Json = dict[str, object]

PLANTED_ROW = "planted-row-7f3a@acme.example"
"""A value of a row, which the report of a mismatch carries as the API's does. It must never reach chat."""

THROTTLE_TICK = timedelta(seconds=10)
VERIFY_PAUSE = timedelta(seconds=10)
NO_STREAMS = frozenset(
    {State.PENDING, State.CUTOVER, State.REVERSED_CUTOVER, State.COMPLETED, State.CANCELLED}
)
STOPPED_STREAMS = frozenset({State.STOPPED, State.SWITCHED_PRIMARIES, State.CUTTING_OVER})


def moment(value: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds, cut."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def actor(value: Actor | None) -> Json | None:
    if value is None:
        return None
    if not value.name:  # an account that it does not say anything of
        return {"id": None, "type": "User", "display_name": None, "avatar_url": None}
    avatar = f"https://avatars.invalid/{value.id}.png"
    return {"id": value.id, "type": "User", "display_name": value.name, "avatar_url": avatar}


def named(kind: str, workflow: Workflow, name: str | None) -> Json | None:
    if name is None:
        return None
    return {"id": ident(kind, workflow.database, workflow.branch, name), "name": name}


def workflow_in_list(workflow: Workflow, now: datetime) -> Json:
    """What a list holds: no streams, no tables, no verification."""
    return {
        "id": ident("workflow", workflow.database, workflow.number),
        "type": "Workflow",
        "name": workflow.name,
        "number": workflow.number,
        "state": workflow.state.value,
        "created_at": moment(workflow.created_at),
        "updated_at": moment(_updated_at(workflow, now)),
        "workflow_type": "move_tables",
        "workflow_subtype": workflow.workflow_subtype,
        "replicas_switched": workflow.replicas_switched,
        "primaries_switched": workflow.primaries_switched,
        "defer_secondary_keys": workflow.defer_secondary_keys,
        "on_ddl": workflow.on_ddl,
        "may_retry": workflow.may_retry,
        "may_restart": workflow.may_restart,
        "verified_data_stale": workflow.verified_stale(now),
        "sequence_tables_applied": workflow.sequence_tables_applied,
        "branch": {
            "id": ident("branch", workflow.database, workflow.branch),
            "name": workflow.branch,
        },
        "source_keyspace": named("keyspace", workflow, workflow.source),
        "target_keyspace": named("keyspace", workflow, workflow.target),
        "global_keyspace": named("keyspace", workflow, workflow.global_keyspace),
        "actor": actor(workflow.actor),
        "workflow_errors": workflow.workflow_errors,
        **{name: moment(workflow.times.get(name)) for name in TIMES},
        **{name: actor(workflow.by.get(name)) for name in ACTORS},
    }


def workflow(value: Workflow, now: datetime) -> Json:
    """The single read."""
    lines = streams(value)
    seconds = value.copied_for(now)
    copied = rows_copied(lines, seconds)
    return {
        **workflow_in_list(value, now),
        "streams": [] if value.state in NO_STREAMS else [_stream(value, line, now) for line in lines],
        "tables": [_table(value, table, copied.get(table.name, 0)) for table in value.tables],
        "vdiff": _vdiff(value, value.vdiff, now) if value.vdiff else None,
    }


def _updated_at(value: Workflow, now: datetime) -> datetime:
    """Refreshed all the time while something moves: it proves nothing."""
    moves = value.due is not None or value.state is State.COPYING  # held back or not
    return max(value.since, now.replace(microsecond=0)) if moves else value.since


def percent(value: Workflow, now: datetime) -> int:
    """How much of the estimated rows is copied, at most 100."""
    copied = sum(rows_copied(streams(value), value.copied_for(now)).values())
    return min(100, 100 * copied // max(1, sum(table.estimate for table in value.tables)))


def _table(value: Workflow, table: Table, copied: int) -> Json:
    known: Json = {
        "id": ident("table", value.database, value.number, table.name),
        "name": table.name,
        "created_at": moment(value.created_at),
        "updated_at": moment(value.since),
    }
    if value.state is State.PENDING:
        return {"name": table.name}
    share = min(100, 100 * copied // max(1, table.estimate))
    return {**known, "rows_copied": copied, "rows_total": table.estimate, "rows_percentage": share}


def _stream_state(value: Workflow, line: Stream, now: datetime) -> str:
    if value.state in STOPPED_STREAMS:
        return "stopped"
    if value.state is State.VERIFYING_DATA and now - value.since < VERIFY_PAUSE:
        return "stopped"
    if value.state is State.ERROR or value.stream_error:
        return "error"
    return "running" if value.copied_for(now) >= line.ends else "copying"


def _stream(value: Workflow, line: Stream, now: datetime) -> Json:
    copied = line.rows_at(value.copied_for(now))
    state = _stream_state(value, line, now)
    message = value.workflow_errors if value.state in {State.ERROR, State.STOPPED} else value.stream_error
    throttled_at = None
    if value.throttled_since is not None:
        throttled_at = now - (now - value.throttled_since) % THROTTLE_TICK
    return {
        "id": str(line.id),
        "type": "WorkflowStream",
        "vitess_id": line.id,
        "target_tablet_cell": "zone1",
        "target_tablet_uid": 100 + line.id,
        "created_at": moment(value.times.get("started_at", value.since)),
        "updated_at": moment(_updated_at(value, now)),
        "state": state,
        "target_shard": line.target_shard,
        "source_shard": line.source_shard,
        "position": f"MySQL56/{ident('gtid', value.database)}:1-{1000 + copied // 100}",
        "stop_position": None,
        "rows_copied": copied,
        "component_throttled": value.throttled_by
        and f"vreplication:{line.target_shard}:{value.throttled_by}",
        "component_throttled_at": moment(throttled_at),
        "primary_serving": value.primaries_switched,
        "info": message or "",
        "logs": _logs(value, line, state, message),
    }


def _logs(value: Workflow, line: Stream, state: str, message: str | None) -> list[Json]:
    """The messages of a stream: that it began to copy, and what it came to last."""
    began = value.times.get("started_at", value.since)
    entries = [(began, "copying", "Started Copy Phase", f"Stream {line.target_shard}: copy started")]
    if value.since > began:
        said = message or f"Stream {line.target_shard}: {state}"
        entries.append((value.since, state, "Error" if message else "State Changed", said))
    return [
        {
            "id": str(int(at.timestamp()) * 100 + line.id),
            "state": name,
            "message": said,
            "log_type": kind,
            "created_at": moment(at),
        }
        for at, name, kind, said in entries
    ]


def _vdiff(value: Workflow, vdiff: VDiff, now: datetime) -> Json:
    done, eta = 100, 0
    if vdiff.completed_at is None:
        past = (now - vdiff.started_at).total_seconds()
        done = min(99, math.floor(100 * past / value.verify_seconds))
        eta = max(0, math.ceil(value.verify_seconds - past))
    reports = [
        _report(value, table, shard, vdiff.found.get((table.name, shard), Counts()))
        for table in value.tables
        for shard in value.target_shards
    ]
    return {
        "id": vdiff.id,
        "state": vdiff.state,
        "created_at": moment(vdiff.started_at),
        "updated_at": moment(vdiff.completed_at or now),
        "started_at": moment(vdiff.started_at),
        "completed_at": moment(vdiff.completed_at),
        "has_mismatch": bool(vdiff.found),
        "progress_percentage": done if vdiff.state in {"started", "completed"} else None,
        "eta_seconds": eta if vdiff.state == "started" else None,
        "table_reports": reports if vdiff.state == "completed" else [],
    }


def _report(value: Workflow, table: Table, shard: str, found: Counts) -> Json:
    def sample(rows: int, keyspace: str) -> str | None:
        query = f"select * from {keyspace}.{table.name} where email in ('{PLANTED_ROW}')"  # noqa: S608 - shown as a text, run nowhere
        return query if rows else None

    return {
        "id": ident("report", value.database, value.number, table.name, shard),
        "table_name": table.name,
        "shard": shard,
        "mismatched_rows_count": found.mismatched,
        "extra_source_rows_count": found.only_in_source,
        "extra_target_rows_count": found.only_in_target,
        "mismatched_rows": [{"email": PLANTED_ROW}] if found.mismatched else [],
        "extra_source_rows": [{"email": PLANTED_ROW}] if found.only_in_source else [],
        "extra_target_rows": [{"email": PLANTED_ROW}] if found.only_in_target else [],
        "sample_mismatched_rows_query": sample(found.mismatched, value.source),
        "sample_extra_source_rows_query": sample(found.only_in_source, value.source),
        "sample_extra_target_rows_query": sample(found.only_in_target, value.target),
    }


def organization(name: str) -> Json:
    return {"id": ident("organization", name), "type": "Organization", "name": name}


def database(value: Database) -> Json:
    return {"id": ident("database", value.name), "type": "Database", "name": value.name, "state": "ready"}


def branch(home: Database, value: Branch) -> Json:
    return {
        "id": ident("branch", home.name, value.name),
        "type": "DatabaseBranch",
        "name": value.name,
        "production": True,
        "ready": value.ready,
        "safe_migrations": value.safe_migrations,
    }


def keyspace(home: Database, on: Branch, value: Keyspace) -> Json:
    return {
        "id": ident("keyspace", home.name, on.name, value.name),
        "type": "Keyspace",
        "name": value.name,
        "shards": len(value.shards),
        "sharded": value.sharded,
        "ready": value.ready,
        "resizing": value.resizing,
        "imported": value.imported,
    }


def vschema(value: Keyspace, tables: dict[str, int]) -> Json:
    """The VSchema as the text it is: every table with a vindex where the keyspace is sharded."""
    shown: Json = {"sharded": value.sharded}
    if value.require_explicit_routing:
        shown["require_explicit_routing"] = True
    vindex = {"column_vindexes": [{"column": "id", "name": "hash"}]} if value.sharded else {}
    if value.sharded:
        shown["vindexes"] = {"hash": {"type": "hash"}}
    names = dict.fromkeys([*tables, *value.vschema_only])
    shown["tables"] = {
        name: {"type": "sequence"} if name.endswith("_seq") else dict(vindex) for name in names
    }
    return {"raw": json.dumps(shown, indent=2)}


def schema_table(name: str) -> Json:
    raw = f"CREATE TABLE `{name}` (\n  `id` bigint unsigned NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)\n)"
    return {"name": name, "html": f"<pre>{len(raw)} characters</pre>", "raw": raw}


def backup(home: Database, on: Branch, completed: datetime, now: datetime) -> Json:
    """A backup; one whose end is still to come is running."""
    running = completed > now
    state = "failed" if completed in on.failed_backups else "success"
    return {
        "id": ident("backup", home.name, on.name, completed),
        "type": "Backup",
        "name": f"{completed:%Y.%m.%d %H:%M:%S}",
        "state": "running" if running else state,
        "size": 0 if running else 48_000_000_000,
        "created_at": moment(completed - timedelta(minutes=40)),
        "started_at": moment(completed - timedelta(minutes=40)),
        "completed_at": None if running else moment(completed),
    }
