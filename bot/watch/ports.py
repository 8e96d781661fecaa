"""What watching needs of the room above it: somewhere to put what people should see."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection

from bot.subjects.model import Observed
from bot.subjects.row_forms import AnyHappened
from bot.watch.model import Watch


class Loudness(StrEnum):
    """How something is told. An edit of the live message alone is no news at all."""

    CALL = "call"
    """A reply under the live message that mentions whoever must act, and that the channel is shown too."""
    POST = "post"
    """Such a reply without a mention, which the channel is not shown."""
    THREAD = "thread"
    """The same, and shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something that happened, and how it is told."""

    happened: AnyHappened
    loudness: Loudness
    mentions: tuple[str, ...] = ()
    """User and user-group ids, for a call."""
    outside: bool = False
    """Somebody changed something without the bot."""
    caused_by: str | None = None
    """The operation of the bot that changed it: its card tells the rest."""
    ends: bool = False
    """It is how that operation ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """PlanetScale does not answer, as one channel is told it, for all workflows that it shows."""

    id: str
    organization: str
    place: str
    """A channel id."""
    workflows: int
    """How many of its workflows are shown as they were."""
    since: datetime
    told_at: datetime
    back_at: datetime | None = None
    mentions: tuple[str, ...] = ()
    """The requesters of operations shown there whose outcome is open meanwhile: they are called."""
    open_on: tuple[str, ...] = ()
    """The workflows of these operations, as people name them."""


class NewsBoard(Protocol):
    """The message board, as far as watching uses it. Within the transaction that changes what is shown."""

    def live(self, connection: Connection, watch: Watch, now: datetime, *, urgent: bool) -> None:
        """The live message should exist, and is out of date now. `urgent`: more than numbers changed."""
        ...

    def moved(self, connection: Connection, before: Watch, after: Watch, now: datetime) -> None:
        """The live message goes on at the bottom of the channel; the old one becomes a link to it."""
        ...

    def tell(self, connection: Connection, watch: Watch, news: News, now: datetime) -> None:
        """This should be told, once: its key says which it is."""
        ...

    def over(self, connection: Connection, watch: Watch, before: Observed, now: datetime) -> None:
        """What was told and is over since `before` is closed where it stands. Nobody is told."""
        ...

    def outage(self, connection: Connection, outage: Outage, now: datetime) -> None:
        """The note about an outage should exist, and is out of date now."""
        ...
