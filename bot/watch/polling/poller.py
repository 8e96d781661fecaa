"""The watcher: starts the reads that are due, as many as may go out, and keeps hold of them."""

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, delete, select

from bot.runtime.loops import Loops
from bot.runtime.tasks import Grace, end
from bot.store import deliveries, old_rows
from bot.store.engine.lane import WorkPriority
from bot.store.errors import MovedError, StoreError
from bot.store.schema import outages as outage_rows
from bot.store.schema import samples, watches
from bot.watch.model import Over
from bot.watch.notifications import outages
from bot.watch.polling import due_jobs, lease_rows
from bot.watch.polling.discovery import Discovery
from bot.watch.polling.due_jobs import Job
from bot.watch.polling.plan import ListRead, Read, choose
from bot.watch.polling.reader import PollReader
from bot.watch.watch_services import WatchServices

log = structlog.stdlib.get_logger(__name__)

AT_A_TIME = 24
"""Reads under way. More would only wait for the same budget, and for the same rows."""
STILL_SECONDS = 60.0
"""A watcher that has not ticked for so long is stuck: it is told to every second."""
SAMPLES_KEPT = timedelta(days=7)
KEPT = timedelta(days=90)
"""How long what is over is kept."""
PORTIONS = 200
"""Of old rows of each table, in one clean-up."""


class Poller:
    """Reads what is watched, when it is due. All that counts is rows: another process can go on at any time.

    A read that is under way is in no second one's way: its watches and its database's list are left alone.
    """

    def __init__(self, services: WatchServices) -> None:
        self._services = services
        self._discovery = Discovery(services)
        self._reader = PollReader(services, self._discovery)
        self._tasks: dict[asyncio.Task[None], Job] = {}
        self._turn = asyncio.Lock()
        self._loop = asyncio.get_running_loop()
        self._woken: asyncio.Task[int] | None = None
        self._stopping = False
        self._loops = Loops("watcher", services.clock, within=STILL_SECONDS, foreseen=StoreError)

    @property
    def moving(self) -> bool:
        """Whether it looks for what is due, and could look lately; `/readyz` tells."""
        return self._loops.moving

    def wake(self) -> None:
        """Something is due at once. From any thread; many calls are one."""
        self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if not self._stopping and (self._woken is None or self._woken.done()):
            self._woken = asyncio.create_task(self.tick(), name="watcher, woken")

    async def tick(self) -> int:
        """Start what is due, as far as requests can be spared. How many reads were started."""
        started = 0
        async with self._turn:
            with self._loops.one():
                started = await self._tick()
        return started

    async def discover(self) -> int:
        """List the databases whose turn it is. How many reads were started."""
        async with self._turn:
            try:
                listing = {job.database for job in self._tasks.values() if job.lists}
                wanted = [database for database in self._discovery.due() if database not in listing]
                return await self._begin([ListRead(one, ()) for one in wanted[: self._room]])
            except StoreError as error:
                log.error("databases_not_listed", error=str(error))
                return 0

    async def settle(self) -> None:
        """Read until nothing is due at this moment, or nothing may go out."""
        busy = True
        while busy:
            busy = bool(self._tasks)  # what ends during the tick was not due for it, and may be due again
            started = await self.discover() + await self.tick()
            busy = busy or bool(started or self._tasks)
            await self._idle()

    async def stop(self, grace: Grace) -> None:
        """Start nothing more, let what is under way end, and leave the rest to whoever comes next."""
        self._stopping = True
        await end(self._tasks, grace, "reads")
        # a transaction cannot be cut short: it is not waited for longer than for anything else
        await asyncio.wait({asyncio.create_task(self._let_go())}, timeout=grace.cancelled)

    async def _let_go(self) -> None:
        try:
            await self._services.database.write(
                lease_rows.let_go, self._services.worker, self._services.clock.now()
            )
        except StoreError as error:
            log.warning("leases_not_let_go", error=str(error))

    async def clean_up(self) -> None:
        """Remove what nobody will look at any more."""
        now = self._services.clock.now()
        try:
            await self._services.database.write(_clean_up, now, priority=WorkPriority.TICK)
            await self._remove_old_rows(now - self._services.policy.keep)
        except StoreError as error:
            log.error("watches_not_cleaned_up", error=str(error))

    async def _remove_old_rows(self, before: datetime) -> None:
        """In portions, so that what people do goes ahead; what is left goes the next time."""
        database, removed = self._services.database, 0
        for table in old_rows.tables():
            for _ in range(PORTIONS):
                keys = await database.read(old_rows.find, table, before, priority=WorkPriority.TICK)
                if not keys or self._stopping:
                    break
                removed += await database.write(
                    old_rows.remove, table, keys, before, priority=WorkPriority.TICK
                )
        if removed:
            log.info("old_rows_removed", count=removed)

    @property
    def _room(self) -> int:
        """How many reads may be started now."""
        if self._stopping:
            return 0
        return max(0, min(self._services.kind.spare, AT_A_TIME - len(self._tasks)))

    async def _tick(self) -> int:
        services, now = self._services, self._services.clock.now()
        try:
            await self._tell_outages(now)
        except StoreError as error:
            log.error("outages_not_told", reason=str(error))
        except Exception:
            log.exception("outages_not_told")  # the watcher's edge: what is due is read all the same
        if not self._room:
            return 0
        due = await services.database.read(
            due_jobs.due, services, now, self._busy, priority=WorkPriority.TICK
        )
        return await self._begin(choose(due, self._room, now, services.pace))

    async def _begin(self, reads: list[Read]) -> int:
        if not reads:
            return 0
        services, now = self._services, self._services.clock.now()
        jobs = await services.database.write(
            due_jobs.claim, services, reads, now, self._busy, priority=WorkPriority.TICK
        )
        for job in jobs:
            task = asyncio.create_task(self._carry_out(job), name=f"read {job.database}")
            self._tasks[task] = job
            task.add_done_callback(self._tasks.pop)
        return len(jobs)

    async def _carry_out(self, job: Job) -> None:
        try:
            await self._reader.carry_out(job)
        except MovedError:
            log.debug("read_is_void", database=job.database)  # it is as due as before
        except StoreError as error:
            log.error("read_not_written", database=job.database, error=str(error))
        except Exception:
            log.exception("read_failed", database=job.database)  # the watcher's edge: the others go on

    async def _tell_outages(self, now: datetime) -> None:
        database = self._services.database
        if await database.read(outages.is_needed, self._services, priority=WorkPriority.TICK):
            await database.write(outages.check, self._services, now, priority=WorkPriority.TICK)

    async def _idle(self) -> None:
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    @property
    def _busy(self) -> frozenset[str]:
        """The watches that are being read."""
        return frozenset(due_watch.id for job in self._tasks.values() for due_watch in job.due_watches)


def _clean_up(connection: Connection, now: datetime) -> None:
    ended = select(watches.c.id).where(watches.c.over_at < now - SAMPLES_KEPT)
    connection.execute(delete(samples).where(samples.c.watch_id.in_(ended)))
    forgotten = (watches.c.over_at < now - KEPT) & (watches.c.over != Over.STOPPED.value)
    connection.execute(delete(watches).where(forgotten))
    connection.execute(delete(outage_rows).where(outage_rows.c.back_at < now - KEPT))
    deliveries.forget(connection, now)
