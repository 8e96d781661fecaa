"""The workflow API over HTTP: paths, paging, errors. Source: the public API reference."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.demo.planetscale import views, wire
from bot.demo.planetscale.creating import BusyBranchError, InvalidError
from bot.demo.planetscale.distort import distort
from bot.demo.planetscale.rules import NotAllowedError
from bot.demo.planetscale.simulator import Received, Simulator
from bot.demo.planetscale.views import Json
from bot.demo.planetscale.world import Branch, Database, Keyspace, Mutation, Workflow

DEFAULT_PER_PAGE, MAX_PER_PAGE = 25, 100

WORKFLOW = "/v1/organizations/{organization}/databases/{database}/workflows/{number}"
BRANCH = "/v1/organizations/{organization}/databases/{database}/branches/{branch}"
_ANY = ["GET", "POST", "PATCH", "PUT", "DELETE"]
STEPS = frozenset(Mutation) - {Mutation.CREATE, Mutation.CANCEL}
"""The mutations that are a path of their own."""


class ApiError(Exception):
    """An answer that is an error, in the API's usual shape."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class NotThereError(ApiError):
    """Whatever the path names does not exist."""

    def __init__(self) -> None:
        super().__init__(404, "not_found", "Not Found")


K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, on its way to an answer."""

    simulator: Simulator
    request: Request
    received: Received
    at: datetime

    def database(self) -> Database:
        return _found(self.simulator.world.databases, self.received.database)

    def branch(self) -> Branch:
        return _found(self.database().branches, str(self.request.path_params["branch"]))

    def keyspace(self, name: str) -> Keyspace:
        return _found(self.branch().keyspaces, name)

    def workflow(self) -> Workflow:
        workflows = self.database().workflows
        return _found(workflows, self.received.number)

    def shown(self, workflow: Workflow, *, listed: bool = False) -> Json:
        """A workflow as it is answered, with what a trouble makes of it."""
        shown = (views.workflow_in_list if listed else views.workflow)(workflow, self.at)
        distort(self.simulator.troubles, shown, self.received.operation, workflow.database, workflow.number)
        return shown

    def page(self, items: list[Json]) -> Json:
        """One page of `items`, as `page` and `per_page` ask for it."""
        page = max(1, self._number("page", 1))
        size = min(MAX_PER_PAGE, max(1, self._number("per_page", DEFAULT_PER_PAGE)))
        following = page + 1 if page * size < len(items) else None
        before = page - 1 if page > 1 else None
        return {
            "type": "list",
            "current_page": page,
            "next_page": following,
            "next_page_url": self._url(following),
            "prev_page": before,
            "prev_page_url": self._url(before),
            "data": items[(page - 1) * size : page * size],
        }

    def _number(self, name: str, default: int) -> int:
        value = self.request.query_params.get(name, str(default))
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise ApiError(400, "invalid_params", f"{name} must be a number")
        return int(value)

    def _url(self, page: int | None) -> str | None:
        return str(self.request.url.include_query_params(page=page)) if page else None


def _found(where: Mapping[K, V], name: K | None) -> V:
    if name is None or name not in where:
        raise NotThereError
    return where[name]


Answer = tuple[int, Json]
Handler = Callable[[Call], Answer]


def list_organizations(call: Call) -> Answer:
    return 200, call.page([views.organization(call.simulator.world.organization)])


def list_databases(call: Call) -> Answer:
    wanted = call.request.query_params.get("q", "")
    databases = call.simulator.world.databases.values()
    return 200, call.page([views.database(d) for d in databases if wanted in d.name])


def list_workflows(call: Call) -> Answer:
    workflows = sorted(call.database().workflows.values(), key=lambda w: w.number, reverse=True)
    between = call.request.query_params.get("between")
    if between:
        start, end = _range(between)
        workflows = [w for w in workflows if w.created_at <= end and _ended(w, call.at) >= start]
    return 200, call.page([call.shown(workflow, listed=True) for workflow in workflows])


def _ended(workflow: Workflow, now: datetime) -> datetime:
    return workflow.times.get("completed_at") or workflow.times.get("cancelled_at") or now


def _range(text: str) -> tuple[datetime, datetime]:
    try:
        start, end = (datetime.fromisoformat(part) for part in text.split(".."))
    except ValueError:
        raise ApiError(400, "invalid_params", "between must be TIME..TIME") from None
    return _aware(start), _aware(end)


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def get_workflow(call: Call) -> Answer:
    return 200, call.shown(call.workflow())


def create_workflow(call: Call) -> Answer:
    try:
        body = json.loads(call.received.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise ApiError(400, "bad_request", "the body must be a JSON object")
    name = call.database().name
    workflow = call.simulator.create(name, body, call.simulator.actor, call.at)
    return 201, call.shown(workflow)


def change_workflow(call: Call) -> Answer:
    workflow, mutation = call.workflow(), Mutation(call.received.operation)
    call.simulator.act(workflow.database, workflow.number, mutation, call.simulator.actor, call.at)
    return 200, call.shown(workflow)


def list_branches(call: Call) -> Answer:
    home = call.database()
    return 200, call.page([views.branch(home, branch) for branch in home.branches.values()])


def get_branch(call: Call) -> Answer:
    return 200, views.branch(call.database(), call.branch())


def list_keyspaces(call: Call) -> Answer:
    home, branch = call.database(), call.branch()
    return 200, call.page([views.keyspace(home, branch, keyspace) for keyspace in branch.keyspaces.values()])


def get_vschema(call: Call) -> Answer:
    keyspace = call.keyspace(call.request.path_params["keyspace"])
    return 200, views.vschema(keyspace, call.database().tables_in(call.branch().name, keyspace.name))


def get_schema(call: Call) -> Answer:
    branch, wanted = call.branch(), call.request.query_params.get("keyspace")
    names = [call.keyspace(wanted).name] if wanted else list(branch.keyspaces)
    home = call.database()
    return 200, {
        "data": [views.schema_table(t) for name in names for t in sorted(home.tables_in(branch.name, name))]
    }


def list_backups(call: Call) -> Answer:
    home, branch, state = call.database(), call.branch(), call.request.query_params.get("state")
    shown = [
        views.backup(home, branch, end, call.at)
        for end in sorted((*branch.backups, *branch.failed_backups), reverse=True)
    ]
    return 200, call.page([backup for backup in shown if state in {None, backup["state"]}])


def nothing(_: Call) -> Answer:
    raise NotThereError


OPERATIONS: tuple[tuple[str, str, str, Handler], ...] = (
    ("GET", "/v1/organizations", "organizations", list_organizations),
    ("GET", "/v1/organizations/{organization}/databases", "databases", list_databases),
    ("GET", WORKFLOW.removesuffix("/{number}"), "list", list_workflows),
    ("POST", WORKFLOW.removesuffix("/{number}"), Mutation.CREATE, create_workflow),
    ("GET", WORKFLOW, "get", get_workflow),
    ("DELETE", WORKFLOW, Mutation.CANCEL, change_workflow),
    *(("PATCH", f"{WORKFLOW}/{step}", step, change_workflow) for step in sorted(STEPS)),
    ("GET", BRANCH.removesuffix("/{branch}"), "branches", list_branches),
    ("GET", BRANCH, "branch", get_branch),
    ("GET", f"{BRANCH}/keyspaces", "keyspaces", list_keyspaces),
    ("GET", f"{BRANCH}/keyspaces/{{keyspace}}/vschema", "vschema", get_vschema),
    ("GET", f"{BRANCH}/schema", "schema", get_schema),
    ("GET", f"{BRANCH}/backups", "backups", list_backups),
)


def routes(simulator: Simulator, *others: Simulator) -> list[Route]:
    """The API's paths, all under `/v1`. Those of an organization of `others` lead there."""
    named = [
        Route(
            path.replace("{organization}", other.world.organization),
            _endpoint(other, operation, handler),
            methods=[method],
        )
        for other in others
        for method, path, operation, handler in OPERATIONS
        if "{organization}" in path
    ]
    known = [
        Route(path, _endpoint(simulator, operation, handler), methods=[method])
        for method, path, operation, handler in OPERATIONS
    ]
    rest = Route("/v1/{rest:path}", _endpoint(simulator, "unknown", nothing), methods=_ANY)
    return [*named, *known, rest]


def app(simulator: Simulator, *others: Simulator) -> Starlette:
    """The API alone, as an app of its own. Each of `others` is another organization with its own token."""
    return Starlette(routes=routes(simulator, *others))


def _endpoint(simulator: Simulator, operation: str, handler: Handler) -> Callable[[Request], wire.Answering]:
    async def endpoint(request: Request) -> Response:
        params = request.path_params
        number = params.get("number", "")
        received = Received(
            at=simulator.now(),
            method=request.method,
            path=request.scope["raw_path"].decode("ascii"),
            query=dict(request.query_params),
            operation=operation,
            database=params.get("database"),
            number=int(number) if number.isascii() and number.isdigit() and len(number) < 20 else None,
            body=await request.body(),
        )
        simulator.requests.append(received)

        def answer(at: datetime) -> Response:
            return _answer(Call(simulator, request, received, at), handler)

        refused = _turned_away(simulator, request)
        response = refused or await wire.carry(simulator, request, received, answer)
        received.status = None if isinstance(response, wire.NoAnswer) else response.status_code
        return response

    return endpoint


def _turned_away(simulator: Simulator, request: Request) -> Response | None:
    if request.headers.get("authorization") != simulator.credentials:
        return wire.problem(401, "unauthorized", "The service token is not valid")
    wait = simulator.admit()
    return None if wait is None else wire.too_many(wait)


def _answer(call: Call, handler: Handler) -> Response:
    organization = call.request.path_params.get("organization")
    try:
        if organization not in {None, call.simulator.world.organization}:
            raise NotThereError
        status, body = handler(call)
    except ApiError as error:
        return wire.problem(error.status, error.code, error.message)
    except (NotAllowedError, BusyBranchError) as error:
        return wire.problem(422, "unprocessable", str(error))
    except InvalidError as error:
        errors = [
            {"namespace": "workflow", "name": name, "errors": [text]} for name, text in error.problems.items()
        ]
        return JSONResponse({"errors": errors}, 422)
    return JSONResponse(body, status)
