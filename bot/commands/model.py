"""What a typed line can mean: a question, an action, or a mistake. Plain data."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class ActionName(StrEnum):
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
    MARKDOWN = "markdown"


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
class Start(Command):
    """`/workflow` alone: what can be done here and now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDatabase(Command):
    """What is about one database. `None`: it was left out, and is the one that this bot is set up for."""

    database: str | None = None
    assumed: tuple[str, ...] = ()
    """Sentences for everybody about what was left out and is taken to be meant."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the person is told besides the answer."""
        return (*self.notes, *self.assumed)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnWorkflow(OnDatabase):
    """What is about one workflow.

    Neither number nor name: they were left out, and the only active one is meant.
    """

    number: int | None = None
    named: str | None = None
    """Its name, or the beginning of it, as it was typed in place of the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWorkflows(OnDatabase):
    """`list`. Without a database: what is active in all of them."""

    active: bool = False
    """Only what has not ended."""
    needs_attention: bool = False
    """Only what needs somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowWorkflow(OnWorkflow):
    """`show`"""

    chart: bool = False
    """A picture of the copy is wanted instead of the words."""


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
    reason: str | None = None
    """Why, as `reason.worded` keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActOnWorkflow(OnWorkflow):
    """Any other action, on one workflow."""

    action: ActionName
    replicas_only: bool = False
    force: bool = False
    reason: str | None = None
    """Why, as `reason.worded` keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchWorkflow(OnWorkflow):
    """`watch`: tell this channel about a workflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWorkflow(OnWorkflow):
    """`report`: how a move went, from the bot's own rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnwatchWorkflow(OnWorkflow):
    """`unwatch`: stop telling this channel about a workflow."""


CHANGING = (CreateWorkflow, ActOnWorkflow, WatchWorkflow, UnwatchWorkflow)
"""What does more than read: at PlanetScale, or to what is told where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals(Command):
    """`approvals`: what waits for a second person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History(OnDatabase):
    """`history`: who asked, who decided, and how it ended."""

    number: int | None = None
    named: str | None = None
    """As with `OnWorkflow`. Neither number nor name: all of the database."""
    by: str | None = None
    """Whose: a Slack user id, or a name as it was typed."""
    action: ActionName | None = None
    since: date | None = None
    denied: bool = False
    refused: bool = False
    """What was refused at once, instead of the rest."""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line that cannot be understood, with what the person needs to write it right."""

    problem: str
    """One sentence: what was wrong. It may contain words that were typed; never the value of a secret."""
    usage: str | None = None
    """The right form, e.g. `/workflow show <DATABASE> [NUMBER]`."""
    suggestion: str | None = None
    """The nearest thing that would be understood: a complete line when one can be made, else one word."""
    runs: bool = False
    """The suggestion is a complete line that says all that was typed: it may be sent as it stands. One that
    leaves out a `--force` says something else."""
    also: str | None = None
    """Another complete line that is as likely meant."""
    topic: str | None = None
    """The sub-command whose help would explain more; `None` for the overview."""


@dataclass(frozen=True, slots=True)
class SecretTyped:
    """A secret or an endpoint was typed. Nothing of the line is kept."""

    flag: str | None = None
    """The refused flag's name, without its value; `None` where a bare token was recognised."""


Parsed = Command | Mistake | SecretTyped


def known(value: T | None) -> T:
    """A name that was typed, or was found since. Raises `ValueError` while it is still left out."""
    if value is None:
        msg = "it was left out, and nobody has found out yet what is meant"
        raise ValueError(msg)
    return value
