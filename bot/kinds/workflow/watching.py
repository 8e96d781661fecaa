"""Numbered workflows as they are watched: `bot.watch.watched_kind.WatchedKind`."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.clock import Clock
from bot.kinds.workflow import possible_causes, sample_rows
from bot.kinds.workflow.news_loudness import LOUDNESS
from bot.kinds.workflow.reading import Extras, WorkflowReader
from bot.planetscale.client import PlanetScale
from bot.planetscale.refs import WorkflowRef
from bot.subjects.model import HappenedToSubject, Observed, Ref, Snapshot
from bot.watch.model import Watch
from bot.watch.notifications.loudness import LoudnessRules
from bot.watch.polling.pace import Pace
from bot.watch.watched_kind import Read
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import TRANSITIONAL, State, is_active, state_of
from bot.workflows.observing.happenings import Happening
from bot.workflows.observing.observe import first_sight, observe
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.observing.stage import essence, moved
from bot.workflows.own import happened_of, observed_of, ref_of, workflow_of

MORE_PRECISE = timedelta(seconds=1)
"""One time written in two ways differs by less."""
_PASSING = TRANSITIONAL | {State.VERIFYING_DATA}
_NOT_LISTED = {"streams", "tables", "vdiff", "updated_at"}


class WatchedWorkflows:
    """The workflows of one organization."""

    def __init__(self, client: PlanetScale, organization: str, clock: Clock, pace: Pace) -> None:
        self._reader = WorkflowReader(client, organization, clock, pace)
        self._pace = pace

    @property
    def loudness(self) -> LoudnessRules:
        return LOUDNESS

    @property
    def spare(self) -> int:
        return self._reader.client.spare

    async def read(self, ref: Ref, known: Observed | None, *, in_full: bool) -> Read:
        workflow = await self._reader.workflow(ref_of(ref))
        observed = observed_of(known)
        kind = observed.kind if observed else WorkflowKind.UNKNOWN
        return Read(workflow, await self._reader.extras(ref_of(ref), workflow, kind, in_full=in_full))

    async def listed(self, database: str) -> Mapping[Ref, Snapshot]:
        found = await self._reader.workflows(database)
        return {WorkflowRef(self._reader.organization, database, one.number): one for one in found}

    def has_ended(self, snapshot: Snapshot) -> bool:
        return not is_active(snapshot.state)

    def is_another(self, known: Snapshot, snapshot: Snapshot) -> bool:
        before, now = workflow_of(known), workflow_of(snapshot)
        if before.id and now.id and before.id != now.id:
            return True
        if before.created_at is None or now.created_at is None:
            return False
        return abs(before.created_at - now.created_at) >= MORE_PRECISE

    def differs(self, before: Snapshot, after: Snapshot) -> bool:
        was, now = (workflow_of(one).model_dump(exclude=_NOT_LISTED) for one in (before, after))
        return was != now

    def is_passing(self, snapshot: Snapshot) -> bool:
        return state_of(snapshot.state) in _PASSING

    def observe(
        self, connection: Connection, watch: Watch, read: Read, now: datetime, *, in_full: bool
    ) -> tuple[ObservedState, tuple[HappenedToSubject, ...]]:
        workflow, before = workflow_of(read.snapshot), observed_of(watch.observed)
        if before is None:
            return _with_extras(first_sight(workflow, now), read.beside), ()
        copies = state_of(workflow.state) is State.COPYING and in_full
        samples = sample_rows.samples_of(connection, watch.id) if copies else ()
        after, happened = observe(before, workflow, now, in_detail=in_full, samples=samples)
        return _with_extras(after, read.beside), happened

    def essence(self, observed: Observed, now: datetime) -> str:
        return essence(observed_of(observed), now)

    def moved(self, before: Observed, after: Observed) -> bool:
        return moved(observed_of(before), observed_of(after))

    def goes_on(self, observed: Observed) -> bool:
        return state_of(observed.snapshot.state) is State.COPYING

    def may_close(self, before: Observed, after: Observed) -> bool:
        known, now = (
            (one.well_since, one.moved_at, one.verifying_since, one.told)
            for one in (observed_of(before), observed_of(after))
        )
        return known != now

    def remember(self, connection: Connection, watch_id: str, observed: Observed, now: datetime) -> None:
        sample_rows.take(connection, watch_id, observed_of(observed), now, self._pace)

    def gone(self, observed: Observed, since: datetime, now: datetime) -> HappenedToSubject:
        return replace(observed_of(observed), read_at=now).news(Happening.GONE, since)

    def causes(self, happened: HappenedToSubject) -> Collection[str]:
        return possible_causes.causes(happened_of(happened))

    def began(self, happened: HappenedToSubject, call: str) -> datetime | None:
        return possible_causes.began(happened_of(happened), call)

    def is_others(self, happened: HappenedToSubject, call: str, own: Any) -> bool:
        return possible_causes.is_others(happened_of(happened), call, own)


def _with_extras(observed: ObservedState, beside: object) -> ObservedState:
    if not isinstance(beside, Extras):
        return observed
    if beside.kind:
        observed = replace(observed, kind=beside.kind)
    if beside.explicit_routing is not None:
        observed = replace(observed, explicit_routing=beside.explicit_routing)
    return observed
