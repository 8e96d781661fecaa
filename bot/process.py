"""The running process: its role, its parts, and how they start and stop. `bot.app` builds it."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from slack_bolt.app.async_app import AsyncApp
from starlette.applications import Starlette

from bot.operations.worker import Worker
from bot.planetscale.organizations import Organizations
from bot.runtime.readiness import Readiness
from bot.runtime.supervisor import Supervisor
from bot.runtime.tasks import Grace, Tasks
from bot.slack.delivery.courier import Courier
from bot.slack.home.homes import Homes
from bot.slack.socket import Socket
from bot.store.engine.database import Database
from bot.store.engine.listening import Listener
from bot.watch.polling.pollers import Pollers
from bot.watch.polling.scheduler import Scheduler
from bot.watch.polling.timekeeping import Timekeeper

_GRACE: Final = Grace()


class Role(Enum):
    """Which parts of the bot a process has. What it does not have is not built."""

    RUN = "run"
    """All."""
    WEB = "web"
    """What answers Slack."""
    WORKER = "worker"
    """What acts by itself: polls, executes, delivers."""

    @property
    def answers(self) -> bool:
        """Whether Slack reaches this process."""
        return self is not Role.WORKER

    @property
    def works(self) -> bool:
        """Whether this process does what others took down."""
        return self is not Role.WEB


@dataclass(frozen=True, slots=True)
class WebParts:
    """The parts that answer Slack."""

    bolt: AsyncApp
    homes: Homes
    socket: Socket | None


@dataclass(frozen=True, slots=True)
class WorkerParts:
    """The parts that act by themselves."""

    worker: Worker
    pollers: Pollers
    scheduler: Scheduler
    courier: Courier
    timekeeper: Timekeeper


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """The running bot: `start`, `connect`, serve `web`, then `stop`."""

    web: Starlette
    ready: Readiness
    tasks: Tasks
    database: Database
    planetscale: Organizations
    web_parts: WebParts | None
    worker_parts: WorkerParts | None
    listener: Listener | None
    """Hears of what other processes have done; `None` where there are none."""
    supervisor: Supervisor
    metrics: Starlette | None = None
    """The page of figures, for a port of its own."""
    resources: AsyncExitStack = field(default_factory=AsyncExitStack)
    """What is closed last."""

    @property
    def answering(self) -> WebParts:
        """Raises `LookupError` in a process that does not answer Slack."""
        if self.web_parts is None:
            raise LookupError(Role.WORKER)
        return self.web_parts

    @property
    def working(self) -> WorkerParts:
        """Raises `LookupError` in a process that only answers Slack."""
        if self.worker_parts is None:
            raise LookupError(Role.WEB)
        return self.worker_parts

    def start(self) -> None:
        """Start what goes on until `stop`."""
        if self.listener:
            self.supervisor.start("listener", self.listener.run)
        if work := self.worker_parts:
            self.supervisor.start("worker", work.worker.run)
            self.supervisor.start("courier", work.courier.run)
            self.supervisor.start("scheduler", work.scheduler.run)
        if web := self.web_parts:
            self.supervisor.start("homes", web.homes.run)
            if web.socket:
                self.supervisor.start("socket", web.socket.run)

    async def connect(self) -> None:
        """In Socket Mode: open the socket, where `start` does not. Over HTTP there is nothing to open."""
        if self.web_parts and self.web_parts.socket:
            await self.web_parts.socket.connect()

    async def connected(self) -> bool:
        """Whether Slack can reach this process, as far as that is the bot's to see."""
        socket = self.web_parts.socket if self.web_parts else None
        return socket is None or await socket.connected()

    def take_nothing_new(self) -> None:
        """From now on only what is under way goes on; `stop` waits for it. What comes over the port is the
        server's to refuse.
        """
        if self.supervisor.stopping.is_set():
            return
        self.supervisor.stopping.set()
        if self.worker_parts:
            self.worker_parts.scheduler.stop()
        if self.web_parts and self.web_parts.socket:
            self.tasks.spawn(self.web_parts.socket.close(), "socket, closing")

    async def stop(self, grace: Grace = _GRACE) -> None:
        """Take nothing new, let what is under way end, close connections. Only the last may take longer than
        `grace`, where a thread of the database hangs.
        """
        self.take_nothing_new()
        ending = [self.supervisor.stop(grace), self.tasks.drain(grace)]
        if work := self.worker_parts:
            ending += [work.worker.stop(grace), work.pollers.stop(grace)]
        await asyncio.gather(*ending)
        await self.resources.aclose()
