"""The demo page's panel: look at the world, make time pass, cause trouble, act without the bot."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.demo.clock import DemoClock
from bot.demo.planetscale import views
from bot.demo.planetscale.creating import suggestion
from bot.demo.planetscale.rules import RULES, NotAllowedError, check
from bot.demo.planetscale.simulator import HOLD_BACK, Simulator
from bot.demo.planetscale.troubles import KINDS, Kind
from bot.demo.planetscale.views import Json
from bot.demo.planetscale.world import ENDED, Mutation, Workflow

MAX_SPEED = 3600.0
"""Simulated seconds in a real one."""
MAX_JUMP = 30 * 24 * 3600.0
"""Simulated seconds in one jump."""

T = TypeVar("T")


class BadInputError(Exception):
    """What was sent cannot be used; the text says why."""


Body = dict[str, object]
Change = Callable[[Body], None]


def routes(simulator: Simulator, clock: DemoClock) -> list[Route]:
    """The panel's paths, under `/demo/simulator`. Each answers with the state afterwards, or 422 and why."""
    switches = Switches(simulator, clock)

    async def look(_: Request) -> Response:
        return JSONResponse(_state(simulator, clock))

    def changing(change: Change) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                change(await _body(request))
            except (BadInputError, NotAllowedError) as error:
                return JSONResponse({"error": str(error)}, 422)
            return JSONResponse(_state(simulator, clock))

        return endpoint

    base = "/demo/simulator"
    return [
        Route(base, look, methods=["GET"]),
        Route(f"{base}/speed", changing(switches.speed), methods=["POST"]),
        Route(f"{base}/advance", changing(switches.advance), methods=["POST"]),
        Route(f"{base}/trouble", changing(switches.trouble), methods=["POST"]),
        Route(f"{base}/outside", changing(switches.outside), methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class Switches:
    """What can be sent. Each raises `BadInputError` for what it cannot use, and then nothing is changed."""

    simulator: Simulator
    clock: DemoClock

    def speed(self, body: Body) -> None:
        self.clock.set_speed(_number(body, "speed", MAX_SPEED))

    def advance(self, body: Body) -> None:
        seconds = _number(body, "seconds", MAX_JUMP)
        try:
            self.clock.now() + timedelta(days=366) + timedelta(seconds=seconds)
        except OverflowError as error:
            msg = "seconds: the calendar ends there"
            raise BadInputError(msg) from error
        self.clock.advance(seconds)

    def trouble(self, body: Body) -> None:
        kind = KINDS.get(_of(body, "id", str))
        if kind is None:
            msg = "id: no such trouble"
            raise BadInputError(msg)
        _set_trouble(self.simulator, kind, on=_of(body, "on", bool), at=_place(self.simulator, body, kind))

    def outside(self, body: Body) -> None:
        action = _of(body, "action", str)
        if action == Mutation.CREATE:
            return self._create(_of(body, "database", str))
        workflow = _workflow(self.simulator, body)
        if action not in set(RULES):
            msg = "action: no such action"
            raise BadInputError(msg)
        self.simulator.outside(workflow.database, workflow.number, action)
        return None

    def _create(self, database: str) -> None:
        if database not in self.simulator.world.databases:
            msg = "there is no such database"
            raise BadInputError(msg)
        self.simulator.outside_create(database)


def _state(simulator: Simulator, clock: DemoClock) -> Json:
    now = simulator.now()
    return {
        "now": views.moment(now),
        "speed": clock.speed,
        "workflows": [_line(workflow, now) for workflow in simulator.world.workflows()],
        "free": [home.name for home in simulator.world.databases.values() if suggestion(home)],
        "troubles": [_offer(simulator, kind) for kind in KINDS.values()],
    }


def _line(workflow: Workflow, now: datetime) -> Json:
    return {
        "database": workflow.database,
        "number": workflow.number,
        "name": workflow.name,
        "branch": workflow.branch,
        "state": workflow.state.value,
        "percent": views.percent(workflow, now),
        "throttled": workflow.throttled_since is not None,
        "ended": workflow.state in ENDED,
        "actions": [mutation.value for mutation in RULES if _allowed(workflow, mutation)],
    }


def _allowed(workflow: Workflow, mutation: Mutation) -> bool:
    try:
        check(workflow, mutation)
    except NotAllowedError:
        return False
    return True


def _offer(simulator: Simulator, kind: Kind) -> Json:
    on = simulator.troubles.on(kind.id)
    return {
        "id": kind.id,
        "label": kind.label,
        "help": kind.help,
        "scope": kind.scope,
        "kind": kind.kind,
        "on": bool(on),
        "at": [
            {"database": trouble.database, "number": trouble.number} for trouble in on if trouble.database
        ],
    }


def _place(simulator: Simulator, body: Body, kind: Kind) -> Workflow | None:
    """Where a trouble is wanted. To switch on those of one workflow, it is needed."""
    if "database" in body or "number" in body or (kind.scope == "workflow" and body.get("on")):
        return _workflow(simulator, body)
    return None


def _set_trouble(simulator: Simulator, kind: Kind, *, on: bool, at: Workflow | None) -> None:
    for trouble in simulator.troubles.on(kind.id):
        if at is None or (trouble.database, trouble.number) == (at.database, at.number):
            simulator.lift(trouble)
    if at and kind.id in HOLD_BACK:
        simulator.let_go(at.database, at.number)
    if on:
        times = 1 if kind.kind == "once" else None
        place = (at.database, at.number) if at else (None, None)
        simulator.trouble(kind.id, times=times, database=place[0], number=place[1])


async def _body(request: Request) -> Body:
    try:
        body = await request.json()
    except (ValueError, RecursionError) as error:
        msg = "the body must be JSON"
        raise BadInputError(msg) from error
    if not isinstance(body, dict):
        msg = "the body must be a JSON object"
        raise BadInputError(msg)
    return body


def _of(body: Body, name: str, kind: type[T]) -> T:
    value = body.get(name)
    if not isinstance(value, kind):
        msg = f"{name}: {kind.__name__} expected"
        raise BadInputError(msg)
    return value


def _number(body: Body, name: str, most: float) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        msg = f"{name}: a number from 0 to {most:.0f} expected"
        raise BadInputError(msg)
    return float(value)


def _workflow(simulator: Simulator, body: Body) -> Workflow:
    try:
        return simulator.workflow(_of(body, "database", str), _of(body, "number", int))
    except KeyError as error:
        msg = "there is no such workflow"
        raise BadInputError(msg) from error
