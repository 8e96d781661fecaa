"""Many watched workflows within one request budget, in simulated time.

By itself, for other sizes: `python -m tests.bench.watching WORKFLOWS/DATABASES/SECONDS …`.

The watcher is the real one, with real rows; PlanetScale answers within the process. Staleness is the age of
what is known of a workflow's state, looked at every ten seconds. Beside it: a loop that reads one workflow
after the other with the same requests, and what the budget would allow at best if all were alike (each
database listed as often as its most urgent workflow asks, all stretched by the same where that is too much).
"""

import asyncio
import heapq
import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import Connection

from bot.approvals.policy import load_policy
from bot.kinds.workflow.watching import WatchedWorkflows
from bot.kinds.workflow.workflow_forms import CARRIES
from bot.logs import configure_logs
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.runtime.tasks import Grace
from bot.store.engine.database import Database
from bot.store.migrate import migrate
from bot.subjects.model import Observed
from bot.watch.model import Origin, Watch
from bot.watch.polling.pace import Pace
from bot.watch.polling.poller import Poller
from bot.watch.ports import News, Outage
from bot.watch.storage import watch_repository
from bot.watch.watch_services import WatchServices
from bot.workflows.observing.observe import first_sight
from bot.workflows.observing.stage import essence
from tests.builders import unnoticed

BUDGET = 480
RATE = 420 / 65
"""Requests a second that the bucket gives out in the long run."""
START = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
LONG_AGO = "2026-11-01T00:00:00Z"
SIZES = ((1_000, 400, 400), (10_000, 400, 120), (10_000, 2_000, 120))
"""Workflows, databases and simulated seconds of a default run; no age can be longer than a run and 30 s."""
CLASSES = {
    "moving": ("switching_primaries", 2.0),
    "copying": ("copying", 15.0),
    "waiting": ("running", 300.0),
}


class BenchClock:
    """Stands still but for `advance`, which wakes whoever has slept long enough."""

    def __init__(self) -> None:
        self._passed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._passed + seconds, id(woken), woken))
        await woken

    @property
    def has_sleepers(self) -> bool:
        return bool(self._sleepers)

    def advance(self, seconds: float) -> None:
        self._passed += seconds
        while self._sleepers and self._sleepers[0][0] <= self._passed:
            woken = heapq.heappop(self._sleepers)[2]
            if not woken.done():
                woken.set_result(None)


class Silent:
    """A board that counts."""

    def __init__(self) -> None:
        self.drawn = 0

    def live(self, connection: Connection, watch: Watch, now: datetime, *, urgent: bool) -> None:
        self.drawn += 1

    def moved(self, connection: Connection, before: Watch, after: Watch, now: datetime) -> None:
        pass

    def tell(self, connection: Connection, watch: Watch, news: News, now: datetime) -> None:
        pass

    def over(self, connection: Connection, watch: Watch, before: Observed, now: datetime) -> None:
        pass

    def outage(self, connection: Connection, outage: Outage, now: datetime) -> None:
        pass


@dataclass
class Cloud:
    """PlanetScale: workflows by database, when each was last read, and when requests came."""

    clock: BenchClock
    workflows: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    """Database → number → class."""
    read_at: dict[tuple[str, int], float] = field(default_factory=dict)
    requests: deque[float] = field(default_factory=deque)
    asked: int = 0
    most: int = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        now = self.clock.monotonic()
        self.asked += 1
        self.requests.append(now)
        while self.requests[0] < now - 60:
            self.requests.popleft()
        self.most = max(self.most, len(self.requests))
        _, _, _, _, _, database, what, *rest = request.url.path.split("/")
        if what != "workflows":
            return httpx.Response(200, json={"data": [{"name": "commerce", "imported": False}]})
        if rest:
            self.read_at[database, int(rest[0])] = now
            return httpx.Response(200, json=self.workflow(database, int(rest[0]), now, in_full=True))
        known = [number for number in self.workflows[database] if (database, number) in self.read_at]
        self.read_at.update(dict.fromkeys(((database, number) for number in known), now))
        data = [self.workflow(database, number, now, in_full=False) for number in self.workflows[database]]
        return httpx.Response(200, content=json.dumps({"data": data, "next_page": None}))

    def workflow(self, database: str, number: int, now: float, *, in_full: bool) -> dict[str, Any]:
        state, _ = CLASSES[self.workflows[database][number]]
        found: dict[str, Any] = {
            "id": f"{database}-{number}",
            "name": f"move-{number}",
            "number": number,
            "state": state,
            "created_at": LONG_AGO,
            "started_at": LONG_AGO,
            "data_copy_completed_at": None if state == "copying" else LONG_AGO,
            "replicas_switched": False,
            "primaries_switched": False,
            "workflow_subtype": "movetables",
            "branch": {"name": "main"},
            "source_keyspace": {"name": "commerce"},
            "target_keyspace": {"name": "customer"},
        }
        if in_full:
            rows = int(now * 40_000) + number
            shards = ("-40", "40-80", "80-c0", "c0-")
            found["tables"] = [
                {"name": f"table_{n}", "rows_copied": rows, "rows_total": 10**9} for n in range(8)
            ]
            found["streams"] = [
                {"id": n, "state": "Running", "target_shard": s} for n, s in enumerate(shards)
            ]
        return found


@dataclass
class Found:
    """What one run showed."""

    ages: dict[str, list[float]]
    cpu: float
    drawn: int


def fill(cloud: Cloud, workflows: int, databases: int) -> None:
    """1 % moving, 10 % copying, the rest waiting; scattered over the databases."""
    kinds = ["moving"] * (workflows // 100) + ["copying"] * (workflows // 10)
    kinds += ["waiting"] * (workflows - len(kinds))
    random.Random(4).shuffle(kinds)
    for position, kind in enumerate(kinds):
        cloud.workflows[f"db{position % databases}"][position] = kind


async def run(cloud: Cloud, clock: BenchClock, folder: str, seconds: int) -> Found:
    """Watch everything for `seconds`, after a warm-up."""
    board = Silent()
    budget = Budget(BUDGET, clock)
    transport = httpx.MockTransport(cloud.answer)
    async with (
        Database(f"sqlite:///{folder}/bench.sqlite3", begin_within=60, carries=CARRIES) as database,
        PlanetScale(token_id="i", token="t", budget=budget, clock=clock, transport=transport) as client,
    ):
        await migrate(database)
        services = WatchServices(
            database=database,
            kind=WatchedWorkflows(client, "acme", clock, Pace(15)),
            board=board,
            policy=load_policy(None),
            clock=clock,
            organization="acme",
            databases=(),
            default_channel="C1",
            poll_seconds=15,
            worker="w1",
            alone=True,
            random=random.Random(4).random,
            on_read=unnoticed,
        )
        await database.write(_begin, cloud, clock.now())
        watcher = Poller(services)
        for _ in range(30):
            await _second(watcher, clock)
        cloud.asked = cloud.most = 0
        cloud.requests.clear()
        cpu = time.process_time()
        ages: dict[str, list[float]] = defaultdict(list)
        for second in range(seconds):
            await _second(watcher, clock)
            if second % 10 == 0:
                for (db, number), read_at in cloud.read_at.items():
                    ages[cloud.workflows[db][number]].append(clock.monotonic() - read_at)
        await watcher.stop(Grace())
        return Found(ages, time.process_time() - cpu, board.drawn)


async def _second(watcher: Poller, clock: BenchClock) -> None:
    clock.advance(1)
    await watcher.tick()
    while any(not task.done() for task in watcher._tasks) and not clock.has_sleepers:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.001)


def _begin(connection: Connection, cloud: Cloud, now: datetime) -> None:
    """Everything has been read once, and is due at some moment of its interval."""
    chance = random.Random(4)
    for database, numbers in cloud.workflows.items():
        for number, kind in numbers.items():
            ref = WorkflowRef("acme", database, number)
            watch = watch_repository.begin(connection, ref, places=("C1",), origin=Origin.FOUND, now=now)
            workflow = Workflow.model_validate(cloud.workflow(database, number, 0, in_full=True))
            observed = first_sight(workflow, now)
            due = now + timedelta(seconds=CLASSES[kind][1] * chance.random())
            detail = due if kind != "waiting" else now + timedelta(seconds=300 * chance.random())
            changes = {"looked_at": now, "changed_at": observed.entered_at, "essence": essence(observed, now)}
            watch_repository.swap(
                connection,
                watch,
                observed=observed,
                drawn_at=now,
                due_at=due,
                detail_due_at=detail,
                **changes,
            )
            cloud.read_at[database, number] = 0.0


def stretch(cloud: Cloud) -> float:
    """By how much the least possible reads are more than the budget."""
    needed = sum(
        1 / min(CLASSES[kind][1] for kind in numbers.values()) for numbers in cloud.workflows.values()
    )
    return max(1.0, needed / RATE)


def spread(ages: Sequence[float]) -> str:
    ordered = sorted(ages)
    return f"{statistics.median(ordered):8.1f} s {ordered[int(len(ordered) * 0.99)]:8.1f} s"


async def report(sizes: Sequence[tuple[int, int, int]] = SIZES) -> None:
    """Print staleness by class, requests, CPU and memory."""
    for workflows, databases, seconds in sizes:
        clock = BenchClock()
        cloud = Cloud(clock)
        fill(cloud, workflows, databases)
        with tempfile.TemporaryDirectory() as folder:
            found = await run(cloud, clock, folder, seconds)
        print(
            f"{workflows} watched workflows in {databases} databases, {seconds} simulated seconds "
            f"(no age can be over {seconds + 30} s)"
        )
        print(
            "  age of what is known      median        p99    one by one (median, p99)     all alike (median)"
        )
        round_trip, least = workflows / RATE, stretch(cloud)
        for kind, (_, interval) in CLASSES.items():
            naive = f"{round_trip / 2:8.1f} s {round_trip * 0.99:8.1f} s"
            bound = min(interval * least, databases / RATE) / 2
            print(f"    {kind:<16}{spread(found.ages[kind])}      {naive}         {bound:8.1f} s")
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"  most requests in any 60 s: {cloud.most} of {BUDGET}; {cloud.asked / seconds:.1f} a second; "
            f"{found.drawn} drawings\n"
            f"  CPU {found.cpu / seconds * 100:.1f} % of a core, "
            f"{found.cpu / max(1, cloud.asked) * 1000:.1f} ms a request; {memory:.0f} MB at most"
        )


if __name__ == "__main__":
    configure_logs("error", "json", stream=sys.stderr)
    given = [tuple(int(part) for part in size.split("/")) for size in sys.argv[1:]]
    asyncio.run(report([(a, b, c) for a, b, c in given] or SIZES))
