"""Promises 1, 2 and 4 against what people, PlanetScale, Slack and a dying process can do at once.

A state machine over the real engine, the real client and the small PlanetScale. Many people ask and press,
time passes, the API fails in every way it knows, Slack goes silent, somebody works past the bot, and the
process is killed at any transaction or request. After every step an oracle, which knows nothing of the bot's
rules, judges what was sent (`tests/operations/machine/oracle.py`).

The test runs a fixed set of examples. The thorough run takes new ones each time and prints its seed:

    WORKFLOW_BOT_SOAK=10000 pytest -s tests/operations/test_machine.py

`WORKFLOW_BOT_SOAK` is the number of steps, `WORKFLOW_BOT_SOAK_SEED` repeats a run.
"""

import asyncio
import logging
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import hypothesis.strategies as st
import pytest
import structlog
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot.approvals.people import Standing
from bot.demo.planetscale.rules import NotAllowedError
from bot.store.database import Database
from bot.store.errors import CommitUnknownError, DatabaseBusyError
from bot.store.migrate import migrate
from tests.operations.machine.house import CREATE, POLICIES, WORKFLOWS, House, forged
from tests.operations.machine.people import DBAS, EVERYBODY, MEMBERS

ACTIONS = (
    *("switch-traffic", "switch-traffic --replicas-only", "cutover", "complete", "cancel"),
    *("reverse-traffic", "reverse-cutover", "retry", "verify-data"),
)
FITTING = {
    "verified_data": ("switch-traffic --force", "switch-traffic --replicas-only", "verify-data", "cancel"),
    "running": ("verify-data", "switch-traffic --force", "cancel --force"),
    "switched_replicas": ("switch-traffic --force", "reverse-traffic"),
    "switched_primaries": ("cutover --force", "reverse-traffic"),
    "cutover": ("reverse-cutover", "complete"),
    "reversed_cutover": ("cutover --force", "complete"),
    "error": ("retry", "cancel"),
    "stopped": ("retry", "cancel"),
    "copying": ("cancel",),
}
"""What can be done to a workflow in each state in which something can."""
PRESSABLE = {"waiting", "ready", "needs_person"}
PRESSES = (
    *("approve", "approve", "approve", "deny", "withdraw", "take_back"),
    *("confirm", "not_now", "happened", "did_not_happen"),
)
SHOWN = ("right", "right", "right", "right", "old", "forged", "none")
OUTSIDE = (
    *("verify-data", "switch-replicas", "switch-primaries", "reverse-traffic", "cutover"),
    *("reverse-cutover", "complete", "retry", "cancel"),
)
CHANGE_TROUBLES = (
    *("lost-answer", "go-back", "ends-in-error", "cut-off", "silent", "late", "refuse", "hang", "slow"),
    *("rate-limited", "rate-limited-silent", "server-error", "unavailable", "empty", "malformed"),
    *("surprising", "redirect", "forbidden", "not-found", "unknown-state", "missing-parts"),
)
READ_TROUBLES = (
    *("hang", "slow", "rate-limited", "server-error", "unavailable", "empty", "malformed", "redirect"),
    *("surprising", "unauthorized", "not-found", "unknown-state", "missing-parts"),
)
ON_WORKFLOW = ("error", "ddl")
AMBUSHES = (
    *("die", "die", "die", "reads", "busy", "commit unknown", "commit unknown", "dawdle", "silence", "reads"),
    *("deny", "deny", "withdraw", "take_back", "take_back", "approve", *OUTSIDE),
)
DISTURBANCES = (
    *("unplug", "silence", "somebody leaves", "all come back", "the group changes"),
    *("restart", "another policy", "the workflow fails"),
)
SECONDS = (1, 4, 20, 61, 121, 250, 299, 300, 301, 599, 900, 1799, 1800, 1801, 4000, 15000)

people = st.sampled_from((*MEMBERS * 4, *EVERYBODY))
recent = st.integers(0, 3)
number = st.integers(0, 23)
a_while = st.sampled_from([3, 20, 100, 200])
places = st.sampled_from([(database, number) for database, number, *_ in WORKFLOWS])
ambushes = st.none() | st.tuples(st.sampled_from(AMBUSHES), st.integers(1, 24))


class Machine(RuleBasedStateMachine):
    """One run: a house, and what befalls it. `tally` counts over all runs."""

    def __init__(self, template: Path, folder: Path, tally: Counter[str]) -> None:
        super().__init__()
        self.tally = tally
        file = folder / f"run{tally['runs']}.sqlite3"
        tally["runs"] += 1
        shutil.copy(template, file)
        self.runner = asyncio.Runner()
        self.runner.get_loop().set_exception_handler(lambda *_: None)  # those who were killed left no word
        self.house = House(file)

    def do(self, doing: Awaitable[None] | None = None, *, look: bool = True) -> None:
        """Something happens, and (if it looks) the worker follows."""

        async def step() -> None:
            if doing is not None:
                await doing
            if look:
                await self.house.settle()

        self.house.points.rest()
        self.runner.run(step())

    # People

    @rule(
        what=st.sampled_from(["fitting", "anything", "left out", "create", "once more", "delivered again"]),
        place=places,
        nth=number,
        user=people,
    )
    def ask(self, what: str, place: tuple[str, int], nth: int, user: str) -> None:
        """Somebody types a command, or Slack delivers one again."""
        rows, asked = self.house.operations(), self.house.asked
        if what == "create":
            self.house.ask(CREATE.format("one" if nth % 2 else "two"), user)
        elif what == "once more" and rows:
            self.house.ask_again(rows[nth % len(rows)], user)
        elif what == "delivered again" and asked:
            self.house.deliver(asked[-1 - nth % len(asked)])
        elif what == "left out":
            self._ask(self._fitting(place, nth), place, user, left_out=True)
        elif what == "anything":
            self._ask(ACTIONS[nth % len(ACTIONS)], place, user)
        else:
            self._ask(self._fitting(place, nth), place, user)
        self.do()

    def _fitting(self, place: tuple[str, int], nth: int) -> str:
        fitting = FITTING.get(self.house.simulator.workflow(*place).state.value, ACTIONS)
        return fitting[nth % len(fitting)]

    def _ask(self, action: str, place: tuple[str, int], user: str, *, left_out: bool = False) -> None:
        word, *flags = action.split()
        where = (place[0],) if left_out else (place[0], str(place[1]))
        self.house.ask(" ".join((word, *where, *flags)), user)

    @rule(
        nth=number,
        action=number,
        user=st.sampled_from(MEMBERS),
        trouble=st.none() | st.sampled_from(CHANGE_TROUBLES),
        ambush=ambushes,
        seconds=a_while,
    )
    def ask_and_agree(
        self,
        *,
        nth: int,
        action: int,
        user: str,
        trouble: str | None,
        ambush: tuple[str, int] | None,
        seconds: int,
    ) -> None:
        """All is well, somebody asks and others agree; then something comes in between, or nothing does."""
        self._put_right()
        place = self._usable(nth)
        left_out = place[0] == "solo" and action % 2 == 1
        self._ask(self._fitting(place, action), place, user, left_out=left_out)
        self.do()
        if trouble:
            self._trouble(trouble, "mutation", 1, seconds)
        if ambush:
            self._lie_in_wait(*ambush, place)
        self._agree(0)
        self.do(self.house.pass_time(seconds, 3))

    def _usable(self, nth: int) -> tuple[str, int]:
        """A workflow to which something can be done."""
        all_of_them = [(database, number) for database, number, *_ in WORKFLOWS]
        usable = [place for place in all_of_them if self.house.simulator.workflow(*place).state in FITTING]
        return (usable or all_of_them)[nth % len(usable or all_of_them)]

    @rule(
        nth=recent,
        user=people,
        kind=st.sampled_from(PRESSES),
        shown=st.sampled_from(SHOWN),
        again=st.booleans(),
        look=st.booleans(),
    )
    def press(self, *, nth: int, user: str, kind: str, shown: str, again: bool, look: bool) -> None:
        """Somebody presses a button; it may arrive twice, and more be pressed before the worker looks."""
        self._press(nth, user, kind, shown)
        if again:
            self.house.press_again(nth)
        self.do(look=look)

    def _press(self, nth: int, user: str, kind: str, shown: str = "right") -> None:
        rows = self.house.operations()
        pressable = [row for row in rows if row.state in PRESSABLE] or rows
        if pressable:
            row = pressable[nth % len(pressable)]
            digests = {"right": row.digest, "old": rows[0].digest, "forged": forged(nth), "none": None}
            self.house.press(row, user, kind, digests[shown])

    @rule(nth=recent, all_at_once=st.booleans(), look=st.booleans())
    def agree(self, nth: int, all_at_once: bool, look: bool) -> None:
        """Those who have to agree all press at the same moment, perhaps to all that waits."""
        for each in range(6) if all_at_once else (nth,):
            self._agree(each)
        self.do(look=look)

    def _agree(self, nth: int) -> None:
        rows = [row for row in self.house.operations() if row.state == "waiting"]
        if rows:
            row = rows[nth % len(rows)]
            for user in MEMBERS if row.gate == "peer" else ():
                if user != row.requester:
                    self.house.press(row, user, "approve", row.digest)
            if row.gate == "confirm":
                self.house.press(row, row.requester, "confirm", row.digest)

    # Time

    @rule(seconds=st.sampled_from(SECONDS), looks=st.sampled_from([0, 1, 4, 12]))
    def let_time_pass(self, seconds: int, looks: int) -> None:
        """Time passes; the worker looks now and then, or the next step finds it late."""
        if looks:
            self.do(self.house.pass_time(seconds, looks))
        else:
            self.house.clock.advance(seconds)

    # What goes wrong

    @rule(kind=st.sampled_from(CHANGE_TROUBLES), times=st.sampled_from([1, 1, 3]), seconds=a_while)
    def trouble_with_a_change(self, kind: str, times: int, seconds: int) -> None:
        """PlanetScale has trouble with the next change."""
        self._trouble(kind, "mutation", times, seconds)

    @rule(
        kind=st.sampled_from(READ_TROUBLES),
        on=st.sampled_from(["read", "get", "list", "any"]),
        times=st.sampled_from([1, 2, 4, 10, None]),
        seconds=a_while,
    )
    def trouble_with_reads(self, kind: str, on: str, times: int | None, seconds: int) -> None:
        """PlanetScale has trouble with the next reads, or with all of them until it is put right."""
        self._trouble(kind, on, times, seconds)

    def _trouble(self, kind: str, on: str, times: int | None, seconds: int) -> None:
        self.house.simulator.trouble(kind, on=on, times=times, seconds=seconds)

    @rule()
    def put_right(self) -> None:
        """All is well at PlanetScale and at Slack again."""
        self._put_right()
        self.do()

    def _put_right(self) -> None:
        for trouble in self.house.simulator.troubles.asked:
            self.house.simulator.lift(trouble)
        self.house.line.unplugged = 0
        self.house.directory.fall_silent(0)

    @rule(place=places, action=st.sampled_from(OUTSIDE))
    def work_past_the_bot(self, place: tuple[str, int], action: str) -> None:
        """Somebody uses the terminal."""
        self._outside(place, action)
        self.do()

    def _outside(self, place: tuple[str, int], action: str) -> None:
        with suppress(NotAllowedError):
            self.house.simulator.outside(*place, action)

    @rule(what=st.sampled_from(DISTURBANCES), nth=number, place=places)
    def disturb(self, what: str, nth: int, place: tuple[str, int]) -> None:
        """The network, Slack, the people or the process are not what they were."""
        user = MEMBERS[nth % len(MEMBERS)]
        match what:
            case "unplug":
                self.house.line.unplugged = 1 + nth % 5
            case "silence":
                self.house.directory.fall_silent(1 + nth % 7)
            case "somebody leaves":
                self.house.directory.change(user, Standing.DEACTIVATED if nth % 2 else Standing.GUEST)
            case "all come back":
                for member in MEMBERS:
                    self.house.directory.change(member, Standing.MEMBER)
            case "the group changes":
                self.house.directory.regroup(DBAS, frozenset(MEMBERS[nth % 3 : 3]))
            case "restart":
                self.do(self.house.restart())
            case "another policy":
                self.do(self.house.restart(nth % len(POLICIES)))
            case _:
                self._break(place, ON_WORKFLOW[nth % 2])

    def _break(self, place: tuple[str, int], how: str) -> None:
        with suppress(NotAllowedError):
            self.house.simulator.trouble(how, database=place[0], number=place[1])

    @rule(ambush=ambushes.filter(bool), place=places)
    def lie_in_wait(self, ambush: tuple[str, int], place: tuple[str, int]) -> None:
        """Something is going to happen in the middle of a step."""
        self._lie_in_wait(*ambush, place)

    def _lie_in_wait(self, what: str, after: int, place: tuple[str, int]) -> None:
        """At one of the next points: the process dies, the database fails, time passes, somebody acts."""

        async def spring() -> None:
            self.tally["ambushes"] += 1
            match what:
                case "die":
                    self.house.life.dead = True
                case "busy":
                    self.house.database.fails_before = DatabaseBusyError("busy")
                case "commit unknown":
                    self.house.database.fails_after = CommitUnknownError("the connection was lost")
                case "dawdle":
                    self.house.clock.advance(3 if after % 2 else 301)
                case "silence":
                    self.house.directory.fall_silent(1 + after % 4)
                case "reads":
                    times = after if after % 2 else None
                    self._trouble(READ_TROUBLES[after % len(READ_TROUBLES)], "read", times, 3)
                case _ if what in OUTSIDE:
                    self._outside(place, what)
                case _:
                    self._press(0, MEMBERS[after % len(MEMBERS)], what)

        self.house.points.lay(after, spring)

    # What holds

    @invariant()
    def holds(self) -> None:
        """Whatever happened."""
        self.tally["steps"] += 1
        self.house.oracle.check()

    def teardown(self) -> None:
        """All is well again, hours pass, and nothing is left hanging."""
        try:
            self.house.points.clear()
            self._put_right()
            self.do(self._quiet())
            self.house.oracle.check()
            self.house.oracle.at_rest()
            for case in self.house.oracle.cases.values():
                self.tally.update(f"came to {state}" for state in case.trail)
                self.tally["requests"] += len(case.left)
        finally:
            self.runner.run(self.house.close())
            self.runner.close()
            self.house.file.unlink()

    async def _quiet(self) -> None:
        for seconds, looks in ((15, 15), (300, 30), (3600, 60), (10_000, 60)):
            self.house.points.rest()
            await self.house.pass_time(seconds, looks)


@contextmanager
def quietly() -> Iterator[list[str]]:
    """Without the log; what the worker's edge had to catch is collected: an error that nobody foresaw."""
    caught: list[str] = []

    def keep(_: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        if event.get("event") == "step_failed":
            caught.append(f"{method}: {event}")
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[structlog.processors.format_exc_info, keep])
    logging.disable(logging.CRITICAL)
    try:
        yield caught
    finally:
        logging.disable(logging.NOTSET)
        structlog.configure(**before)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A database with its tables and nothing in them."""
    file = tmp_path / "template.sqlite3"

    async def make() -> None:
        async with Database(f"sqlite:///{file}") as database:
            await migrate(database)

    asyncio.run(make())
    return file


def machines(template: Path, tally: Counter[str]) -> Callable[[], Machine]:
    """A factory of machines, each with a database of its own."""

    def machine() -> Machine:
        return Machine(template, template.parent, tally)

    return machine


def profile(examples: int, steps: int, *, fixed: bool) -> settings:
    """How long, how deep, and whether it is the same each time."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=fixed,
        database=None,
        deadline=None,
        print_blob=True,
        verbosity=Verbosity.normal,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )


def test_no_order_of_events_breaks_a_promise(template: Path) -> None:
    """Whatever happens in whatever order, nothing is sent without consent or twice, nothing stranded."""
    tally: Counter[str] = Counter()
    with quietly() as caught:
        run_state_machine_as_test(machines(template, tally), settings=profile(12, 30, fixed=True))  # type: ignore[arg-type]  # documented: anything that returns a machine
    assert not caught
    assert tally["requests"], "something has to have been sent"


@pytest.mark.skipif("WORKFLOW_BOT_SOAK" not in os.environ, reason="WORKFLOW_BOT_SOAK=10000 runs it")
def test_thousands_of_events_break_no_promise(template: Path) -> None:
    """The same for as many steps as `WORKFLOW_BOT_SOAK` says, with new examples each time."""
    wanted = int(os.environ["WORKFLOW_BOT_SOAK"])
    first = int(os.environ.get("WORKFLOW_BOT_SOAK_SEED") or random.SystemRandom().randrange(10**6))
    tally: Counter[str] = Counter()
    began, nth = time.monotonic(), 0
    with quietly() as caught:
        while tally["steps"] < wanted:
            print(f"seed {first + nth}: {tally['steps']} steps", flush=True)  # noqa: T201 - for whoever watches
            factory = seed(first + nth)(machines(template, tally))
            run_state_machine_as_test(factory, settings=profile(400, 25, fixed=False))  # type: ignore[arg-type]  # as above
            nth += 1
    print(f"{time.monotonic() - began:.0f} s", dict(sorted(tally.items())))  # noqa: T201
    assert not caught
