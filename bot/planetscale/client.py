"""PlanetScale, as the rest of the bot calls it. One method for each thing that can be asked or changed.

The paths and the shapes of answers come from the public API reference. Only this file knows the paths.
"""

from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Generic, Self, TypeVar

import httpx
from pydantic import TypeAdapter

from bot.clock import Clock
from bot.planetscale.budget import Budget, RequestPriority
from bot.planetscale.calls import NewWorkflow, WorkflowCall
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.models import (
    Backup,
    Branch,
    Count,
    DatabaseInfo,
    Keyspace,
    Many,
    Model,
    OrganizationInfo,
    SchemaTable,
    VSchema,
    Workflow,
)
from bot.planetscale.refs import WorkflowRef
from bot.planetscale.sender import Sender, Told, nobody
from bot.planetscale.wire import Access, Leave, Target, Timeouts, Wire

T = TypeVar("T")

DEFAULT_URL = "https://api.planetscale.com/"
PER_PAGE = 100
MOST_PAGES = 100
"""Ten thousand of anything in one list is more than the bot is for."""

_DATABASES = "organizations/{organization}/databases"
_DATABASE = f"{_DATABASES}/{{database}}"
_WORKFLOWS = f"{_DATABASE}/workflows"
_WORKFLOW = f"{_WORKFLOWS}/{{number}}"
_BRANCHES = f"{_DATABASE}/branches"
_BRANCH = f"{_BRANCHES}/{{branch}}"
_KEYSPACES = f"{_BRANCH}/keyspaces"


class _Page(Model, Generic[T]):
    data: Many[T]
    next_page: Count | None = None


_WORKFLOW_ANSWER = TypeAdapter(Workflow)
_VSCHEMA_ANSWER = TypeAdapter(VSchema)
_WORKFLOW_PAGE = TypeAdapter(_Page[Workflow])
_ORGANIZATION_PAGE = TypeAdapter(_Page[OrganizationInfo])
_DATABASE_PAGE = TypeAdapter(_Page[DatabaseInfo])
_BRANCH_PAGE = TypeAdapter(_Page[Branch])
_KEYSPACE_PAGE = TypeAdapter(_Page[Keyspace])
_SCHEMA_PAGE = TypeAdapter(_Page[SchemaTable])
_BACKUP_PAGE = TypeAdapter(_Page[Backup])


class PlanetScale:
    """The API, with one service token.

    Every method raises `PlanetScaleError` and nothing else. Reads wait for the budget and are tried up to
    three times; a list is read to its end, or fails. A change is sent at most once.
    """

    def __init__(
        self,
        *,
        token_id: str,
        token: str,
        budget: Budget,
        clock: Clock,
        base_url: str = DEFAULT_URL,
        transport: httpx.AsyncBaseTransport | None = None,
        timeouts: Timeouts | None = None,
        told: Told = nobody,
    ) -> None:
        """`v1/` comes after `base_url`, which may have a path.

        Raises `ValueError` for an address or a token that cannot be used, without repeating it.
        """
        access = Access(base_url=base_url, token_id=token_id, token=token)
        times = timeouts or Timeouts()
        self._budget = budget
        self._sender = Sender(Wire(access, times, transport), access, budget, clock, times, told)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._sender.close()

    def use_token(self, token_id: str, token: str) -> bool:
        """Send with this token from the next request on; whether it is another one.

        What has left already goes on with the one before. Raises `ValueError` for one that cannot be used.
        """
        return self._sender.use_token(token_id, token)

    @property
    def spare(self) -> int:
        """How many background reads could leave now without waiting for the budget."""
        return self._budget.spare

    @property
    def held_back(self) -> bool:
        """Whether something that people wait for waits for the budget."""
        return self.waiting > 0

    @property
    def waiting(self) -> int:
        """How many requests that people wait for, wait for their turn in the budget."""
        return self._budget.waiting(RequestPriority.CHANGE) + self._budget.waiting(RequestPriority.PERSON)

    async def workflow(
        self, ref: WorkflowRef, *, priority: RequestPriority = RequestPriority.PERSON
    ) -> Workflow:
        """One workflow in full, with what is reported of its streams, tables and verification."""
        workflow = await self._sender.read(Target(_WORKFLOW, _names(ref)), _WORKFLOW_ANSWER, priority)
        return _same(workflow, ref, read=True)

    async def workflows(
        self,
        organization: str,
        database: str,
        *,
        between: str | None = None,
        priority: RequestPriority = RequestPriority.PERSON,
    ) -> tuple[Workflow, ...]:
        """All workflows of a database, each once, in the API's order.

        `between` keeps those active in a range: `2025-01-01T00:00:00Z..2025-01-02T00:00:00Z`.
        """
        names = {"organization": organization, "database": database}
        query = {"between": between} if between else {}
        target = Target(_WORKFLOWS, names, query)
        found = await self._all(target, _WORKFLOW_PAGE, priority)
        # A list that grows while it is read shows an entry again on the next page: the later reading counts.
        return tuple({workflow.number: workflow for workflow in found}.values())

    async def organizations(
        self, *, priority: RequestPriority = RequestPriority.PERSON
    ) -> tuple[OrganizationInfo, ...]:
        """What the token may see."""
        return await self._all(Target("organizations", {}), _ORGANIZATION_PAGE, priority)

    async def databases(
        self, organization: str, *, priority: RequestPriority = RequestPriority.PERSON
    ) -> tuple[DatabaseInfo, ...]:
        """The databases of an organization."""
        target = Target(_DATABASES, {"organization": organization}, {})
        return await self._all(target, _DATABASE_PAGE, priority)

    async def branches(
        self, organization: str, database: str, *, priority: RequestPriority = RequestPriority.PERSON
    ) -> tuple[Branch, ...]:
        """The branches of a database."""
        names = {"organization": organization, "database": database}
        return await self._all(Target(_BRANCHES, names), _BRANCH_PAGE, priority)

    async def keyspaces(
        self,
        organization: str,
        database: str,
        branch: str,
        *,
        priority: RequestPriority = RequestPriority.PERSON,
    ) -> tuple[Keyspace, ...]:
        """The keyspaces of a branch."""
        names = {"organization": organization, "database": database, "branch": branch}
        return await self._all(Target(_KEYSPACES, names), _KEYSPACE_PAGE, priority)

    async def vschema(
        self,
        organization: str,
        database: str,
        branch: str,
        keyspace: str,
        *,
        priority: RequestPriority = RequestPriority.PERSON,
    ) -> VSchema:
        """The VSchema of a keyspace."""
        names = {"organization": organization, "database": database, "branch": branch, "keyspace": keyspace}
        target = Target(f"{_KEYSPACES}/{{keyspace}}/vschema", names)
        return await self._sender.read(target, _VSCHEMA_ANSWER, priority)

    async def schema(
        self,
        organization: str,
        database: str,
        branch: str,
        keyspace: str,
        *,
        priority: RequestPriority = RequestPriority.PERSON,
    ) -> tuple[SchemaTable, ...]:
        """The tables of a keyspace."""
        names = {"organization": organization, "database": database, "branch": branch}
        target = Target(f"{_BRANCH}/schema", names, {"keyspace": keyspace})
        return await self._all(target, _SCHEMA_PAGE, priority, paging={})

    async def backups(
        self,
        organization: str,
        database: str,
        branch: str,
        *,
        priority: RequestPriority = RequestPriority.PERSON,
    ) -> tuple[Backup, ...]:
        """The backups of a branch."""
        names = {"organization": organization, "database": database, "branch": branch}
        return await self._all(Target(f"{_BRANCH}/backups", names), _BACKUP_PAGE, priority)

    async def create(
        self, organization: str, database: str, new: NewWorkflow, leave: Leave | None = None
    ) -> Workflow:
        """Start a workflow. On an error that is not certain only a later list can tell whether it exists.

        `leave` as with `call`.
        """
        names = {"organization": organization, "database": database}
        target = Target(_WORKFLOWS, names, asked=new.names)
        body = new.model_dump_json(exclude_none=True).encode()
        return await self._sender.change("POST", target, _WORKFLOW_ANSWER, body, leave)

    async def call(self, ref: WorkflowRef, call: WorkflowCall, leave: Leave | None = None) -> Workflow:
        """Change a workflow. A returned workflow means that the call was taken, not that it is done.

        `leave` is awaited when the budget allows the request and the connection is open: nothing that can
        wait lies between it and the first byte. What it raises is raised here, and nothing was sent.
        """
        target = Target(_WORKFLOW + call.path, _names(ref))
        workflow = await self._sender.change(call.method, target, _WORKFLOW_ANSWER, leave=leave)
        return _same(workflow, ref, read=False)

    async def _all(
        self,
        target: Target,
        adapter: TypeAdapter[_Page[T]],
        priority: RequestPriority,
        paging: Mapping[str, str | int] | None = None,
    ) -> tuple[T, ...]:
        first = {"page": 1, "per_page": PER_PAGE} if paging is None else paging
        return tuple(
            [item async for page in self._pages(target, adapter, priority, first) for item in page.data]
        )

    async def _pages(
        self,
        target: Target,
        adapter: TypeAdapter[_Page[T]],
        priority: RequestPriority,
        first: Mapping[str, str | int],
    ) -> AsyncIterator[_Page[T]]:
        """Page after page. Numbers that do not go up, or pages without end, are a strange answer."""
        number, paging = 1, first
        for _ in range(MOST_PAGES):
            asked = Target(target.template, target.names, {**target.query, **paging})
            page = await self._sender.read(asked, adapter, priority)
            yield page
            if page.next_page is None:
                return
            if page.next_page <= number or not page.data:
                raise PlanetScaleError(FailureKind.NOT_UNDERSTOOD, read=True)
            number = page.next_page
            paging = {"page": number, "per_page": PER_PAGE}
        raise PlanetScaleError(FailureKind.TOO_BIG, read=True)


def _names(ref: WorkflowRef) -> dict[str, str]:
    return {"organization": ref.organization, "database": ref.database, "number": str(ref.number)}


def _same(workflow: Workflow, ref: WorkflowRef, *, read: bool) -> Workflow:
    """An answer about another workflow is no answer."""
    if workflow.number != ref.number:
        raise PlanetScaleError(FailureKind.NOT_UNDERSTOOD, read=read, status=200)
    return workflow
