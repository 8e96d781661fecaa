"""What the bot knows of a watched workflow from all its reads so far, and what a new read adds to it.

`observe` is the whole of it: a pure step from one sight to the next, with the news that follow.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.planetscale.models import Workflow
from bot.workflows.estimate import Estimate
from bot.workflows.happenings import Happening
from bot.workflows.kind import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A workflow as known now. Everything that a live message shows comes from here."""

    workflow: Workflow
    """The last read; what a list does not carry (streams, tables, verification) is that of `detail_at`."""
    read_at: datetime
    detail_at: datetime
    """When it was last read in full."""
    entered_at: datetime
    """Since when it is in its state: by PlanetScale's time for that, else when it was first seen so."""
    previous: str | None = None
    """The state before this one, as PlanetScale names it."""
    moved_at: datetime | None = None
    """When more rows were last seen than before, while it copies."""
    throttled_since: datetime | None = None
    """The bot's own first sighting; `None` while it is not throttled."""
    indexing: str | None = None
    """The table whose indexes are probably being built."""
    indexing_since: datetime | None = None
    verifying_since: datetime | None = None
    """A verification was seen running, and its end was not seen in full yet."""
    estimate: Estimate | None = None
    first_estimate_at: datetime | None = None
    """When the copy was first expected to end: what a doubled estimate is compared with."""
    told: Mapping[Happening, datetime] = field(default_factory=dict)
    """Evidence that was told, and lasting conditions that are being told, by their moment."""
    kind: Kind = Kind.UNKNOWN
    """As the source keyspace says, if it was read."""
    explicit_routing: bool | None = None
    """Whether the target's VSchema still has `require_explicit_routing`; `None`: not read."""
