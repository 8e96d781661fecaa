"""What a read showed becomes the new sight, the next due time, news and messages: one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, select

from bot.operations.storage import repository
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.store.errors import RowNotUnderstoodError
from bot.store.schema import watches
from bot.watch.model import SILENT_FOR, Over, Watch
from bot.watch.notifications.causes import causes_of, mark
from bot.watch.notifications.loudness import tell
from bot.watch.polling.due_jobs import Look
from bot.watch.polling.pace import WAITING, urgency_of
from bot.watch.polling.renumbering import afresh, is_another
from bot.watch.storage import sample_rows, watch_repository
from bot.watch.storage.watch_rows import to_be_read
from bot.watch.watch_services import WatchServices
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import TRANSITIONAL, State, state_of
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.observing.observe import first_sight, observe
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.observing.stage import essence, moved

log = structlog.stdlib.get_logger(__name__)

GONE_AFTER, GONE_READS = timedelta(minutes=2), 3
"""PlanetScale has said for so long, and so often in a row, that there is no such workflow."""
_PASSING = TRANSITIONAL | {State.VERIFYING_DATA}
"""What comes of it decides whether requests that wait are out of date."""
_NOT_LISTED = {"streams", "tables", "vdiff", "updated_at"}


@dataclass(frozen=True, slots=True)
class Extras:
    """What was read beside the workflow; `None`: not read."""

    kind: WorkflowKind | None = None
    explicit_routing: bool | None = None
    began: datetime | None = None
    """When the workflow was asked for."""


class Recorder:
    """Writes down what reads showed. Each method is a transaction, and drops what is void by now."""

    def __init__(self, parts: WatchServices) -> None:
        self._parts = parts
        self._pace = parts.pace

    def seen(
        self, connection: Connection, look: Look, workflow: Workflow, extras: Extras, now: datetime
    ) -> None:
        """One workflow was read in full."""
        for watch in _locked(connection, (look,), now):
            self._record(connection, afresh(connection, watch, workflow), workflow, now, extras)

    def read_elsewhere(
        self, connection: Connection, ref: WorkflowRef, workflow: Workflow, now: datetime
    ) -> None:
        """Somebody else (an operation, `show`) read the workflow in full: what the watch shows follows.

        It is read by the watch as often as if it had not been: what else matters was not read.
        """
        try:
            watch = watch_repository.running_on(connection, ref)
        except RowNotUnderstoodError as error:
            log.error("left_out", reason=str(error))  # no watch may be in the way of an operation
            return
        if watch and watch.sight and not is_another(watch, workflow):
            self._record(connection, watch, workflow, now, Extras(), elsewhere=True)

    def listed(
        self, connection: Connection, looks: Sequence[Look], workflows: Mapping[int, Workflow], now: datetime
    ) -> None:
        """Some of a database's workflows were listed."""
        for watch in _locked(connection, looks, now):
            workflow = workflows.get(watch.ref.number)
            if workflow is None or is_another(watch, workflow):  # a list is no proof: it is read in full
                watch_repository.swap(connection, watch, due_at=now, detail_due_at=now)
            elif watch.sight:
                self._record(connection, watch, workflow, now, None)

    def missed(self, connection: Connection, looks: Sequence[Look], now: datetime) -> datetime:
        """A read failed. When there is another try."""
        until = now
        for watch in _locked(connection, looks, now):
            again = now + self._pace.after_miss(
                urgency_of(watch.sight), watch.misses + 1, self._parts.random()
            )
            self._silent(connection, watch, again, now)
            until = max(until, again)
        return until

    def missing(self, connection: Connection, look: Look, now: datetime) -> None:
        """PlanetScale says that there is no such workflow, asked for it alone and in the list."""
        for watch in _locked(connection, (look,), now):
            since = watch.missing_since or now
            misses = watch.misses + 1 if watch.missing_since else 1
            again = now + min(self._pace.after_miss(WAITING, misses, self._parts.random()), self._pace.of(60))
            gone = misses >= GONE_READS and now - since >= GONE_AFTER
            doubted = misses > 1 and watch.essence is not None
            changes: dict[str, Any] = {"over": Over.GONE, "over_at": now} if gone else {}
            if doubted:
                changes |= _drawn_as_unknown(now)
            after = watch_repository.swap(
                connection,
                watch,
                looked_at=now,
                missing_since=since,
                misses=misses,
                silent_since=None,
                due_at=None if gone else again,
                detail_due_at=None if gone else again,
                **changes,
            )
            if doubted or gone:
                self._parts.board.live(connection, after, now, urgent=True)
            if gone and after.sight:
                workflow = after.sight.workflow.model_copy(update={"streams": None})
                happened = Happened(what=Happening.GONE, at=since, seen_at=now, workflow=workflow)
                self._tell(connection, after, (happened,), {}, now)

    def _record(
        self,
        connection: Connection,
        watch: Watch,
        workflow: Workflow,
        now: datetime,
        extras: Extras | None,
        *,
        elsewhere: bool = False,
    ) -> None:
        """The new sight and all that follows from it. `extras`: for a read in full."""
        before, in_full = watch.sight, extras is not None
        after, happened = self._sight(connection, watch, workflow, now, extras)
        changed = before is None or _differs(before.workflow, after.workflow)
        moment = _changed_at(watch, after, now, changed=changed)
        causes = self._causes(connection, watch, happened)
        drawn = essence(after, now)
        urgent = drawn != watch.essence
        draws = urgent or self._worth_drawing(watch, after, now)
        kept = watch_repository.swap(
            connection,
            watch,
            sight=after,
            looked_at=now,
            changed_at=moment,
            silent_since=None,
            misses=0,
            missing_since=None,
            essence=drawn,
            drawn_at=now if draws else watch.drawn_at,
            caused=watch_repository.with_marks(watch, [mark(cause, what) for what, cause in causes.items()]),
            **({} if elsewhere else self._next(watch, after, moment, now, in_full=in_full)),
        )
        if draws:
            self._parts.board.live(connection, kept, now, urgent=urgent)
        self._tell(connection, kept, happened, causes, now)
        if before is not None and (urgent or _may_close(before, after)):
            self._parts.board.over(connection, kept, before, now)
        if in_full and after.read_at == now:
            sample_rows.take(connection, kept.id, after, now, self._pace)
        if urgent and before is not None and state_of(after.workflow.state) not in _PASSING:
            repository.look_again(connection, watch.ref, now)
        if extras and after.read_at == now and not elsewhere:
            self._parts.sighted(connection, watch.ref, workflow, extras.began or now)

    def _sight(
        self, connection: Connection, watch: Watch, workflow: Workflow, now: datetime, extras: Extras | None
    ) -> tuple[ObservedState, tuple[Happened, ...]]:
        happened: tuple[Happened, ...] = ()
        if watch.sight is None:
            after = first_sight(workflow, now)
        else:
            copies = state_of(workflow.state) is State.COPYING and extras is not None
            samples = watch_repository.samples_of(connection, watch.id) if copies else ()
            after, happened = observe(
                watch.sight, workflow, now, in_detail=extras is not None, samples=samples
            )
        if extras and extras.kind:
            after = replace(after, kind=extras.kind)
        if extras and extras.explicit_routing is not None:
            after = replace(after, explicit_routing=extras.explicit_routing)
        return after, happened

    def _next(
        self, watch: Watch, after: ObservedState, changed_at: datetime, now: datetime, *, in_full: bool
    ) -> dict[str, Any]:
        """When it is read again; nothing more of a workflow that has ended for some time."""
        if in_full and self._pace.is_over(after, changed_at, now):
            return {"over": Over.ENDED, "over_at": now, "due_at": None, "detail_due_at": None}
        interval = self._pace.interval(after, changed_at, now)
        detail = watch.detail_due_at
        if in_full and after.unsure:
            detail = now + min(interval, self._pace.of(20))
        elif in_full:
            detail = now + self._pace.in_full(urgency_of(after), interval)
        elif changed_at == now or after.unsure:
            detail = now
        return {"due_at": now + interval, "detail_due_at": detail}

    def _worth_drawing(self, watch: Watch, after: ObservedState, now: datetime) -> bool:
        """Whether numbers moved enough, or stood long enough, for the live message to say so."""
        if watch.drawn_at is None or watch.sight is None:
            return True
        quiet = now - watch.drawn_at
        undrawn = after.moved_at is not None and after.moved_at > watch.drawn_at
        if undrawn or moved(watch.sight, after):
            return quiet >= self._pace.of(60)
        return state_of(after.workflow.state) is State.COPYING and quiet >= self._pace.of(600)

    def _causes(
        self, connection: Connection, watch: Watch, happened: Sequence[Happened]
    ) -> dict[Happening, str]:
        if not happened or watch.sight is None:
            return {}
        return causes_of(connection, watch.ref, happened, watch.caused, watch.sight.read_at)

    def _tell(
        self,
        connection: Connection,
        watch: Watch,
        happened: Sequence[Happened],
        causes: Mapping[Happening, str],
        now: datetime,
    ) -> None:
        approvers = self._parts.policy.terms_for(watch.ref.organization, watch.ref.database).approvers
        for news in tell(happened, watch, causes, approvers):
            self._parts.board.tell(connection, watch, news, now)

    def _silent(self, connection: Connection, watch: Watch, again: datetime, now: datetime) -> None:
        since = watch.silent_since or now
        lasts = now - since >= SILENT_FOR and watch.essence is not None
        after = watch_repository.swap(
            connection,
            watch,
            looked_at=now,
            silent_since=since,
            misses=watch.misses + 1,
            missing_since=None,
            due_at=again,
            detail_due_at=max(again, watch.detail_due_at or again),
            **(_drawn_as_unknown(now) if lasts else {}),
        )
        if lasts:
            self._parts.board.live(connection, after, now, urgent=True)


def _may_close(before: ObservedState, after: ObservedState) -> bool:
    """Whether anything that an event can speak of has changed, beside what a live message shows."""
    known, now = ((one.well_since, one.moved_at, one.verifying_since, one.told) for one in (before, after))
    return known != now


def _drawn_as_unknown(now: datetime) -> dict[str, Any]:
    """The live message says that it is out of date: whatever is read next is another essence."""
    return {"essence": None, "drawn_at": now}


def _locked(connection: Connection, looks: Iterable[Look], now: datetime) -> list[Watch]:
    """Those that nobody changed since the read began; nobody can until this transaction ends."""
    fences = {look.id: look.fence for look in looks}
    query = select(watches).where(watches.c.id.in_(fences), watches.c.over.is_(None))
    rows = connection.execute(query.order_by(watches.c.id).with_for_update()).mappings().all()
    return to_be_read(connection, [row for row in rows if row["fence"] == fences[row["id"]]], now)


def _changed_at(watch: Watch, after: ObservedState, now: datetime, *, changed: bool) -> datetime:
    if watch.sight is None:
        return watch.changed_at or after.entered_at
    return now if changed or watch.changed_at is None else watch.changed_at


def _differs(before: Workflow, after: Workflow) -> bool:
    """Whether anything that a list carries is not as it was."""
    return before.model_dump(exclude=_NOT_LISTED) != after.model_dump(exclude=_NOT_LISTED)
