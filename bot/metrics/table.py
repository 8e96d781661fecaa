"""The one table of figures: name, kind, labels, meaning. The page, the documentation, the dashboard and the
alert rules are held against it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PREFIX: Final = "workflow_bot_"


class FigureKind(StrEnum):
    """What sort of figure it is, in Prometheus' words."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Scope(StrEnum):
    """Of what it tells, and so how several processes go together."""

    PROCESS = "this process"
    """To be added up."""
    ROWS = "all processes"
    """Read from the rows they share: every process says the same, so take the greatest."""


QUICK: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0)
"""Seconds. Slack waits three."""
SLOW: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds. PlanetScale has two minutes, an approval five."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of the table. A counter's name ends in `_total`."""

    name: str
    kind: FigureKind
    help: str
    labels: tuple[str, ...] = ()
    scope: Scope = Scope.PROCESS
    buckets: tuple[float, ...] = ()

    @property
    def series(self) -> tuple[str, ...]:
        """The names under which it is asked for."""
        if self.kind is FigureKind.HISTOGRAM:
            return tuple(f"{self.name}_{part}" for part in ("bucket", "count", "sum"))
        return (self.name,)


def _counter(name: str, meaning: str, *labels: str) -> Figure:
    return Figure(f"{PREFIX}{name}_total", FigureKind.COUNTER, meaning, labels)


def _gauge(name: str, meaning: str, *labels: str, scope: Scope = Scope.PROCESS) -> Figure:
    return Figure(PREFIX + name, FigureKind.GAUGE, meaning, labels, scope)


def _rows(name: str, meaning: str, *labels: str) -> Figure:
    return _gauge(name, meaning, *labels, scope=Scope.ROWS)


def _seconds(name: str, meaning: str, *labels: str, buckets: tuple[float, ...]) -> Figure:
    return Figure(f"{PREFIX}{name}_seconds", FigureKind.HISTOGRAM, meaning, labels, buckets=buckets)


INFO: Final = _gauge(
    "info",
    "Always 1; the labels say which version this process runs, and which part of the bot.",
    "version",
    "role",
)
READY: Final = _gauge(
    "ready", "1 where this part of the process works, 0 where not: what /readyz says.", "part"
)
RESTARTS: Final = _counter("restarts", "Parts of the process that had died and were started again.", "part")
LOG_LINES: Final = _counter(
    "log_lines",
    "Lines of the log that warn or tell of an error, by the word they begin with; `other`: a library's.",
    "level",
    "event",
)
ACKS: Final = _seconds(
    "ack",
    "From a payload of Slack's, checked, to its ack: command, press, form, menu, shortcut, event. The "
    "sub-command is that of a command: `start` where it names none, `other` where there is no such.",
    "kind",
    "sub_command",
    buckets=QUICK,
)
OPERATIONS_ENDED: Final = _counter(
    "operations_ended", "Operations that came to an end, by how they ended.", "action", "outcome"
)
PRESS_TO_REQUEST: Final = _seconds(
    "press_to_request",
    "From the last press that an operation needed (the command, where it needs none) until its request left.",
    "action",
    buckets=SLOW,
)
LEASES_TAKEN_OVER: Final = _counter(
    "leases_taken_over", "What another process held and let run out, taken over by this one.", "what"
)
PLANETSCALE_REQUESTS: Final = _counter(
    "planetscale_requests",
    "Requests to PlanetScale, by what came of them: `ok`, or the kind of failure. `budget` and "
    "`uncounted`: held back, it did not leave.",
    "organization",
    "endpoint",
    "result",
)
PLANETSCALE_SECONDS: Final = _seconds(
    "planetscale_request", "How long PlanetScale took to answer.", "organization", buckets=SLOW
)
BUDGET_USED: Final = _gauge(
    "planetscale_budget_used", "Requests of this process to PlanetScale in the last 60 s.", "organization"
)
BUDGET_LIMIT: Final = _gauge(
    "planetscale_budget_limit", "How many requests may leave in any 60 s.", "organization"
)
PLANETSCALE_WAITING: Final = _gauge(
    "planetscale_waiting",
    "Requests that people wait for, and that wait for their turn in the budget.",
    "organization",
)
SLACK_CALLS: Final = _counter(
    "slack_calls",
    "Calls of Slack's Web API, and answers to the address that came with a command (`response_url`), by what "
    "came of them: `ok`, or the kind of trouble. `limited`: Slack asked to go slower.",
    "method",
    "result",
)
DATABASE_SECONDS: Final = _seconds(
    "database",
    "From when a transaction is asked for until its end is known, waiting for its turn included.",
    "access",
    buckets=QUICK,
)
DATABASE_ERRORS: Final = _counter(
    "database_errors", "Transactions that came to nothing through no fault of the caller.", "error"
)
ROWS_READ: Final = _gauge(
    "rows_read", "1 where the figures of all processes were read for this answer; 0: they are left out of it."
)
APPROVALS_WAITING: Final = _rows("approvals_waiting", "Operations that wait for a second person.")
OLDEST_APPROVAL: Final = _rows(
    "oldest_approval_seconds", "How long the oldest of them has waited; 0 where none does."
)
OPERATIONS_OPEN: Final = _rows(
    "operations_open", "Operations that have not ended, by where they stand.", "state"
)
WATCHES: Final = _rows(
    "watches", "Workflows that are watched: what moves traffic, what works, what waits.", "class"
)
STALENESS: Final = _rows(
    "staleness_seconds",
    "How long ago the one of them that was read longest ago was read, by class; 0 where there is none.",
    "class",
)
MESSAGES_WAITING: Final = _rows("messages_waiting", "Messages that are not in Slack as they should be yet.")
OLDEST_MESSAGE: Final = _rows(
    "oldest_message_seconds",
    "How long the one of them that changed longest ago has waited; 0 where none does.",
)
MESSAGES_FAILED: Final = _rows("messages_failed", "Messages that Slack took at none of their places.")

FIGURES: Final = (
    INFO,
    READY,
    RESTARTS,
    LOG_LINES,
    ACKS,
    OPERATIONS_ENDED,
    PRESS_TO_REQUEST,
    LEASES_TAKEN_OVER,
    PLANETSCALE_REQUESTS,
    PLANETSCALE_SECONDS,
    BUDGET_USED,
    BUDGET_LIMIT,
    PLANETSCALE_WAITING,
    SLACK_CALLS,
    DATABASE_SECONDS,
    DATABASE_ERRORS,
    ROWS_READ,
    APPROVALS_WAITING,
    OLDEST_APPROVAL,
    OPERATIONS_OPEN,
    WATCHES,
    STALENESS,
    MESSAGES_WAITING,
    OLDEST_MESSAGE,
    MESSAGES_FAILED,
)
