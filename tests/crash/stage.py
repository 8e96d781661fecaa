"""A bot that dies and is started again, between stand-ins that live on, and the people around it."""

import asyncio
import json
import multiprocessing
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from bot.demo.house import House
from bot.demo.planetscale.troubles import Trouble
from bot.demo.slack.model import BOT_USER, Message
from bot.demo.slack.people import ANA, DB_MOVES
from bot.kinds.workflow.workflow_forms import CARRIES
from bot.runtime.tasks import Grace
from bot.settings import Settings
from bot.store.board import MessageState
from bot.store.engine.database import Database
from bot.store.schema import messages, operations, presses
from tests.crash import runner
from tests.crash.calendar import SharedCalendar
from tests.crash.fuse import Fate, Kill
from tests.serve import serve

CHANNEL = DB_MOVES
STEP = 1.0
"""Seconds that are skipped at a time, once the bot has seen the ones before."""
PAUSE = 0.01
PATIENCE = 60.0
"""Real seconds after which a condition is given up: far more than it ever takes."""
KILLED, STOPPED, TOLD_TWICE = -9, 0, -15
SETTLED = (MessageState.SHOWN, MessageState.GONE, MessageState.FAILED)

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["pytest", "tests.crash.runner", "tests.crash.warm"])


class Stage:
    """Each wait lets time pass, and starts the bot again if it has died."""

    def __init__(
        self, house: House, database: Database, settings: Settings, calendar: SharedCalendar, folder: Path
    ) -> None:
        self.house, self.database, self.calendar = house, database, calendar
        self.slack, self.planetscale = house.slack, house.planetscale
        self._settings = settings
        self._folder = folder
        self._process: Any = None
        self._kills: Iterator[Kill | None] = iter(())
        self._held: Trouble | None = None
        self._numbers: tuple[signal.Signals, ...] = (signal.SIGKILL,)
        self.grace = Grace(work=0.2, cancelled=0.2, last=PATIENCE)
        self.fate = Fate.DIES
        self.exits: list[int] = []
        self._up = False
        self.deaths = self.stops = 0
        self.stopped_for = 0.0
        """Seconds after which a process that is stopped goes on."""
        self.after_death: Callable[[], None] = lambda: None

    # the bot

    def die_at(self, kills: Iterator[Kill]) -> None:
        """Where each process to come dies, the one after the last of them nowhere."""
        self._kills = kills

    def die_while(self, trouble: Trouble, *numbers: signal.Signals) -> None:
        """The bot is killed, or told to stop, as soon as `trouble` holds a request of it.

        What is told after that it is told once it is stopping.
        """
        self._held, self._numbers = trouble, numbers or (signal.SIGKILL,)

    async def up(self) -> None:
        """The bot runs."""
        await self.until(lambda: self._up, "the bot runs")

    async def _start(self) -> None:
        order = runner.Order(
            settings=self._settings,
            calendar=self._folder / "calendar",
            log=self._folder / "bot.log",
            kill=next(self._kills, None),
            fate=self.fate,
            grace=self.grace,
        )
        hears, says = _processes.Pipe(duplex=False)
        self._process = _processes.Process(target=runner.run, args=(order, says), daemon=True)
        self._process.start()
        says.close()
        with hears:
            assert await asyncio.to_thread(hears.poll, PATIENCE), "it does not start"
            try:
                port = hears.recv()
            except EOFError:
                return  # it died before that
        self.slack.sender.url = f"http://{runner.HOST}:{port}/slack/events"
        self._up = True

    async def _tend(self) -> None:
        """Kill the bot if it is time to, and start it again if it is dead."""
        if self._held and self._held.struck.is_set():
            self._held = None
            await self._tell()
        if self._process and _is_stopped(self._process.pid):
            self.stops += 1
            self.calendar.skip(self.stopped_for)
            while _is_stopped(self._process.pid):  # each of its threads has to stop before all can go on
                os.kill(self._process.pid, signal.SIGCONT)
                await asyncio.sleep(PAUSE)
        if self._process and self._process.exitcode is not None:
            assert self._process.exitcode in {KILLED, STOPPED, TOLD_TWICE}, self.log()
            self.exits.append(self._process.exitcode)
            self._process.close()
            self._process, self._up = None, False
            self.deaths += 1
            self.after_death()
        if self._process is None:
            await self._start()

    async def _tell(self) -> None:
        first, *more = self._numbers
        os.kill(self._process.pid, first)
        for number in more:
            await self._stopping()
            os.kill(self._process.pid, number)
        await asyncio.to_thread(self._process.join, PATIENCE)

    async def _stopping(self) -> None:
        while not any(line.get("event") == "stopping" for line in self.log()):  # noqa: ASYNC110 - another process
            await asyncio.sleep(PAUSE)

    async def kill(self) -> None:
        """The end of the last process."""
        if self._process:
            with suppress(ProcessLookupError):  # it is dead already
                self._process.kill()
            await asyncio.to_thread(self._process.join, PATIENCE)
            self._process.close()

    def log(self) -> list[dict[str, Any]]:
        """All lines that the bot wrote, in all of its lives."""
        lines = (self._folder / "bot.log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    # time

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Let time pass until `condition` holds."""
        deadline = time.monotonic() + PATIENCE
        await self._tend()
        while not condition():
            if self._up and self.calendar.followed:
                self.calendar.skip(STEP)
            assert time.monotonic() < deadline, f"never: {what}"
            await asyncio.sleep(PAUSE)
            await self._tend()

    async def until_settled(self) -> None:
        """Let time pass until every operation has ended and Slack shows it."""
        deadline = time.monotonic() + PATIENCE
        while not await self.database.read(_settled):
            for _ in range(3):
                await self._pass()
            assert time.monotonic() < deadline, "it never came to an end"

    async def _pass(self) -> None:
        passed = False

        def once() -> bool:
            nonlocal passed
            was, passed = passed, True
            return was

        await self.until(once, "time passes")

    async def idle(self, steps: int) -> None:
        """Let some time pass after the end."""
        for _ in range(steps):
            await self._pass()

    # people

    async def ask(self, text: str, user: str = ANA) -> None:
        """Type a command, again if Slack says that it failed."""
        await self.up()
        while not (await self.slack.command(user, CHANNEL, "/workflow", text)).ok:
            await self._restarted()

    async def press(self, user: str, action_id: str, *, oldest: bool = False) -> None:
        """Press a button, again for as long as Slack says that it failed and the button is there.

        `oldest`: on the oldest message that has it.
        """
        await self.until(lambda: bool(self.offers(user, action_id)), f"{action_id} is offered")
        while offers := self.offers(user, action_id):
            if (await self.slack.press(user, offers[-oldest], action_id)).ok:
                return
            await self._restarted()

    async def _restarted(self) -> None:
        """Somebody got no answer, so the bot has died: it runs again."""
        deaths = self.deaths
        await self.until(lambda: self.deaths > deaths and self._up, "it is started again")

    def offers(self, user: str, action_id: str) -> list[Message]:
        """All messages with this button that `user` sees, the newest first."""
        seen = self.slack.messages(CHANNEL, user)[::-1]
        return [one for one in seen if f'"{action_id}"' in json.dumps(one.all_blocks)]

    def said(self) -> list[Message]:
        """What the bot has posted for all to see, wherever that is, oldest first."""
        return [
            one for place in self.slack.channels for one in self.slack.messages(place) if one.user == BOT_USER
        ]


def _is_stopped(pid: int) -> bool:
    """Whether a process got SIGSTOP (Linux tells so in the third word)."""
    with suppress(FileNotFoundError, ProcessLookupError):  # it may die while that is read
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    return False


def _settled(connection: Connection) -> bool:
    """Whether nothing is left to do: all have ended, all was decided, Slack shows all of it."""
    open_ones = select(operations.c.id).where(operations.c.ended_at.is_(None))
    undecided = select(presses.c.id).where(presses.c.decided_at.is_(None))
    unsent = select(messages.c.id).where(messages.c.state.not_in(SETTLED))
    some = select(operations.c.id)
    return connection.scalar(some.limit(1)) is not None and not any(
        connection.scalar(query.limit(1)) for query in (open_ones, undecided, unsent)
    )


@asynccontextmanager
async def open_stage(folder: Path, url: str, **settings: str) -> AsyncIterator[Stage]:
    """`url`: the address of a migrated database. In `folder` are the log and the calendar."""
    calendar = SharedCalendar(folder / "calendar")
    house = House(calendar)
    house.planetscale.rate_limit = 100_000
    house.slack.sender.ack_seconds = PATIENCE  # only a death is a failure here, not a busy machine
    async with (
        serve(house.app) as address,
        Database(url, guard=False, begin_within=PATIENCE, carries=CARRIES) as database,
    ):
        given = house.move_in(address, socket_mode=False, DATABASE_URL=url, **settings)
        unhurried = given.model_copy(update={"api_budget": 1_000_000})
        stage = Stage(house, database, unhurried, calendar, folder)
        try:
            yield stage
        finally:
            await stage.kill()
            await house.close()
    calendar.close()
