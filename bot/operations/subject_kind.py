"""A kind of subject, as far as operations have to know it. `app.py` hands it in: no step knows its name."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.approvals.policy import Policy, Rule
from bot.operations.model import Operation
from bot.operations.storage.attempt_rows import Attempt
from bot.subjects.findings import Report
from bot.subjects.model import Observed, Ref, Snapshot
from bot.subjects.reading_plan import Reading

Leave = Callable[[], Awaitable[None]]
"""Awaited over the open connection, right before the first byte: what it raises keeps the request back."""


@dataclass(slots=True)
class RequestError(Exception):
    """A read or a request that did not go through, or of which nobody knows."""

    kind: str
    """What went wrong, for the log."""
    what: str
    """A sentence."""
    brief: str
    """The same as the beginning of one: `PlanetScale answers 500`."""
    todo: str
    """What to do about it: a sentence."""
    said: str | None = None
    """The other side's own words."""
    status: int | None = None
    certainly_nothing_changed: bool = False
    """The request had no effect: it may be sent again."""
    refused: bool = False
    """Asking the same again would not help."""
    is_about_the_bot: bool = False
    """It was refused for what the bot is, or may do."""
    retry_after: float | None = None
    """Seconds of patience that the other side asks for."""


@dataclass(frozen=True, slots=True)
class Own:
    """The bot's own history, as far as checks ask for it."""

    open: tuple[Operation, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    """Where the cards of `open` are, by operation id."""
    doubts: tuple[Operation, ...] = ()
    """Those that ended without having been seen to happen, and may still take effect."""
    sent: tuple[Operation, ...] = ()
    """Operations on this subject that were sent, the latest first."""
    last_read: tuple[Snapshot, datetime] | None = None
    """The subject as it was read last for any operation, and when."""
    observed: Observed | None = None
    """What watching knows of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was read for an operation, and what the checks say of it."""

    report: Report
    snapshot: Snapshot | None
    """As read now."""
    known: Snapshot | None
    """The one to go by: as read now, else the last that is known."""
    known_at: datetime | None
    """When that was read, where nothing could be read now."""
    learned: Mapping[str, Any]
    """What the operation's row is to hold of it, by the names of its fields."""
    shown: Mapping[str, Any]
    """What belongs to the digest of what people decide about."""
    before: Any
    """What is to be known of it when the request has been sent, as JSON."""
    read: object = None
    """What its kind has read, for those who know the kind."""
    failure: RequestError | None = None
    """Why it could not be read."""
    missing: bool = False
    """The other side knows no such subject."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was meant where its name was left out."""

    ref: Ref
    sentence: str
    """For the card: what was assumed."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why nothing can be taken to be meant."""

    cause: str
    choices: tuple[tuple[int, str], ...] = ()
    """Number and name of those that may be meant."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read after a request was sent; nothing, where that failed."""

    at: datetime
    snapshot: Snapshot | None = None
    beside: object = None
    """What its kind has read instead."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was read after a request was sent, and what it proves."""

    reading: Reading
    snapshot: Snapshot | None = None
    moving: bool = False
    """Something is being changed at this moment."""
    trouble: str | None = None
    """The other side's words about what is wrong: the first line."""
    learned: Mapping[str, Any] = field(default_factory=dict)
    """What the operation's row is to hold of what it has created, by the names of its fields."""


class SubjectKind(Protocol):
    """One kind of subject."""

    @property
    def errors(self) -> Collection[str]:
        """The states of a subject that has broken."""
        ...

    def rule(self, policy: Policy, operation: Operation, snapshot: Snapshot | None) -> Rule:
        """The policy's rule, by what is known of the subject; `None` where nothing was read."""
        ...

    def ways_back(self) -> Collection[str]:
        """The names of the actions that take back what another has done."""
        ...

    async def read(self, operation: Operation, own: Own) -> Any:
        """Read what the checks of its action need: for `check`. What cannot be read is said there."""
        ...

    def check(self, operation: Operation, own: Own, soak: timedelta, read: Any) -> Checked:
        """Run the checks of its action, by what `read` gave for it."""
        ...

    async def why_missing(self, operation: Operation) -> str:
        """A sentence about a subject that the other side does not know."""
        ...

    async def find(self, operation: Operation) -> Found | Unclear:
        """What is meant, where its name was left out."""
        ...

    def done_already(self, operation: Operation, report: Report) -> str | None:
        """A sentence, where a button would only do once more what takes long and need not be done."""
        ...

    def difference(self, approved: Operation, now: Operation) -> str:
        """What is not as it was shown to people, in words."""
        ...

    async def send(self, operation: Operation, leave: Leave) -> Snapshot | None:
        """Send the one request, after `leave`. Raises `RequestError`, and what `leave` raises."""
        ...

    async def look(self, attempt: Attempt, now: Callable[[], datetime]) -> Seen:
        """Read what can prove how the request ended."""
        ...

    def judge(self, attempt: Attempt, seen: Seen, own: Any) -> Look:
        """What it proves. `own`: the bot's account at the other side, as JSON; `None` if not known."""
        ...

    def named(self, attempt: Attempt, snapshot: Snapshot) -> Any:
        """Whom the other side names, as JSON, for the request that it took; `None` for nobody."""
        ...
