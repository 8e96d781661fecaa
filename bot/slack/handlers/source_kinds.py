"""What a workflow is for, as whoever asks about it is told: of its source keyspace, where that would tell."""

from collections.abc import Awaitable
from dataclasses import dataclass

from bot.operations.storage.observed_states import observed_state_of
from bot.planetscale.errors import PlanetScaleError
from bot.planetscale.models import Keyspace, Workflow
from bot.planetscale.organizations import Organizations
from bot.planetscale.refs import WorkflowRef
from bot.store.engine.database import Database
from bot.store.errors import StoreError
from bot.workflows.facts.kind import WorkflowKind, kind_of, source_would_tell
from bot.workflows.own import observed_of

REMEMBERED = 1_000
"""Of so many workflows it is remembered where their keyspaces were read."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The keyspaces of the branch on which a workflow is expected, while it is read itself."""

    branch: str
    keyspaces: tuple[Keyspace, ...] | None
    """`None`: they could not be read."""


class SourceKinds:
    """Reads keyspaces: beside the workflow, where it is known from before on which branch it is."""

    def __init__(self, planetscale: Organizations, database: Database) -> None:
        self._planetscale = planetscale
        self._database = database
        self._branches: dict[WorkflowRef, str] = {}
        """Of those whose keyspaces were needed last time."""

    async def expected(self, ref: WorkflowRef) -> Beside | None:
        """What `kind` will need if the workflow is what it was; `None` where that is nothing or not known."""
        branch = self._branches.get(ref) or await self._watched(ref)
        return Beside(branch, await self._keyspaces(ref, branch)) if branch else None

    async def kind(
        self, ref: WorkflowRef, workflow: Workflow, expected: Awaitable[Beside | None] | None = None
    ) -> WorkflowKind:
        """An import is known by its source keyspace where the workflow does not say it."""
        self._branches.pop(ref, None)
        branch, source = workflow.branch, workflow.source_keyspace
        if branch is None or source is None or not source_would_tell(workflow):
            return kind_of(workflow)
        while len(self._branches) >= REMEMBERED:
            self._branches.pop(next(iter(self._branches)))
        self._branches[ref] = branch.name
        found = await expected if expected else None
        if found is None or found.branch != branch.name:
            found = Beside(branch.name, await self._keyspaces(ref, branch.name))
        if found.keyspaces is None:
            return WorkflowKind.UNKNOWN  # the card says so; it is no reason to withhold the rest
        return kind_of(workflow, next((one for one in found.keyspaces if one.name == source.name), None))

    async def _watched(self, ref: WorkflowRef) -> str | None:
        """The branch of a watched workflow whose source would tell."""
        try:
            observed = observed_of(await self._database.read(observed_state_of, ref))
        except StoreError:
            return None  # then it is read after the workflow
        known = observed.snapshot if observed else None
        return known.branch.name if known and known.branch and source_would_tell(known) else None

    async def _keyspaces(self, ref: WorkflowRef, branch: str) -> tuple[Keyspace, ...] | None:
        try:
            planetscale = self._planetscale.of(ref.organization)
            return await planetscale.keyspaces(ref.organization, ref.database, branch)
        except PlanetScaleError:
            return None
