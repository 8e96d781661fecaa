"""What `create` accepts, and how it says no."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import permutations

from bot.demo.planetscale.world import Actor, Branch, Database, State, Table, Workflow

ON_DDL = frozenset({"STOP", "EXEC", "EXEC_IGNORE", "IGNORE"})


class InvalidError(Exception):
    """Validation failed: by field, what is wrong with it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(str(problems))
        self.problems = problems


class BusyBranchError(Exception):
    """The branch has an active workflow."""


def create(home: Database, body: Mapping[str, object], by: Actor, at: datetime) -> Workflow:
    """A new workflow in `home`. Raises `InvalidError` or `BusyBranchError`, and then nothing is there."""
    branch = home.branches.get(str(body.get("branch_name") or "main"))
    if branch is None:
        raise InvalidError({"branch_name": "does not exist"})
    problems = _blanks(body) or _wrong(home, branch, body)
    if problems:
        raise InvalidError(problems)
    busy = home.active_on(branch.name)
    if busy:
        msg = f"branch {branch.name} already has an active workflow (#{busy.number}, {busy.state})"
        raise BusyBranchError(msg)
    source = branch.keyspaces[str(body["source_keyspace"])]
    target = branch.keyspaces[str(body["target_keyspace"])]
    rows = home.tables_in(branch.name, source.name)
    start_seconds = 8.0
    workflow = Workflow(
        database=home.name,
        number=max(home.workflows, default=0) + 1,
        name=str(body["name"]),
        branch=branch.name,
        source=source.name,
        target=target.name,
        source_shards=source.shards,
        target_shards=target.shards,
        tables=tuple(Table(name, rows[name], rows[name]) for name in _tables(body)),
        actor=by,
        created_at=at,
        state=State.PENDING,
        since=at,
        due=at + timedelta(seconds=start_seconds),
        start_seconds=start_seconds,
        global_keyspace=str(body["global_keyspace"]) if body.get("global_keyspace") else None,
        defer_secondary_keys=body.get("defer_secondary_keys") is not False,
        on_ddl=str(body.get("on_ddl") or "STOP"),
        imported=source.imported,
    )
    home.workflows[workflow.number] = workflow
    return workflow


def suggestion(home: Database) -> dict[str, object] | None:
    """What could be created: the first branch without an active workflow, two keyspaces, one table."""
    for branch in home.branches.values():
        if home.active_on(branch.name):
            continue
        for source, target in permutations(branch.keyspaces, 2):
            there = home.tables_in(branch.name, target)
            free = [name for name in home.tables_in(branch.name, source) if name not in there]
            tables = [name for name in free if not name.endswith("_seq")]
            if tables and len(branch.keyspaces[target].shards) >= len(branch.keyspaces[source].shards):
                return {
                    "name": f"{tables[0]}-to-{target}",
                    "branch_name": branch.name,
                    "source_keyspace": source,
                    "target_keyspace": target,
                    "tables": tables[:1],
                }
    return None


def _tables(body: Mapping[str, object]) -> list[str]:
    tables = body.get("tables")
    return [str(name) for name in tables] if isinstance(tables, list) else []


def _blanks(body: Mapping[str, object]) -> dict[str, str]:
    names = ("name", "source_keyspace", "target_keyspace")
    problems = {name: "can't be blank" for name in names if not body.get(name)}
    if not _tables(body):
        problems["tables"] = "can't be blank"
    return problems


def _wrong(home: Database, branch: Branch, body: Mapping[str, object]) -> dict[str, str]:
    problems = {}
    for name in ("source_keyspace", "target_keyspace", "global_keyspace"):
        if body.get(name) and body[name] not in branch.keyspaces:
            problems[name] = "does not exist"
    if problems:
        return problems
    source, target = str(body["source_keyspace"]), str(body["target_keyspace"])
    if source == target:
        problems["target_keyspace"] = "must differ from the source keyspace"
    missing = [name for name in _tables(body) if name not in home.tables_in(branch.name, source)]
    if missing:
        problems["tables"] = f"do not exist in {source}: {', '.join(missing)}"
    if str(body.get("on_ddl") or "STOP") not in ON_DDL:
        problems["on_ddl"] = "is not included in the list"
    shared = body.get("global_keyspace")
    if shared and (shared == target or branch.keyspaces[str(shared)].sharded):
        problems["global_keyspace"] = "must be unsharded and not the target"
    return problems
