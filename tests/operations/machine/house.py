"""The bot's engine in a world that the machine can spoil: one process after another over the same file."""

import random
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from bot.approvals.digest import prefix
from bot.approvals.policy import load_policy
from bot.commands.model import ActOnWorkflow, CreateWorkflow
from bot.commands.parser import parse
from bot.demo.clock import ManualClock
from bot.demo.planetscale import api
from bot.demo.planetscale.simulator import Simulator
from bot.kinds.workflow.asking import operation_of
from bot.kinds.workflow.operating import Workflows
from bot.operations import intake
from bot.operations.services import Services
from bot.operations.storage import press_rows
from bot.operations.storage.press_rows import Press
from bot.operations.worker import Worker
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.planetscale.organizations import Organizations
from bot.runtime.tasks import Grace
from tests.builders import unnoticed
from tests.operations.conftest import StubResponder
from tests.operations.machine.board import CommittedBoard
from tests.operations.machine.cases import Policy, Terms, Wish
from tests.operations.machine.edge import Edge
from tests.operations.machine.line import Line
from tests.operations.machine.oracle import Oracle
from tests.operations.machine.people import ANA, BEN, CHIOMA, DBAS, DEV, Directory
from tests.operations.machine.points import CrashError, Life, Points, SteadyDatabase
from tests.operations.machine.rows import Row, Rows
from tests.operations.machine.slack import Seen, Slack, replies
from tests.operations.machine.wishes import of_command

_FIVE = '["create", "switch-traffic", "cutover", "complete", "cancel"]'
POLICIES: tuple[tuple[str, Policy], ...] = (
    (
        f'[[database]]\nmatch = "duo"\nrequired = 2\npeer = {_FIVE}\n'
        f'[[database]]\nmatch = "named"\napprovers = ["{CHIOMA}", "{DBAS}"]\ndirect = true\n'
        f'requesters = ["{ANA}", "{DBAS}"]\n',
        {
            "shop": Terms(1),
            "solo": Terms(1),
            "duo": Terms(2, create_needs_others=True),
            "named": Terms(1, frozenset({CHIOMA, DBAS}), frozenset({ANA, DBAS})),
        },
    ),
    (
        '[approvals]\nrequired = 2\nexpires_after = "10m"\n'
        '[[database]]\nmatch = "duo"\nrequired = 1\n'
        f'[[database]]\nmatch = "named"\napprovers = ["{DEV}", "{BEN}"]\nrequired = 1\npeer = {_FIVE}\n',
        {
            "shop": Terms(2),
            "solo": Terms(2),
            "duo": Terms(1),
            "named": Terms(1, frozenset({DEV, BEN}), create_needs_others=True),
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
SPARE = (("shop", 4), ("duo", 3), ("named", 3))
"""Databases with a branch `spare` on which nothing goes on, and the number of what once did."""
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
        self.directory = Directory(clock=self.clock)
        self.board = CommittedBoard()
        self.seen = Seen()
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
        for database, number in SPARE:
            self.simulator.add_workflow(database, number, "cancelled", branch="spare", tables=tables)
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
        self.organizations = Organizations({"acme": self.client}, "acme")
        workflows = Workflows(self.organizations, self.clock)
        self.services = Services(
            database=self.database,
            kind_of=lambda _: workflows,
            people=self.directory,
            responder=StubResponder(),
            board=self.board,
            policy=load_policy(text),
            clock=self.clock,
            default_channel=None,
            worker=f"w{len(self.oracle.policies)}",
            can_tell=lambda: True,
            on_read=unnoticed,
        )
        self.worker = Worker(self.services, alone=True)
        self._edge: Edge | None = None

    @property
    def edge(self) -> Edge:
        """The bot's edge to Slack, in this life of the process; built when somebody comes there."""
        if self._edge is None:
            self.http = replies()
            client = Slack(self.directory, self.seen)
            self._edge = Edge(client, self.http, self.services, self.organizations)
        return self._edge

    async def end(self) -> None:
        """The process is killed."""
        self.life.dead = True
        if self._edge is not None:
            await self._edge.close()
            await self.http.aclose()
        await self.worker.stop(Grace())
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
        operation = operation_of(self._request(asked), command, self.clock.now())
        new = asked not in self.asked
        assert self.database.at_once(intake.take, operation, asked.trigger) is new
        if new:
            self.asked.append(asked)
            self.oracle.asked(operation.id, self.oracle.asking(of_command(command), asked.user))

    def ask_again(self, row: Row, user: str) -> None:
        """Press "Ask again" on a card."""
        self.triggers += 1
        self.clock.advance(0.001)  # no two at the same moment: their order would be chance
        asked = Asked("", user, f"c{self.triggers}")
        fresh = self.database.at_once(intake.again, row.id, self._request(asked), self.clock.now())
        if fresh:
            self.oracle.asked(fresh.id, self.oracle.asking(self.once_more(row), user))

    def once_more(self, row: Row) -> Wish:
        """What is asked for by asking again: the same, with the number that was found."""
        return replace(self.oracle.cases[row.id].wish, number=row.number)

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
        put = self.oracle.pressing(row, pressed.trigger_id, user, kind, matches=shows(row, pressed.prefix))
        assert self.database.at_once(press_rows.press, pressed)
        self.pressed.append(pressed)
        self.oracle.pressed(row, put)

    def press_again(self, nth: int) -> None:
        """Slack delivers a press that it delivered before."""
        if self.pressed:
            assert not self.database.at_once(press_rows.press, self.pressed[-1 - nth % len(self.pressed)])

    def operations(self) -> list[Row]:
        """All operations that people know of, the latest first."""
        return [row for row in self.rows.operations().values() if row.id in self.oracle.cases][::-1]


def shows(row: Row, carried: str) -> bool:
    """Whether a button that carries this first part of a digest shows what is decided about."""
    return bool(carried) and row.digest is not None and carried == prefix(row.digest)


def forged(seed: int) -> str:
    """A digest that nobody was ever shown."""
    return random.Random(seed).randbytes(32).hex()
