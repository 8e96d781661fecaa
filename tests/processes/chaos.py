"""What goes wrong meanwhile, by the seed: one thing after another, and several at a time."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from bot.demo.planetscale.troubles import MUTATION, READ, Trouble
from tests.processes.cluster import BotProcess, Cluster
from tests.processes.town import Town
from tests.store.postgres import PostgresServer

ENDS_WITHIN: Final = 25.0
_HALF: Final = 0.5
_LOOK_AGAIN: Final = 0.2
SLACK_METHODS: Final = (
    "chat.postMessage",
    "chat.update",
    "conversations.history",
    "conversations.replies",
    "users.info",
)
SLACK_CODES: Final = ("internal_error", "fatal_error", "service_unavailable", "request_timeout")
READS_FAIL: Final = (
    "rate-limited",
    "server-error",
    "down",
    "unavailable",
    "bad-gateway",
    "half-body",
    "not-json",
)
CHANGES_FAIL: Final = ("rate-limited", "lost-answer", "silent")
"""These do not keep an approved change from being seen to happen within a minute."""
CHANGES_FAIL_LONG: Final = (*CHANGES_FAIL, "cut-off", "server-error", "late")
"""After these it takes minutes until it is known that nothing happened, or that it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """How bad it is."""

    things: int
    """How many things go wrong, beside the restarts."""
    every: tuple[float, float]
    """Seconds from one to the next."""
    stopped_for: tuple[float, float]
    """Seconds for which a worker stands still."""
    one_stop: float | None = None
    """Once, one stands still for so long."""
    changes: tuple[str, ...] = CHANGES_FAIL
    restarts: tuple[int, ...]
    """After how many things PostgreSQL is restarted, by a crash and in order in turn."""


class Chaos:
    """`run` it, then `heal`."""

    def __init__(
        self,
        town: Town,
        cluster: Cluster,
        server: PostgresServer,
        name: str,
        weather: Weather,
        random: Random,
    ) -> None:
        """`name`: the bot's database on `server`."""
        self._town, self._cluster, self._server, self._name = town, cluster, server, name
        self._weather, self._random = weather, random
        self._troubles: list[Trouble] = []
        self._returning: set[asyncio.Task[None]] = set()
        self.done: Counter[str] = Counter()
        """What happened, and how often."""
        self.broken: list[str] = []
        """What the bot promises of how a process ends, and did not hold."""

    async def run(self) -> None:
        """Let things go wrong, and return when all of them have."""
        things: tuple[tuple[Callable[[], Awaitable[None]], int], ...] = (
            (self._kill, 4),
            (self._roll, 1),
            (self._stop, 3),
            (self._cut, 2),
            (self._trouble_slack, 4),
            (self._trouble_planetscale, 4),
        )
        kinds, weights = zip(*things, strict=True)
        if self._weather.one_stop:
            await self._stand_still(self._weather.one_stop)
        for number in range(self._weather.things):
            if number in self._weather.restarts:
                await self._restart(crashes=number == self._weather.restarts[0])
            await self._random.choices(kinds, weights)[0]()
            await asyncio.sleep(self._random.uniform(*self._weather.every))

    async def heal(self) -> None:
        """Nothing goes wrong any more: what was stopped goes on."""
        self._town.slack.come_back()
        for trouble in self._troubles:
            trouble.times = trouble.hits
            trouble.lifted.set()
        await asyncio.gather(*self._returning)
        await self._cluster.until_all_work()

    async def _restart(self, *, crashes: bool) -> None:
        mode: Literal["fast", "immediate"] = "immediate" if crashes else "fast"
        self.done[f"PostgreSQL restarted, {mode}"] += 1
        await asyncio.to_thread(self._server.restart, mode, self._random.uniform(0.0, 2.0))

    async def _some_worker(self) -> BotProcess:
        """One that works, once another one does too: however long it takes them to start on this machine."""
        while True:
            working = [one for one in self._cluster.workers if one.runs and one.works and not one.stopped]
            if len(working) > 1:
                return self._random.choice(working)
            await asyncio.sleep(_LOOK_AGAIN)

    async def _kill(self) -> None:
        worker = await self._some_worker()
        self.done["worker killed"] += 1
        worker.kill()

    async def _roll(self) -> None:
        """A deploy replaces one of the processes."""
        one = self._random.choice(
            self._cluster.webs if self._random.random() < _HALF else self._cluster.workers
        )
        if one.works and not one.stopped and one.runs:
            self.done[f"{one.role} told to stop"] += 1
            try:
                code = await one.end(ENDS_WITHIN)
            except TimeoutError:
                code = None
            if code != 0:
                self.broken.append(
                    f"{one.name} was told to stop; its exit code after {ENDS_WITHIN} s: {code}"
                )

    async def _stop(self) -> None:
        await self._stand_still(self._random.uniform(*self._weather.stopped_for))

    async def _stand_still(self, seconds: float) -> None:
        worker = await self._some_worker()
        self.done["worker stopped"] += 1
        worker.stop()
        self._after(seconds, worker.go_on)

    async def _cut(self) -> None:
        self.done["connections cut"] += 1
        with suppress(Exception):  # the server may be away just now
            await asyncio.to_thread(self._server.cut, self._name)

    async def _trouble_slack(self) -> None:
        slack, method = self._town.slack, self._random.choice(SLACK_METHODS)
        times = self._random.randint(1, 4)
        what = self._random.choice(("code", "status", "lose", "hang", "garbage", "slow"))
        self.done[f"Slack: {what}"] += 1
        match what:
            case "code":
                slack.fail(method, error=self._random.choice(SLACK_CODES), times=times)
            case "status":
                slack.fail(method, status=self._random.choice((500, 502, 503)), times=times)
            case "slow":
                slack.slow_down(method, self._random.randint(1, 3), times)
            case "lose" | "hang" | "garbage":
                slack.fail(method, how=what, times=times)

    async def _trouble_planetscale(self) -> None:
        on, kinds = self._random.choice(((READ, READS_FAIL), (MUTATION, self._weather.changes)))
        kind = self._random.choice(kinds)
        times = self._random.randint(1, 4) if on == READ else 1
        self.done[f"PlanetScale: {kind} ({on})"] += 1
        self._troubles.append(self._town.house.planetscale.trouble(kind, on=on, times=times))

    def _after(self, seconds: float, do: Callable[[], None]) -> None:
        async def later() -> None:
            await asyncio.sleep(seconds)
            do()

        task = asyncio.create_task(later())
        self._returning.add(task)
        task.add_done_callback(self._returning.discard)
