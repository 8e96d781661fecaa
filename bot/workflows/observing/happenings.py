"""What can happen to a workflow and is worth telling: plain data, with what its sentence needs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.planetscale.models import Workflow


class Happening(StrEnum):
    """One kind of news. How each is told stands in `docs/watching.md`."""

    COPIED = "copied"
    VERIFICATION_STARTED = "verification_started"
    CLEAN = "clean"
    DIFFERS = "differs"
    VERIFICATION_BROKE_OFF = "verification_broke_off"
    VERIFICATION_STANDS = "verification_stands"
    """A verification runs, and has not got on for hours."""
    NO_REPORT = "no_report"
    """A verification ended, and PlanetScale gave no report of it."""
    STALE_SOON = "stale_soon"
    STALE = "stale"
    REPLICAS_SWITCHED = "replicas_switched"
    PRIMARIES_SWITCHED = "primaries_switched"
    REVERSED = "reversed"
    CUT_OVER = "cut_over"
    RULES_RESTORED = "rules_restored"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    RETRIED = "retried"
    SWITCH_BROKE_OFF = "switch_broke_off"
    """A switch was tried, and traffic is where it was."""
    MOVING_LONG = "moving_long"
    """Switching, reversing (for a cancel as well) or cutting over for more than 60 s."""
    CANCELLING_WITH_TRAFFIC = "cancelling_with_traffic"
    """A cancel has begun while traffic was on the target: PlanetScale moves it back first."""
    STOPPED = "stopped"
    ERROR = "error"
    STREAM_ERROR = "stream_error"
    """A stream reports an error while the workflow itself does not."""
    THROTTLED = "throttled"
    THROTTLED_LONG = "throttled_long"
    SLOWER = "slower"
    """The estimate has doubled."""
    STANDING = "standing"
    """No progress, and none of the normal causes."""
    INDEXING_LONG = "indexing_long"
    CANCELLING_LONG = "cancelling_long"
    GOING_ON = "going_on"
    """One of `LASTING` that was told is over."""
    NOT_COMPLETED = "not_completed"
    GONE = "gone"
    """PlanetScale does not know the workflow any more."""


LASTING = frozenset(
    {
        Happening.THROTTLED,
        Happening.THROTTLED_LONG,
        Happening.SLOWER,
        Happening.STANDING,
        Happening.INDEXING_LONG,
        Happening.VERIFICATION_STANDS,
    }
)
"""They go on for a while: their end is told too, as `GOING_ON`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One thing that happened to one workflow."""

    what: Happening
    at: datetime
    """When, by PlanetScale's own times; where it keeps none, when the bot first saw it."""
    seen_at: datetime
    """When the bot saw it."""
    workflow: Workflow
    """As it was read then, without streams."""
    by: str | None = None
    """The account at PlanetScale that did it, where it names one."""
    since: datetime | None = None
    """For what lasts, and for `GOING_ON`: since when it was so."""
    was: Happening | None = None
    """For `GOING_ON`: what is over."""
    was_state: str | None = None
    """For `STOPPED` and `ERROR`: the state before, as PlanetScale names it."""
    said: str | None = None
    """PlanetScale's own words: the first line, 300 characters at most."""
    subject: str | None = None
    """The shard, table or component that it is about."""

    @property
    def details(self) -> tuple[str, ...]:
        """What tells it from another of the same moment."""
        return tuple(filter(None, (self.subject, self.was, self.said)))
