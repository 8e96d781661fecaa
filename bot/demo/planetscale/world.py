"""What exists in the stand-in: organization, databases, branches, keyspaces, workflows. Plain data."""

import hashlib
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property


class State(StrEnum):
    """A workflow's state, as the API spells it."""

    PENDING = "pending"
    COPYING = "copying"
    RUNNING = "running"
    STOPPED = "stopped"
    VERIFYING_DATA = "verifying_data"
    VERIFIED_DATA = "verified_data"
    SWITCHING_REPLICAS = "switching_replicas"
    SWITCHED_REPLICAS = "switched_replicas"
    SWITCHING_PRIMARIES = "switching_primaries"
    SWITCHED_PRIMARIES = "switched_primaries"
    REVERSING_TRAFFIC = "reversing_traffic"
    REVERSING_TRAFFIC_FOR_CANCEL = "reversing_traffic_for_cancel"
    CUTTING_OVER = "cutting_over"
    CUTOVER = "cutover"
    REVERSED_CUTOVER = "reversed_cutover"
    COMPLETED = "completed"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    ERROR = "error"


ENDED = frozenset({State.COMPLETED, State.CANCELLED})


class Mutation(StrEnum):
    """What changes a workflow: the last part of the path (`create` and `cancel` have none)."""

    CREATE = "create"
    VERIFY_DATA = "verify-data"
    SWITCH_REPLICAS = "switch-replicas"
    SWITCH_PRIMARIES = "switch-primaries"
    REVERSE_TRAFFIC = "reverse-traffic"
    CUTOVER = "cutover"
    REVERSE_CUTOVER = "reverse-cutover"
    COMPLETE = "complete"
    RETRY = "retry"
    CANCEL = "cancel"


TIMES = (
    "started_at",
    "completed_at",
    "cancelled_at",
    "reversed_at",
    "retried_at",
    "data_copy_completed_at",
    "cutover_at",
    "switch_replicas_at",
    "switch_primaries_at",
    "verify_data_at",
)
ACTORS = (
    "verify_data_by",
    "reversed_by",
    "switch_replicas_by",
    "switch_primaries_by",
    "cancelled_by",
    "completed_by",
    "retried_by",
    "cutover_by",
    "reversed_cutover_by",
)


def ident(*parts: object) -> str:
    """A stable twelve-character id, as the API's look."""
    return hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Actor:
    """An account or a service token."""

    name: str

    @property
    def id(self) -> str:
        return ident("actor", self.name)


@dataclass(frozen=True, slots=True)
class Table:
    """A table that moves: how many rows it has, and how many its statistics say."""

    name: str
    rows: int
    estimate: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows that a comparison found: different, only in the source, only in the target."""

    mismatched: int = 0
    only_in_source: int = 0
    only_in_target: int = 0


@dataclass(slots=True)
class VDiff:
    """The last verification. `found` is keyed by table and target shard; what is not in it is equal."""

    id: str
    started_at: datetime
    completed_at: datetime | None = None
    state: str = "started"
    found: dict[tuple[str, str], Counts] = field(default_factory=dict)


class Fate(StrEnum):
    """How something that was accepted ends."""

    DONE = "done"
    WENT_BACK = "went back"
    FAILED = "failed"
    MISMATCH = "mismatch"


@dataclass(frozen=True, slots=True)
class Course:
    """What was accepted and is not done yet."""

    mutation: Mutation
    by: Actor
    back_to: State
    fate: Fate
    stamped: bool
    """Whether its evidence (`*_at`, `*_by`) is set already."""


@dataclass
class Workflow:
    """One workflow. It changes only at `due`, or when somebody does something to it."""

    database: str
    number: int
    name: str
    branch: str
    source: str
    target: str
    source_shards: tuple[str, ...]
    target_shards: tuple[str, ...]
    tables: tuple[Table, ...]
    actor: Actor
    created_at: datetime
    state: State
    since: datetime
    """The moment it came into `state`."""
    due: datetime | None = None
    """The moment of its next change by itself, if there is one."""
    course: Course | None = None
    replicas_switched: bool = False
    primaries_switched: bool = False
    global_keyspace: str | None = None
    workflow_subtype: str | None = None
    defer_secondary_keys: bool = True
    on_ddl: str = "STOP"
    may_retry: bool = False
    may_restart: bool = False
    starts_over: bool = False
    """Whether a retry copies everything again. The API does not tell."""
    sequence_tables_applied: bool = False
    workflow_errors: str | None = None
    imported: bool = False
    has_copies: bool = False
    """Whether the target has the tables."""
    source_deleted: bool = False
    """Whether a cutover has deleted the tables from the source."""
    times: dict[str, datetime] = field(default_factory=dict)
    by: dict[str, Actor] = field(default_factory=dict)
    vdiff: VDiff | None = None

    rows_per_second: float = 46_500.0
    start_seconds: float = 8.0
    catch_up_seconds: float = 300.0
    banked: float = 0.0
    """Seconds of copying behind it, up to `copying_since` (or in all, while it stands still)."""
    copying_since: datetime | None = None
    let_through: float = 1.0
    """The share of its rows that copies: less than all while it is held back, by the throttler or unseen."""
    throttled_by: str | None = None
    throttled_since: datetime | None = None
    stream_error: str | None = None
    """What its streams report, one after another trying again, while the workflow itself is in no error."""

    def copied_for(self, now: datetime) -> float:
        """Seconds of copying behind it at `now`."""
        if self.copying_since is None:
            return self.banked
        return self.banked + self.let_through * (now - self.copying_since).total_seconds()

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    @cached_property
    def verify_seconds(self) -> float:
        """How long a comparison of all its rows takes."""
        return float(max(60, math.ceil(self.rows / 300_000)))

    def verified_stale(self, now: datetime) -> bool:
        """Whether its last verification is older than PlanetScale trusts: 24 hours."""
        ended = self.vdiff.completed_at if self.vdiff else None
        return ended is not None and self.state not in ENDED and now - ended > timedelta(hours=24)


@dataclass
class Keyspace:
    """A keyspace of a branch, with its own tables and how many rows each has."""

    name: str
    shards: tuple[str, ...] = ("-",)
    tables: dict[str, int] = field(default_factory=dict)
    vschema_only: tuple[str, ...] = ()
    """Tables that its VSchema names and that it does not have (yet)."""
    require_explicit_routing: bool = False
    imported: bool = False
    ready: bool = True
    resizing: bool = False

    @property
    def sharded(self) -> bool:
        return len(self.shards) > 1


@dataclass
class Branch:
    """A branch, with its keyspaces and the times at which a backup of it was finished."""

    name: str
    keyspaces: dict[str, Keyspace] = field(default_factory=dict)
    backups: list[datetime] = field(default_factory=list)
    failed_backups: list[datetime] = field(default_factory=list)
    safe_migrations: bool = True
    ready: bool = True


@dataclass
class Database:
    """A database."""

    name: str
    branches: dict[str, Branch] = field(default_factory=dict)
    workflows: dict[int, Workflow] = field(default_factory=dict)

    def tables_in(self, branch: str, keyspace: str) -> dict[str, int]:
        """The tables of a keyspace as they are: copies included, tables deleted by a cutover left out."""
        tables = dict(self.branches[branch].keyspaces[keyspace].tables)
        for workflow in self.workflows.values():
            if workflow.branch != branch:
                continue
            moved = {table.name: table.rows for table in workflow.tables}
            if workflow.target == keyspace and workflow.has_copies:
                tables |= moved
            if workflow.source == keyspace and workflow.source_deleted:
                tables = {name: rows for name, rows in tables.items() if name not in moved}
        return tables

    def active_on(self, branch: str) -> Workflow | None:
        """The workflow that has not ended on `branch`; there can be one."""
        running = (w for w in self.workflows.values() if w.branch == branch and w.state not in ENDED)
        return next(running, None)


@dataclass
class World:
    """One organization and its databases."""

    organization: str = "acme"
    databases: dict[str, Database] = field(default_factory=dict)

    def workflows(self) -> list[Workflow]:
        """All of them, in the order in which they were added."""
        return [w for database in self.databases.values() for w in database.workflows.values()]
