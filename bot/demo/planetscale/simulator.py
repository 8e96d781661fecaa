"""The small PlanetScale itself: its world, its time, what was asked of it and what came of it."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Unpack

from bot.clock import Clock
from bot.demo.planetscale import creating, machine, place
from bot.demo.planetscale.rules import NotAllowedError, check, usual_pace
from bot.demo.planetscale.troubles import KINDS, How, Trouble, Troubles
from bot.demo.planetscale.world import ENDED, Actor, Fate, Mutation, State, Workflow, World

FATES = {
    "go-back": Fate.WENT_BACK,
    "ends-in-error": Fate.FAILED,
    "mismatch": Fate.MISMATCH,
    "breaks-off": Fate.FAILED,
}
BEFALLS = frozenset({"error", "error-for-good", "ddl", "throttle", "throttle-slow", "stall"})
"""The troubles that happen to a workflow at once."""
HOLD_BACK = frozenset({"throttle", "throttle-slow", "stall"})
TRICKLE = 0.1
VERIFICATION_FATES = ("mismatch", "breaks-off")
OTHER_FATES = ("go-back", "ends-in-error")


@dataclass(slots=True)
class Received:
    """A request as it came in. `status` is the answer's; `None`: there was none (yet)."""

    at: datetime
    method: str
    path: str
    """As sent, still quoted, without the query."""
    query: dict[str, str]
    operation: str
    """`list`, `get`, `create`, `cutover`, `vschema`, …; a `Mutation` for those that change something."""
    database: str | None
    number: int | None
    body: bytes
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that really took effect."""

    at: datetime
    database: str
    number: int
    mutation: Mutation
    by: str
    what: str
    """`taken`, and later one of `done`, `went back`, `failed`, `mismatch`."""


class Simulator:
    """A world in simulated time.

    Nothing runs in the background: each look first brings the world to `clock.now()`, change by change in the
    order of time, so that a jump of a day ends where many small steps would have. `clock.monotonic()` is used
    for the rate limit alone, and `clock.sleep()` for slow answers.
    """

    def __init__(
        self,
        clock: Clock,
        world: World | None = None,
        *,
        credentials: str = "demo-id:demo-secret",
        actor: str = "workflow-bot",
    ) -> None:
        """`credentials`: the only `Authorization` accepted. `actor`: whose name API calls are done in."""
        self.clock = clock
        self.world = world or World()
        self.credentials = credentials
        self.actor = Actor(actor)
        self.rate_limit = 600
        """Requests in any 60 s. May be set, as may the next two."""
        self.pace = usual_pace()
        """Seconds from taken to done."""
        self.stamp_early = True
        """Whether `*_at` and `*_by` are set when a change is taken, or when it is done: not documented."""
        self.troubles = Troubles()
        self.requests: list[Received] = []
        self.effects: list[Effect] = []
        self._later: list[tuple[datetime, Callable[[datetime], None]]] = []
        self._recent: deque[float] = deque()

    # Time

    def now(self) -> datetime:
        """The present moment, with everything done that was due until then."""
        now = self.clock.now()
        while (step := self._next_step(now)) is not None:
            step[1](step[0])
        return now

    def _next_step(self, now: datetime) -> tuple[datetime, Callable[[datetime], None]] | None:
        """The first of what is due. Looked for at each request, so what is not due costs next to nothing."""
        steps = [step for step in self._later if step[0] <= now]
        for home in self.world.databases.values():
            for workflow in home.workflows.values():
                if workflow.due is not None and workflow.due <= now:
                    steps.append((workflow.due, self._arrival(workflow)))
        return min(steps, key=lambda step: step[0], default=None)

    def _arrival(self, workflow: Workflow) -> Callable[[datetime], None]:
        def arrive(at: datetime) -> None:
            ended = machine.arrive(workflow, pace=self.pace)
            if ended:
                course, fate = ended
                self._note(workflow, course.mutation, course.by, at, fate.value)

        return arrive

    def later(self, seconds: float, do: Callable[[datetime], None]) -> None:
        """Do this after so many simulated seconds; it is handed the moment."""

        def once(at: datetime) -> None:
            self._later.remove(step)
            do(at)

        step = (self.now() + timedelta(seconds=seconds), once)
        self._later.append(step)

    # What can be done

    def workflow(self, database: str, number: int) -> Workflow:
        """A workflow as it is now. Raises `KeyError`."""
        self.now()
        return self.world.databases[database].workflows[number]

    def add_workflow(
        self,
        database: str,
        number: int,
        state: str = "running",
        *,
        ago: float | None = None,
        percent: float = 41.0,
        **overrides: Any,  # fields of several types, checked by name when they are set
    ) -> Workflow:
        """Put a workflow into the world, in `state` since `ago` seconds, with the history that leads there.

        Without `ago`: two hours; a state in which something is under way has just begun.
        `percent`: how much is copied, for the states in which the copy is not finished. `overrides`: what it
        moves (`place.Plan`), any field of `world.Workflow`, and times and actors by their API name. Whatever
        database, branch, keyspaces and tables it needs are added.
        """
        if ago is None:
            ago = 0.0 if state in {*place.UNDER_WAY, State.PENDING} else 7200.0
        plan = place.Plan(database, number, State(state), timedelta(seconds=ago), percent)
        return place.build(self.world, self.now(), plan, **overrides)

    def act(
        self, database: str, number: int, mutation: Mutation, by: Actor, at: datetime | None = None
    ) -> Workflow:
        """Take a mutation. Raises `KeyError` and `NotAllowedError`, and then nothing is changed."""
        at = at or self.now()
        workflow = self.world.databases[database].workflows[number]
        kinds = VERIFICATION_FATES if mutation is Mutation.VERIFY_DATA else OTHER_FATES
        check(workflow, mutation)
        trouble = self.troubles.strike(kinds, mutation, database, number)
        fate = FATES[trouble.kind] if trouble else Fate.DONE
        machine.take(workflow, mutation, by, at, machine.Terms(self.pace, fate, self.stamp_early))
        self._note(workflow, mutation, by, at, "taken")
        if mutation is Mutation.RETRY:
            self._note(workflow, mutation, by, at, Fate.DONE.value)
        return workflow

    def create(
        self, database: str, body: Mapping[str, object], by: Actor, at: datetime | None = None
    ) -> Workflow:
        """Start a workflow. Raises `KeyError` and what `creating.create` raises."""
        at = at or self.now()
        workflow = creating.create(self.world.databases[database], body, by, at)
        self._note(workflow, Mutation.CREATE, by, at, "taken")
        self._note(workflow, Mutation.CREATE, by, at, Fate.DONE.value)
        return workflow

    def outside(self, database: str, number: int, action: str, by: str = "dev@acme.example") -> Workflow:
        """Do something without the bot, in somebody else's name. Raises what `act` raises."""
        return self.act(database, number, Mutation(action), Actor(by))

    def outside_create(self, database: str, by: str = "dev@acme.example", **body: object) -> Workflow:
        """Create a workflow without the bot. `body`: as the API takes it; what it leaves out is found.

        Raises what `create` raises, and `NotAllowedError` where nothing is left to be moved.
        """
        found = creating.suggestion(self.world.databases[database])
        if not (body or found):
            msg = f"there is nothing to be moved in {database}"
            raise NotAllowedError(msg)
        return self.create(database, {**(found or {}), **body}, Actor(by))

    def _note(self, workflow: Workflow, mutation: Mutation, by: Actor, at: datetime, what: str) -> None:
        self.effects.append(Effect(at, workflow.database, workflow.number, mutation, by.name, what))

    # What can go wrong

    def trouble(self, kind: str, **how: Unpack[How]) -> Trouble:
        """Make something go wrong (`troubles.KINDS`): once, if nothing is said; `times=None`: until `lift`.

        Those in `BEFALLS` happen at once to a workflow, which they need to be told and which has not ended:
        else `ValueError`, `NotAllowedError`.
        """
        how.setdefault("on", KINDS[kind].on)
        how.setdefault("seconds", KINDS[kind].seconds)
        trouble = Trouble(kind=kind, **how)
        if kind in BEFALLS:
            if trouble.database is None or trouble.number is None:
                msg = f"{kind} needs a workflow"
                raise ValueError(msg)
            self._befall(self.workflow(trouble.database, trouble.number), trouble)
        return self.troubles.add(trouble)

    def _befall(self, workflow: Workflow, trouble: Trouble) -> None:
        if workflow.state in ENDED:
            msg = f"workflow {workflow.name} has ended"
            raise NotAllowedError(msg)
        now = self.now()
        match trouble.kind:
            case "error":
                machine.fail(workflow, now, trouble.text or "Lost connection to MySQL server during query")
            case "error-for-good":
                machine.fail(workflow, now, trouble.text or "Unknown table in the routing rules")
                workflow.may_retry = False
            case "ddl":
                table = workflow.tables[0].name
                machine.stop(workflow, now, trouble.text or f"Table '{table}': DDL encountered, stopping")
            case "throttle":
                machine.hold(workflow, now, trouble.text or "vcopier")
            case "throttle-slow":
                machine.hold(workflow, now, trouble.text or "vcopier", let_through=TRICKLE)
            case _:
                machine.hold(workflow, now)
        if trouble.kind in {"error", "error-for-good", "ddl"}:
            trouble.hits = trouble.times = 1

    def lift(self, trouble: Trouble) -> None:
        """End a trouble: held requests go on, a copy that was held back goes on."""
        held_back = trouble.kind in HOLD_BACK and not trouble.lifted.is_set()
        trouble.lifted.set()
        if held_back and trouble.database is not None and trouble.number is not None:
            machine.go_on(self.workflow(trouble.database, trouble.number), self.now())

    def let_go(self, database: str, number: int) -> None:
        """End everything that holds this copy back."""
        for kind in HOLD_BACK:
            for trouble in self.troubles.on(kind):
                if (trouble.database, trouble.number) == (database, number):
                    trouble.lifted.set()
        machine.go_on(self.workflow(database, number), self.now())

    # Who may come in

    def admit(self) -> float | None:
        """Count a request; over the rate limit, it is not counted: the seconds to wait."""
        now = self.clock.monotonic()
        while self._recent and self._recent[0] <= now - 60:
            self._recent.popleft()
        if len(self._recent) >= self.rate_limit:
            return self._recent[0] + 60 - now
        self._recent.append(now)
        return None
