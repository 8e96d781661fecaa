"""What a typed line can mean: a question, an action, or a mistake. Plain data."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What can be done to a workflow. The values are the sub-commands of `pscale workflow`."""

    CANCEL = "cancel"
    COMPLETE = "complete"
    CREATE = "create"
    CUTOVER = "cutover"
    RETRY = "retry"
    REVERSE_CUTOVER = "reverse-cutover"
    REVERSE_TRAFFIC = "reverse-traffic"
    SWITCH_TRAFFIC = "switch-traffic"
    VERIFY_DATA = "verify-data"


class Format(StrEnum):
    """How an answer is written (`--format`)."""

    HUMAN = "human"
    JSON = "json"
    CSV = "csv"


class OnDdl(StrEnum):
    """What a workflow does when a schema change reaches its tables."""

    STOP = "STOP"
    EXEC = "EXEC"
    EXEC_IGNORE = "EXEC_IGNORE"
    IGNORE = "IGNORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What every command carries."""

    organization: str | None = None
    """As typed with `--org`; `None` means the configured one."""
    format: Format = Format.HUMAN
    notes: tuple[str, ...] = ()
    """Sentences for the person about what was accepted but means nothing here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Help(Command):
    """A wish for help, about one sub-command or all of them."""

    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWorkflows(Command):
    """`list`"""

    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowWorkflow(Command):
    """`show`"""

    database: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateWorkflow(Command):
    """`create`. With `interactive`, what is missing is asked for in a form."""

    database: str
    branch: str
    name: str | None = None
    source_keyspace: str | None = None
    target_keyspace: str | None = None
    tables: tuple[str, ...] = ()
    global_keyspace: str | None = None
    defer_secondary_keys: bool = True
    on_ddl: OnDdl = OnDdl.STOP
    interactive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ActOnWorkflow(Command):
    """Any other action, on one workflow."""

    action: Action
    database: str
    number: int
    replicas_only: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch(Command):
    """`watch`: tell this channel about a workflow."""

    database: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwatch(Command):
    """`unwatch`: stop telling this channel about a workflow."""

    database: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals(Command):
    """`approvals`: what waits for a second person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History(Command):
    """`history`: who asked, who decided, and how it ended."""

    database: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line that cannot be understood, with what the person needs to write it right."""

    problem: str
    """One sentence: what was wrong. It may contain words that were typed; never the value of a secret."""
    usage: str | None = None
    """The right form, e.g. `/workflow show <DATABASE> <NUMBER>`."""
    suggestion: str | None = None
    """The nearest thing that would be understood: a complete line when one can be made, else one word."""
    topic: str | None = None
    """The sub-command whose help would explain more; `None` for the overview."""


@dataclass(frozen=True, slots=True)
class SecretTyped:
    """A secret or an endpoint was typed. Nothing of the line is kept."""

    flag: str | None = None
    """The refused flag's name, without its value; `None` where a bare token was recognised."""


Parsed = Command | Mistake | SecretTyped
