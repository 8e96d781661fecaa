"""What the checks look at, and what has to be read for it.

In everything that is read, `None` means that it could not be read.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.planetscale.calls import NewWorkflow, WorkflowCall
from bot.planetscale.models import Backup, Branch, Keyspace, SchemaTable, Workflow
from bot.planetscale.refs import WorkflowRef
from bot.workflows.facts.kind import WorkflowKind, kind_of

BUILT_IN_SOAK = timedelta(hours=1)


class RequestStage(Enum):
    """Where another request is."""

    WAITING = "waiting"
    """For people, or for its turn: nothing was sent."""
    RUNNING = "running"
    """Being sent, or taken and not done yet."""
    UNKNOWN = "unknown"
    """Its outcome is not known, or a person has to say it."""
    IN_DOUBT = "in doubt"
    """It ended without having been seen to happen, and may still take effect."""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Another request that has not ended, or whose outcome is in doubt, as the bot's own history has it."""

    who: str
    """How the person is called in a sentence."""
    call: WorkflowCall | NewWorkflow
    asked_at: datetime
    stage: RequestStage
    link: str | None = None
    """Its card."""
    own: bool = False
    """By whoever asks for this one."""
    late_until: datetime | None = None
    """Of one that is in doubt: how long a late effect is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything about one action on one workflow, at one moment."""

    ref: WorkflowRef
    call: WorkflowCall
    now: datetime
    workflow: Workflow | None
    """In full, as read for this run."""
    read_at: datetime | None = None
    last_known: Workflow | None = None
    """An older snapshot: what `reverse-traffic` and `reverse-cutover` go by when nothing could be read."""
    last_known_at: datetime | None = None
    state_since: datetime | None = None
    """When the workflow came into its state, where the bot saw that. PlanetScale gives no such time."""

    verification_stands_since: datetime | None = None
    """Since when the verification that runs was seen not to get on; `None` while it does."""

    keyspaces: tuple[Keyspace, ...] | None = None
    """Those of the workflow's branch."""
    target_vschema: str | None = None
    """JSON text."""
    backups: tuple[Backup, ...] | None = None
    """Those of the workflow's branch."""

    others: tuple[OpenRequest, ...] = ()
    """The other requests on this workflow that have not ended or are in doubt; never the one that is
    checked."""
    forced_over_rows: int = 0
    """How many rows were known to differ when primaries were last switched with `--force`."""
    switch_tried_at: datetime | None = None
    """When the bot last sent a switch, whatever came of it."""
    replicas_tried_at: datetime | None = None
    """When the bot last read back that its own switch had moved replica reads."""
    known_tables: tuple[str, ...] = ()
    """The tables of the bot's own `create`, if the workflow is from there."""
    soak: timedelta = BUILT_IN_SOAK
    """The policy's: a cutover sooner than this after the primaries' switch needs `--force`."""

    def keyspace(self, name: str) -> Keyspace | None:
        """A keyspace of the branch, if it was read and is there."""
        return next((keyspace for keyspace in self.keyspaces or () if keyspace.name == name), None)

    def kind(self, workflow: Workflow) -> WorkflowKind:
        """What kind of workflow it is, as far as the workflow and its source keyspace tell."""
        return kind_of(workflow, self.keyspace(source(workflow)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFacts:
    """Everything about a `create`, at one moment."""

    database: str
    new: NewWorkflow
    now: datetime
    workflows: tuple[Workflow, ...] | None = None
    """All of the database."""
    branches: tuple[Branch, ...] | None = None
    keyspaces: tuple[Keyspace, ...] | None = None
    """Those of the branch that is named; not needed where there is no such branch."""
    source_tables: tuple[SchemaTable, ...] | None = None
    target_vschema: str | None = None
    others: tuple[OpenRequest, ...] = ()
    """The other requests to create in this database that have not ended; never the one that is checked."""


class Need(Enum):
    """One thing to read at PlanetScale."""

    WORKFLOW = "workflow"
    LISTING = "listing"
    """All workflows of the database."""
    BRANCHES = "branches"
    KEYSPACES = "keyspaces"
    """Of the branch."""
    VSCHEMA = "vschema"
    """Of the target keyspace."""
    SCHEMA = "schema"
    """The tables of the source keyspace."""
    BACKUPS = "backups"
    """Of the branch."""


def source(workflow: Workflow) -> str:
    """The source keyspace in a sentence."""
    return workflow.source_keyspace.name if workflow.source_keyspace else "the source keyspace"


def target(workflow: Workflow) -> str:
    """The target keyspace in a sentence."""
    return workflow.target_keyspace.name if workflow.target_keyspace else "the target keyspace"


def branch(workflow: Workflow) -> str:
    """The branch in a sentence."""
    return workflow.branch.name if workflow.branch else "the branch"
