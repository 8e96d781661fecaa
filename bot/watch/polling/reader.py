"""Carries reads out: asks PlanetScale, and has written down what came of it."""

from dataclasses import replace

import structlog

from bot.planetscale.budget import RequestPriority as Rank
from bot.planetscale.errors import FailureKind as Failure
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.store.engine.lane import WorkPriority
from bot.watch.polling import due_jobs
from bot.watch.polling.discovery import Discovery
from bot.watch.polling.due_jobs import Job, Look
from bot.watch.polling.recorder import Extras, Recorder
from bot.watch.watch_services import WatchServices
from bot.workflows.checks import vschema
from bot.workflows.facts.kind import WorkflowKind, kind_of, source_would_tell
from bot.workflows.facts.states import TRANSITIONAL, State, state_of

log = structlog.stdlib.get_logger(__name__)

BATCH = 20
"""Watches in one transaction: people's commands wait for no more."""
ASK_AGAIN = 300.0
"""Seconds after which is asked again what else matters, at the base of 15 s."""
_OF_ONE = frozenset({Failure.NOT_FOUND, Failure.NOT_UNDERSTOOD, Failure.TOO_BIG})
"""Failures that say nothing about other workflows of the database."""


class PollReader:
    """Carries out one read at a time, for as many callers as there are."""

    def __init__(self, parts: WatchServices, discovery: Discovery) -> None:
        self._parts = parts
        self._discovery = discovery
        self._recorder = Recorder(parts)
        self._asked: dict[str, tuple[str, float]] = {}
        """Of a watch: in which state it was asked last what else matters, and when."""

    async def carry_out(self, job: Job) -> None:
        """Read, and write down what came of it. A read that fails is written down too."""
        try:
            if job.lists:
                await self._list(job)
            else:
                await self._read(job, job.looks[0])
        except PlanetScaleError as error:
            await self._failed(job, error)

    async def _read(self, job: Job, look: Look) -> None:
        began = self._parts.clock.now()
        try:
            workflow = await self._parts.planetscale.workflow(self._ref(job, look), priority=Rank.BACKGROUND)
        except PlanetScaleError as error:
            if error.kind is not Failure.NOT_FOUND:
                raise
            await self._not_there(job, look)
            return
        extras = replace(await self._extras(job, look, workflow), began=began)
        now = self._parts.clock.now()
        await self._parts.database.write(
            self._recorder.seen, look, workflow, extras, now, priority=WorkPriority.TICK
        )

    async def _list(self, job: Job) -> None:
        found = await self._parts.planetscale.workflows(
            self._parts.organization, job.database, priority=Rank.BACKGROUND
        )
        workflows = {workflow.number: workflow for workflow in found}
        for start in range(0, len(job.looks), BATCH):
            some = job.looks[start : start + BATCH]
            now = self._parts.clock.now()
            await self._parts.database.write(
                self._recorder.listed, some, workflows, now, priority=WorkPriority.TICK
            )
        await self._discovery.listed(job.database, found)

    async def _not_there(self, job: Job, look: Look) -> None:
        """The list decides: alone, a 404 can be a token that may not see it, or a moment's trouble."""
        found = await self._parts.planetscale.workflows(
            self._parts.organization, job.database, priority=Rank.BACKGROUND
        )
        if any(workflow.number == look.number for workflow in found):
            raise PlanetScaleError(Failure.NOT_UNDERSTOOD, read=True)
        now = self._parts.clock.now()
        await self._parts.database.write(self._recorder.missing, look, now, priority=WorkPriority.TICK)

    async def _failed(self, job: Job, error: PlanetScaleError) -> None:
        log.info("not_read", database=job.database, failure=error.kind.value, status=error.status)
        if error.kind is Failure.BUDGET:
            return  # it never left, and is as due as before
        now, write = self._parts.clock.now(), self._parts.database.write
        until = now
        for start in range(0, len(job.looks), BATCH):
            some = job.looks[start : start + BATCH]
            again = await write(self._recorder.missed, some, now, priority=WorkPriority.TICK)
            until = max(until, again)
        if job.lists:
            self._discovery.failed(job.database)
        if error.kind not in _OF_ONE:
            place = (self._parts.organization, job.database)
            await write(due_jobs.put_off, *place, until, priority=WorkPriority.TICK)

    async def _extras(self, job: Job, look: Look, workflow: Workflow) -> Extras:
        """What else matters in its state. What cannot be read now is asked for again."""
        if not self._is_due(look, workflow):
            return Extras()
        kind, state = WorkflowKind.UNKNOWN, state_of(workflow.state)
        if look.kind is WorkflowKind.UNKNOWN and state not in TRANSITIONAL and source_would_tell(workflow):
            kind = await self._kind(job, workflow)
        explicit = None
        if state is State.SWITCHED_PRIMARIES:
            explicit = await self._explicit_routing(job, workflow)
        return Extras(None if kind is WorkflowKind.UNKNOWN else kind, explicit)

    def _is_due(self, look: Look, workflow: Workflow) -> bool:
        """A workflow that is read alone is not listed meanwhile, and so never due to be read in full."""
        now, lately = self._parts.clock.monotonic(), self._parts.pace.of(ASK_AGAIN).total_seconds()
        state, at = self._asked.get(look.id, ("", now))
        if not look.in_full and state == workflow.state and now - at < lately:
            return False
        self._asked[look.id] = (workflow.state, now)
        return True

    async def _kind(self, job: Job, workflow: Workflow) -> WorkflowKind:
        branch, source = workflow.branch, workflow.source_keyspace
        if branch is None or source is None:
            return WorkflowKind.UNKNOWN
        place = (self._parts.organization, job.database, branch.name)
        try:
            found = await self._parts.planetscale.keyspaces(*place, priority=Rank.BACKGROUND)
        except PlanetScaleError:
            return WorkflowKind.UNKNOWN
        return kind_of(workflow, next((one for one in found if one.name == source.name), None))

    async def _explicit_routing(self, job: Job, workflow: Workflow) -> bool | None:
        branch, target = workflow.branch, workflow.target_keyspace
        if branch is None or target is None:
            return None
        place = (self._parts.organization, job.database, branch.name, target.name)
        try:
            found = await self._parts.planetscale.vschema(*place, priority=Rank.BACKGROUND)
        except PlanetScaleError:
            return None
        parsed = vschema.parse(found.raw)
        return None if parsed is None else vschema.requires_explicit_routing(parsed)

    def _ref(self, job: Job, look: Look) -> WorkflowRef:
        return WorkflowRef(self._parts.organization, job.database, look.number)
