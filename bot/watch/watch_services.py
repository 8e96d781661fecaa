"""What watching works with."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.approvals.policy import Policy
from bot.clock import Clock
from bot.operations.services import OnRead
from bot.store.engine.database import Database
from bot.watch.polling.pace import Pace
from bot.watch.ports import NewsBoard
from bot.watch.watched_kind import WatchedKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchServices:
    """What the steps of watching share, for one organization."""

    database: Database
    kind: WatchedKind
    """What is watched, in the one organization."""
    board: NewsBoard
    policy: Policy
    clock: Clock
    organization: str
    databases: tuple[str, ...]
    """The organization's own: what is active in them is watched by itself."""
    default_channel: str | None
    poll_seconds: float
    worker: str
    """A name for this process, new at every start."""
    alone: bool
    """No other process works on this database: a lease of somebody else is one of the dead."""
    random: Callable[[], float]
    """Between 0 and 1, for jitter."""
    on_read: OnRead
    """Told of each workflow that was read in full, in the transaction that writes it down."""

    @property
    def pace(self) -> Pace:
        """All lengths of time, for this bot's base."""
        return Pace(self.poll_seconds)

    def channel_for(self, database: str) -> str | None:
        """Where a workflow is told that nobody asked for in a channel."""
        return self.policy.terms_for(self.organization, database).channel or self.default_channel
