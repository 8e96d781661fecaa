"""A watch: the bot's standing interest in one workflow. Plain data, for rows and live messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.subjects.model import Observed, Ref

SILENT_FOR = timedelta(minutes=5)
"""After so long without an answer people are told that they see what was last known."""


class Origin(StrEnum):
    """Why a workflow is watched."""

    TOUCHED = "touched"
    """Somebody asked for an action on it through the bot."""
    CREATED = "created"
    """It was created through the bot."""
    ASKED = "asked"
    """Somebody typed `watch`."""
    FOUND = "found"
    """It was found at PlanetScale, in one of `WORKFLOW_BOT_DATABASES`."""


class Over(StrEnum):
    """Why a watch has ended."""

    ENDED = "ended"
    """The workflow is completed or cancelled, for some time."""
    STOPPED = "stopped"
    """Somebody said so."""
    GONE = "gone"
    """PlanetScale does not know the workflow any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One watched workflow."""

    id: str
    ref: Ref
    places: tuple[str, ...]
    """The channels in which it may be told, the best first."""
    origin: Origin
    started_by: str | None = None
    """Slack user id of who created it through the bot."""
    mention: str | None = None
    """Slack user id of who is called when somebody must act; `None`: nobody."""
    observed: Observed | None = None
    """`None` until it was first read."""
    looked_at: datetime | None = None
    """When it was last read, or could not be."""
    changed_at: datetime | None = None
    """When a change was last seen, or an operation of the bot last did something about it."""
    silent_since: datetime | None = None
    """When the first of the failed reads in a row was; `None` while PlanetScale answers."""
    misses: int = 0
    """Failed reads in a row."""
    missing_since: datetime | None = None
    """Since when PlanetScale says that there is no such workflow."""
    due_at: datetime | None = None
    """When its state is to be read again; `None`: never."""
    detail_due_at: datetime | None = None
    """When it is to be read in full again."""
    essence: str | None = None
    """What the live message was last drawn for: when it changes, the message changes at once."""
    drawn_at: datetime | None = None
    """When the live message was last put out of date."""
    live_number: int = 1
    """Raised when the live message is posted anew at the bottom of the channel."""
    created_at: datetime
    over: Over | None = None
    over_at: datetime | None = None
    stopped_by: str | None = None
    """Slack user id."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What these people are called at Slack, by user id, as far as they were looked up."""
    caused: tuple[str, ...] = ()
    """What operations of the bot are known to have caused, the latest last."""
    fence: int = 0
    """Raised by every change: compare and swap on it."""

    @property
    def live_key(self) -> str:
        """The live message's name on the board."""
        return f"watch:{self.id}:live:{self.live_number}"

    def is_silent(self, now: datetime) -> bool:
        """Whether it may be otherwise by now: PlanetScale has not answered for some time, or denies it."""
        if self.over is not None:
            return False
        quiet = self.silent_since is not None and now - self.silent_since >= SILENT_FOR
        return quiet or self.missing_since is not None
