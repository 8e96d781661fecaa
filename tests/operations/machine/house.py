"""The bot's engine in a world that the machine can spoil: one process after another over the same file."""

import random
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.approvals.digest import prefix
from bot.approvals.policy import load_policy
from bot.commands.model import Action, ActOnWorkflow, CreateWorkflow
from bot.commands.parser import parse
from bot.demo.clock import ManualClock
from bot.demo.planetscale import api
from bot.demo.planetscale.simulator import Simulator
from bot.demo.planetscale.world import Mutation
from bot.operations import intake, ledger
from bot.operations.gather import Gatherer
from bot.operations.ledger import Press
from bot.operations.parts import Parts
from bot.operations.worker import Worker
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.planetscale.organizations import Organizations
from tests.operations.conftest import StubTeller
from tests.operations.machine.board import CommittedBoard
from tests.operations.machine.line import Line
from tests.operations.machine.oracle import Oracle, Policy
from tests.operations.machine.people import BEN, CHIOMA, DBAS, DEV, Directory
from tests.operations.machine.points import CrashError, Life, Points, SteadyDatabase
from tests.operations.machine.rows import Row, Rows

NOBODY_NAMED = frozenset[str]()
POLICIES: tuple[tuple[str, Policy], ...] = (
    (
        '[[database]]\nmatch = "duo"\nrequired = 2\n'
        f'[[database]]\nmatch = "named"\napprovers = ["{CHIOMA}", "{DBAS}"]\n',
        {
            "shop": (1, NOBODY_NAMED),
            "solo": (1, NOBODY_NAMED),
            "duo": (2, NOBODY_NAMED),
            "named": (1, frozenset({CHIOMA, DBAS})),
        },
    ),
    (
        '[approvals]\nrequired = 2\nexpires_after = "10m"\n'
        '[[database]]\nmatch = "duo"\nrequired = 1\n'
        f'[[database]]\nmatch = "named"\napprovers = ["{DEV}", "{BEN}"]\nrequired = 1\n',
        {
            "shop": (2, NOBODY_NAMED),
            "solo": (2, NOBODY_NAMED),
            "duo": (1, NOBODY_NAMED),
            "named": (1, frozenset({DEV, BEN})),
        },
    ),
)
WORKFLOWS = (
    ("shop", 1, "main", "verified_data"),
    ("shop", 2, "two", "switched_primaries"),
    ("shop", 3, "three", "error"),
    ("duo", 1, "main", "verified_data"),
    ("duo", 2, "two", "cutover"),
    ("named", 1, "main", "switched_replicas"),
    ("named", 2, "two", "running"),
    ("solo", 1, "main", "verified_data"),
)
CREATE = "create shop spare --name {} --source-keyspace commerce --target-keyspace customer --tables orders"


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as it was delivered, to be delivered again."""

    text: str
    user: str
    trigger: str


class House:
    """Everything around the worker, and the worker."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.clock = ManualClock()
        self.points = Points()
        self.simulator = Simulator(self.clock)
        self.simulator.rate_limit = 100_000
        self.directory = Directory()
        self.board = CommittedBoard()
        self.rows = Rows(file)
        self.oracle = Oracle(self.rows, self.directory, self.board, self.simulator, self.clock)
        self.triggers = 0
        self.asked: list[Asked] = []
        self.pressed: list[Press] = []
        self.policy = 0
        self._furnish()
        self._begin()

    def _furnish(self) -> None:
        tables = {"orders": 200_000, "items": 90_000}
        for database, number, branch, state in WORKFLOWS:
            self.simulator.add_workflow(database, number, state, branch=branch, tables=tables)
        self.simulator.add_workflow("shop", 4, "cancelled", branch="spare", tables=tables)
        for home in self.simulator.world.databases.values():
            for one in home.branches.values():
                one.backups = [self.clock.now() - timedelta(hours=4)]

    # The process

    def _begin(self) -> None:
        text, terms = POLICIES[self.policy]
        self.oracle.policies.append(terms)
        self.life = Life(self.points)
        self.database = SteadyDatabase(self.file, self.life)
        self.line = Line(api.app(self.simulator), self.life, self.clock)
        self.line.leaving, self.line.came_back = self.oracle.leaving, self.oracle.came_back
        self.client = PlanetScale(
            base_url="http://planetscale.test",
            token_id="demo-id",
            token="demo-secret",
            budget=Budget(100_000, self.clock),
            clock=self.clock,
            transport=self.line,
        )
        self.clock.advance(1)  # the request budget is empty at start
        organizations = Organizations({"acme": self.client}, "acme")
        parts = Parts(
            database=self.database,
            planetscale=organizations,
            gatherer=Gatherer(organizations, self.clock),
            people=self.directory,
            teller=StubTeller(),
            board=self.board,
            policy=load_policy(text),
            clock=self.clock,
            default_channel=None,
            worker=f"w{len(self.oracle.policies)}",
        )
        self.worker = Worker(parts, alone=True)

    async def end(self) -> None:
        """The process is killed."""
        self.life.dead = True
        await self.worker.stop()
        await self.client.aclose()
        await self.database.close()

    async def restart(self, policy: int | None = None) -> None:
        """The process is killed and started again, perhaps with another policy file."""
        await self.end()
        self.policy = self.policy if policy is None else policy
        self._begin()

    async def close(self) -> None:
        """The end of the run."""
        await self.end()
        self.rows.close()

    async def settle(self) -> None:
        """The worker works until there is nothing to do; killed, it is started again and goes on."""
        for _ in range(50):
            with suppress(CrashError):
                await self.worker.settle()
            if not self.life.dead:
                return
            await self.restart()
        msg = "it dies again and again"
        raise AssertionError(msg)

    async def pass_time(self, seconds: float, looks: int) -> None:
        """Let time pass; the worker looks so many times while it does."""
        for _ in range(looks):
            self.clock.advance(seconds / looks)
            await self.settle()

    # What people do

    def ask(self, text: str, user: str) -> None:
        """Type a command; it stands in its row."""
        self.triggers += 1
        self.deliver(Asked(text, user, f"c{self.triggers}"))

    def deliver(self, asked: Asked) -> None:
        """A command arrives, perhaps not for the first time."""
        self.clock.advance(0.001)
        command = parse(asked.text)
        assert isinstance(command, (ActOnWorkflow, CreateWorkflow)), command
        operation = intake.operation_of(self._request(asked), command, self.clock.now())
        new = asked not in self.asked
        assert self.database.at_once(intake.take, operation, asked.trigger) is new
        if new:
            self.asked.append(asked)
            typed = command.number if isinstance(command, ActOnWorkflow) else None
            self.oracle.asked(operation.id, *_meant(command), asked.user, typed)

    def ask_again(self, row: Row, user: str) -> None:
        """Press "Ask again" on a card."""
        self.triggers += 1
        self.clock.advance(0.001)  # no two at the same moment: their order would be chance
        asked = Asked("", user, f"c{self.triggers}")
        fresh = self.database.at_once(intake.again, row.id, self._request(asked), self.clock.now())
        if fresh:
            case = self.oracle.cases[row.id]
            self.oracle.asked(fresh.id, case.action, case.mutation, user, row.number)

    def _request(self, asked: Asked) -> intake.Request:
        return intake.Request(
            requester=asked.user,
            team_id="T0ACME",
            channel="C1",
            trigger_id=asked.trigger,
            organization="acme",
        )

    def press(self, row: Row, user: str, kind: str, shown: str | None) -> None:
        """Press a button that carries the first part of the digest `shown`; it stands in its row."""
        self.triggers += 1
        pressed = Press(
            operation_id=row.id,
            user_id=user,
            trigger_id=f"p{self.triggers}",
            kind=kind,
            prefix=prefix(shown or ""),
            received_at=self.clock.now(),
            channel="C1",
            message_ts="1.1",
            response_url="https://reply",
        )
        assert self.database.at_once(ledger.press, pressed)
        self.pressed.append(pressed)
        matches = bool(shown) and row.digest is not None and prefix(shown or "") == prefix(row.digest)
        self.oracle.pressed(row, user, kind, matches=matches)

    def press_again(self, nth: int) -> None:
        """Slack delivers a press that it delivered before."""
        if self.pressed:
            assert not self.database.at_once(ledger.press, self.pressed[-1 - nth % len(self.pressed)])

    def operations(self) -> list[Row]:
        """All operations, the latest first."""
        return list(self.rows.operations().values())[::-1]


def _meant(command: ActOnWorkflow | CreateWorkflow) -> tuple[str, Mutation]:
    """The word that was typed, and what PlanetScale is to be asked for."""
    if isinstance(command, CreateWorkflow):
        return "create", Mutation.CREATE
    if command.action is not Action.SWITCH_TRAFFIC:
        return command.action.value, Mutation(command.action.value)
    only = Mutation.SWITCH_REPLICAS if command.replicas_only else Mutation.SWITCH_PRIMARIES
    return command.action.value, only


def forged(seed: int) -> str:
    """A digest that nobody was ever shown."""
    return random.Random(seed).randbytes(32).hex()
