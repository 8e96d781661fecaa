"""Carries reads out: asks the other side, and has written down what came of it."""

import structlog

from bot.store.engine.lane import WorkPriority
from bot.watch.polling import due_jobs
from bot.watch.polling.discovery import Discovery
from bot.watch.polling.due_jobs import DueWatch, Job
from bot.watch.polling.recorder import Recorder
from bot.watch.watch_services import WatchServices
from bot.watch.watched_kind import UnreadError

log = structlog.stdlib.get_logger(__name__)

BATCH = 20
"""Watches in one transaction: people's commands wait for no more."""


class PollReader:
    """Carries out one read at a time, for as many callers as there are."""

    def __init__(self, services: WatchServices, discovery: Discovery) -> None:
        self._services = services
        self._discovery = discovery
        self._recorder = Recorder(services)

    async def carry_out(self, job: Job) -> None:
        """Read, and write down what came of it. A read that fails is written down too."""
        try:
            if job.lists:
                await self._list(job)
            else:
                await self._read(job, job.due_watches[0])
        except UnreadError as error:
            await self._failed(job, error)

    async def _read(self, job: Job, due_watch: DueWatch) -> None:
        began = self._services.clock.now()
        try:
            read = await self._services.kind.read(due_watch.ref, due_watch.known, in_full=due_watch.in_full)
        except UnreadError as error:
            if not error.missing:
                raise
            await self._not_there(job, due_watch)
            return
        now = self._services.clock.now()
        await self._services.database.write(
            self._recorder.seen, due_watch, read, began, now, priority=WorkPriority.TICK
        )

    async def _list(self, job: Job) -> None:
        found = await self._services.kind.listed(job.database)
        for start in range(0, len(job.due_watches), BATCH):
            some = job.due_watches[start : start + BATCH]
            now = self._services.clock.now()
            await self._services.database.write(
                self._recorder.listed, some, found, now, priority=WorkPriority.TICK
            )
        await self._discovery.listed(job.database, found)

    async def _not_there(self, job: Job, due_watch: DueWatch) -> None:
        """The list decides: alone, a 404 can be a token that may not see it, or a moment's trouble."""
        if due_watch.ref in await self._services.kind.listed(job.database):
            msg = "listed, but not there"
            raise UnreadError(msg, of_one=True)
        now = self._services.clock.now()
        await self._services.database.write(
            self._recorder.missing, due_watch, now, priority=WorkPriority.TICK
        )

    async def _failed(self, job: Job, error: UnreadError) -> None:
        log.info("not_read", database=job.database, failure=error.what, status=error.status)
        if error.held_back:
            return  # it never left, and is as due as before
        now, write = self._services.clock.now(), self._services.database.write
        until = now
        for start in range(0, len(job.due_watches), BATCH):
            some = job.due_watches[start : start + BATCH]
            again = await write(self._recorder.missed, some, now, priority=WorkPriority.TICK)
            until = max(until, again)
        if job.lists:
            self._discovery.failed(job.database)
        if not error.of_one:
            place = (self._services.organization, job.database)
            await write(due_jobs.put_off, *place, until, priority=WorkPriority.TICK)
