"""A kind of subject, as far as watching has to know it. `app.py` hands it in; watching knows none by name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.subjects.model import HappenedToSubject, Observed, Ref, Snapshot
from bot.watch.model import Watch
from bot.watch.notifications.loudness import LoudnessRules


class UnreadError(Exception):
    """A subject, or a list of them, could not be read."""

    def __init__(
        self,
        what: str,
        *,
        status: int | None = None,
        missing: bool = False,
        held_back: bool = False,
        of_one: bool = False,
    ) -> None:
        """`what`: for the log. `missing`: the other side knows no such subject. `held_back`: the bot's own
        budget did, so that nothing was asked. `of_one`: it says nothing of others in the database.
        """
        super().__init__(what)
        self.what = what
        self.status = status
        self.missing = missing
        self.held_back = held_back
        self.of_one = of_one


@dataclass(frozen=True, slots=True)
class Read:
    """A subject that was read, by itself or in a list."""

    snapshot: Snapshot
    beside: object = None
    """What its kind has read beside it."""


class WatchedKind(Protocol):
    """One kind of subject in one organization. All but the reads is pure, or goes by the connection alone."""

    @property
    def loudness(self) -> LoudnessRules:
        """How loudly its news are told."""
        ...

    @property
    def spare(self) -> int:
        """How many requests may be made now."""
        ...

    async def read(self, ref: Ref, known: Observed | None, *, in_full: bool) -> Read:
        """Read a subject with all that watching shows of it. `known`: what is known of it; `in_full`: it was
        due with what belongs to that. Raises `UnreadError`.
        """
        ...

    async def listed(self, database: str) -> Mapping[Ref, Snapshot]:
        """All subjects of a database. Raises `UnreadError`."""
        ...

    def has_ended(self, snapshot: Snapshot) -> bool:
        """Whether nothing more happens to it."""
        ...

    def is_another(self, known: Snapshot, snapshot: Snapshot) -> bool:
        """Whether it is certainly not the one that is known: its name was given anew."""
        ...

    def differs(self, before: Snapshot, after: Snapshot) -> bool:
        """Whether anything that a list tells is not as it was."""
        ...

    def is_passing(self, snapshot: Snapshot) -> bool:
        """Whether something is under way: what comes of it decides whether requests are out of date."""
        ...

    def observe(
        self, connection: Connection, watch: Watch, read: Read, now: datetime, *, in_full: bool
    ) -> tuple[Observed, tuple[HappenedToSubject, ...]]:
        """What is known after one more read, and the news, the oldest first."""
        ...

    def essence(self, observed: Observed, now: datetime) -> str:
        """Names all that must be redrawn at once when it changes."""
        ...

    def moved(self, before: Observed, after: Observed) -> bool:
        """Whether a number that is shown has changed."""
        ...

    def goes_on(self, observed: Observed) -> bool:
        """Whether it is worth redrawing now and then although no number has moved."""
        ...

    def may_close(self, before: Observed, after: Observed) -> bool:
        """Whether anything that a message can speak of has changed, beside what is drawn."""
        ...

    def remember(self, connection: Connection, watch_id: str, observed: Observed, now: datetime) -> None:
        """Keep what is to be known later of this read in full."""
        ...

    def gone(self, observed: Observed, since: datetime, now: datetime) -> HappenedToSubject:
        """The news that the other side has known no such subject since then."""
        ...

    def causes(self, happened: HappenedToSubject) -> Collection[str]:
        """The bot's calls that can have caused it."""
        ...

    def began(self, happened: HappenedToSubject, call: str) -> datetime | None:
        """When that began of which the call could be the cause; `None` where it may have been any time."""
        ...

    def is_others(self, happened: HappenedToSubject, call: str, own: Any) -> bool:
        """Whether another account than `own`, the bot's, is named for what the call could cause."""
        ...
