"""What can happen to a workflow and is worth telling: plain data, with what its sentence needs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.planetscale.models import Workflow


class Happening(StrEnum):
    """One kind of news. The number is the row of the table "who is told what" in `docs/architecture.md`."""

    COPIED = "copied"  # 4
    VERIFICATION_STARTED = "verification_started"  # 5
    CLEAN = "clean"  # 6
    DIFFERS = "differs"  # 7
    VERIFICATION_BROKE_OFF = "verification_broke_off"  # 8
    NO_REPORT = "no_report"
    """A verification ended, and PlanetScale gave no report of it."""
    STALE_SOON = "stale_soon"  # 9
    STALE = "stale"  # 9
    REPLICAS_SWITCHED = "replicas_switched"  # 17
    PRIMARIES_SWITCHED = "primaries_switched"  # 18
    REVERSED = "reversed"  # 18
    CUT_OVER = "cut_over"  # 18
    RULES_RESTORED = "rules_restored"  # 18
    COMPLETED = "completed"  # 32
    CANCELLED = "cancelled"  # 32
    RETRIED = "retried"  # 30
    SWITCH_BROKE_OFF = "switch_broke_off"
    """A switch was tried, and traffic is where it was."""
    MOVING_LONG = "moving_long"  # 21
    """Switching, reversing or cutting over for more than 60 s."""
    CANCELLING_WITH_TRAFFIC = "cancelling_with_traffic"  # 31
    STOPPED = "stopped"  # 22
    ERROR = "error"  # 23
    STREAM_ERROR = "stream_error"
    """A stream reports an error while the workflow itself does not."""
    THROTTLED = "throttled"  # 24
    THROTTLED_LONG = "throttled_long"  # 25
    SLOWER = "slower"  # 25
    """The estimate has doubled."""
    STANDING = "standing"  # 26
    """No progress, and none of the normal causes."""
    INDEXING_LONG = "indexing_long"  # 27
    CANCELLING_LONG = "cancelling_long"  # 27
    GOING_ON = "going_on"  # 28
    """Back to normal after one of the four above that was told."""
    NOT_COMPLETED = "not_completed"  # 37
    GONE = "gone"
    """PlanetScale does not know the workflow any more."""


LASTING = frozenset(
    {
        Happening.THROTTLED,
        Happening.THROTTLED_LONG,
        Happening.SLOWER,
        Happening.STANDING,
        Happening.INDEXING_LONG,
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
