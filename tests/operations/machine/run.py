"""One run of the machine: a house, what can be made to happen in it, and what holds after every step."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from pathlib import Path

from hypothesis.stateful import RuleBasedStateMachine, invariant

from bot.demo.planetscale.rules import NotAllowedError
from bot.store.errors import CommitUnknownError, DatabaseBusyError
from tests.operations.machine.house import House, forged
from tests.operations.machine.people import MEMBERS

PRESSABLE = {"waiting", "ready", "needs_person"}
OUTSIDE = (
    *("verify-data", "switch-replicas", "switch-primaries", "reverse-traffic", "cutover"),
    *("reverse-cutover", "complete", "retry", "cancel"),
)
READ_TROUBLES = (
    *("hang", "slow", "rate-limited", "server-error", "unavailable", "empty", "malformed", "redirect"),
    *("surprising", "unauthorized", "not-found", "unknown-state", "missing-parts"),
)


class Run(RuleBasedStateMachine):
    """One run. `tally` counts over all runs."""

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

    def put_press(self, nth: int, user: str, kind: str, shown: str = "right") -> None:
        rows = self.house.operations()
        pressable = [row for row in rows if row.state in PRESSABLE] or rows
        if pressable:
            row = pressable[nth % len(pressable)]
            digests = {"right": row.digest, "old": rows[0].digest, "forged": forged(nth), "none": None}
            self.house.press(row, user, kind, digests[shown])

    def put_agreement(self, nth: int) -> None:
        rows = [row for row in self.house.operations() if row.state == "waiting"]
        if rows:
            row = rows[nth % len(rows)]
            for user in MEMBERS if row.gate == "peer" else ():
                if user != row.requester:
                    self.house.press(row, user, "approve", row.digest)
            if row.gate == "confirm":
                self.house.press(row, row.requester, "confirm", row.digest)

    def spoil(self, kind: str, on: str, times: int | None, seconds: int) -> None:
        self.house.simulator.trouble(kind, on=on, times=times, seconds=seconds)

    def mend(self) -> None:
        for trouble in self.house.simulator.troubles.asked:
            self.house.simulator.lift(trouble)
        self.house.line.unplugged = 0
        self.house.directory.fall_silent(0)

    def work_outside(self, place: tuple[str, int], action: str) -> None:
        with suppress(NotAllowedError):
            self.house.simulator.outside(*place, action)

    def ambush(self, what: str, after: int, place: tuple[str, int]) -> None:
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
                    self.spoil(READ_TROUBLES[after % len(READ_TROUBLES)], "read", times, 3)
                case _ if what in OUTSIDE:
                    self.work_outside(place, what)
                case _:
                    self.put_press(0, MEMBERS[after % len(MEMBERS)], what)

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
            self.mend()
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
