"""What the bot knows of a watched workflow from all its reads so far: plain data that survives as JSON.

`observe` leads from one sight to the next.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.planetscale.models import Workflow
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.observing.estimate import Estimate
from bot.workflows.observing.happenings import Happened, Happening


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedState:
    """A workflow as known now. Everything that a live message shows comes from here."""

    workflow: Workflow
    """The last read; what a list does not carry (streams, tables, verification) is that of `detail_at`."""
    read_at: datetime
    detail_at: datetime
    """When it was last read in full."""
    entered_at: datetime
    """Since when it is in its state: by PlanetScale's time for that, else when it was first seen so."""
    only_seen: bool = False
    """It may have been in its state for long before it was first seen so."""
    previous: str | None = None
    """The state before this one, as PlanetScale names it."""
    moved_at: datetime | None = None
    """When more rows were last seen than before, while it copies; the first sight of the copy counts too."""
    moving: str | None = None
    """The table of which more rows were seen then."""
    throttled_since: datetime | None = None
    """The bot's own first sighting; `None` while it is not throttled."""
    throttled_before: bool = False
    """It may have been throttled for long before that."""
    held_at: datetime | None = None
    """When PlanetScale's time for the throttler was last seen to move on."""
    indexing: str | None = None
    """The table whose indexes are probably being built."""
    indexing_since: datetime | None = None
    verifying_since: datetime | None = None
    """A verification was seen running, and its end was not seen in full yet."""
    compared: str | None = None
    """How far the verification that runs was at the last read in full."""
    compared_at: datetime | None = None
    """When it was last seen to get on; its first sight counts too."""
    unclear_since: datetime | None = None
    """Since then, by reads in full, a verification has ended without a result; it may be on its way."""
    called_verified: bool = False
    """PlanetScale has called the data verified since then."""
    doubts: tuple[datetime, ...] = ()
    """When reads knew less than was known before, and did not count; but for the first only those in full."""
    estimate: Estimate | None = None
    first_estimate_at: datetime | None = None
    """When the copy was first expected to end: what a doubled estimate is compared with."""
    first_estimate_on: datetime | None = None
    """When that was expected."""
    told: Mapping[Happening, datetime] = field(default_factory=dict)
    """PlanetScale's times that were told, and since when what lasts and was told is so."""
    reached: frozenset[Happening] = frozenset()
    """What was told (or was there from the start) and was not taken back since."""
    timeless: frozenset[Happening] = frozenset()
    """Of these, what a state or a flag proved before PlanetScale gave its time: the time will be no news."""
    verified: str | None = None
    """Which verification's end was told last, and as what."""
    said: tuple[str, ...] = ()
    """What the error texts that were told lately are about, so that none is told twice."""
    well_since: datetime | None = None
    """Since when no stream reports an error."""
    kind: WorkflowKind = WorkflowKind.UNKNOWN
    """As the source keyspace says, if it was read."""
    explicit_routing: bool | None = None
    """Whether the target's VSchema still has `require_explicit_routing`; `None`: not read."""

    @property
    def snapshot(self) -> Workflow:
        """The last read, as the engine calls it."""
        return self.workflow

    @property
    def unsure(self) -> bool:
        """Whether another read in full, soon, has to say what is so."""
        return bool(self.doubts) or self.unclear_since is not None

    def news(
        self,
        what: Happening,
        at: datetime | None = None,
        *,
        by: str | None = None,
        since: datetime | None = None,
        was: Happening | None = None,
        was_state: str | None = None,
        said: str | None = None,
        subject: str | None = None,
    ) -> Happened:
        """`what` happened, as seen by this read; `at` where PlanetScale gives a time for it."""
        return Happened(
            what=what,
            at=at or self.read_at,
            seen_at=self.read_at,
            workflow=self.workflow.model_copy(update={"streams": None}),
            by=by,
            since=since,
            was=was,
            was_state=was_state,
            said=said,
            subject=subject,
        )


def state_since(observed: ObservedState | None, workflow: Workflow) -> datetime | None:
    """When it came into the state that `workflow`, a later read, shows; `None` where nobody saw it come."""
    if observed is None or observed.only_seen or observed.workflow.state != workflow.state:
        return None
    return observed.entered_at
