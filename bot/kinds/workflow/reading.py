"""Reading a watched workflow, and what else matters in its state."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.planetscale.budget import RequestPriority
from bot.planetscale.client import PlanetScale
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.watch.polling.pace import Pace
from bot.watch.watched_kind import UnreadError
from bot.workflows.checks import vschema
from bot.workflows.facts.kind import WorkflowKind, kind_of, source_would_tell
from bot.workflows.facts.states import TRANSITIONAL, State, state_of

ASK_AGAIN = 300.0
"""Seconds after which is asked again what else matters, at the base of 15 s."""
_OF_ONE = frozenset({FailureKind.NOT_FOUND, FailureKind.NOT_UNDERSTOOD, FailureKind.TOO_BIG})
"""Failures that say nothing about other workflows of the database."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What was read beside the workflow; `None`: not read."""

    kind: WorkflowKind | None = None
    explicit_routing: bool | None = None


class WorkflowReader:
    """Asks PlanetScale as the background work that it is."""

    def __init__(self, client: PlanetScale, organization: str, clock: Clock, pace: Pace) -> None:
        self.client = client
        self.organization = organization
        self._clock = clock
        self._pace = pace
        self._asked: dict[WorkflowRef, tuple[str, float]] = {}
        """In which state it was asked last what else matters of a workflow, and when."""

    async def workflow(self, ref: WorkflowRef) -> Workflow:
        """The workflow, in full. Raises `UnreadError`."""
        try:
            return await self.client.workflow(ref, priority=RequestPriority.BACKGROUND)
        except PlanetScaleError as error:
            raise _unread(error) from error

    async def workflows(self, database: str) -> tuple[Workflow, ...]:
        """All of a database. Raises `UnreadError`."""
        try:
            return await self.client.workflows(
                self.organization, database, priority=RequestPriority.BACKGROUND
            )
        except PlanetScaleError as error:
            raise _unread(error) from error

    async def extras(
        self, ref: WorkflowRef, workflow: Workflow, known: WorkflowKind, *, in_full: bool
    ) -> Extras:
        """What else matters in its state. What cannot be read now is asked for again."""
        if not self._is_due(ref, workflow, in_full=in_full):
            return Extras()
        kind, state = WorkflowKind.UNKNOWN, state_of(workflow.state)
        if known is WorkflowKind.UNKNOWN and state not in TRANSITIONAL and source_would_tell(workflow):
            kind = await self._kind(ref, workflow)
        explicit = None
        if state is State.SWITCHED_PRIMARIES:
            explicit = await self._explicit_routing(ref, workflow)
        return Extras(None if kind is WorkflowKind.UNKNOWN else kind, explicit)

    def _is_due(self, ref: WorkflowRef, workflow: Workflow, *, in_full: bool) -> bool:
        """A workflow that is read alone is not listed meanwhile, and so never due to be read in full."""
        now, lately = self._clock.monotonic(), self._pace.of(ASK_AGAIN).total_seconds()
        state, at = self._asked.get(ref, ("", now))
        if not in_full and state == workflow.state and now - at < lately:
            return False
        self._asked[ref] = (workflow.state, now)
        return True

    async def _kind(self, ref: WorkflowRef, workflow: Workflow) -> WorkflowKind:
        branch, source = workflow.branch, workflow.source_keyspace
        if branch is None or source is None:
            return WorkflowKind.UNKNOWN
        place = (self.organization, ref.database, branch.name)
        try:
            found = await self.client.keyspaces(*place, priority=RequestPriority.BACKGROUND)
        except PlanetScaleError:
            return WorkflowKind.UNKNOWN
        return kind_of(workflow, next((one for one in found if one.name == source.name), None))

    async def _explicit_routing(self, ref: WorkflowRef, workflow: Workflow) -> bool | None:
        branch, target = workflow.branch, workflow.target_keyspace
        if branch is None or target is None:
            return None
        place = (self.organization, ref.database, branch.name, target.name)
        try:
            found = await self.client.vschema(*place, priority=RequestPriority.BACKGROUND)
        except PlanetScaleError:
            return None
        parsed = vschema.parse(found.raw)
        return None if parsed is None else vschema.requires_explicit_routing(parsed)


def _unread(error: PlanetScaleError) -> UnreadError:
    return UnreadError(
        error.kind.value,
        status=error.status,
        missing=error.kind is FailureKind.NOT_FOUND,
        held_back=error.kind in {FailureKind.BUDGET, FailureKind.UNCOUNTED},
        of_one=error.kind in _OF_ONE,
    )
