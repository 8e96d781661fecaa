"""Hears what other processes tell this one's parts (`LISTEN`); where none comes, they look each second."""

import asyncio
from contextlib import suppress
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from bot.clock import Clock
from bot.runtime.tasks import until_stopped
from bot.store.engine.address import parse_address
from bot.store.engine.database import Database
from bot.store.engine.engines import driver_arguments
from bot.store.engine.lane import WorkPriority
from bot.store.engine.notify import CHANNEL, Part, heard, send
from bot.store.errors import StoreError

log = structlog.stdlib.get_logger(__name__)

HEARD_WITHIN: Final = 5.0
"""Seconds after which a notice that does not come is one that never comes."""
CONNECTS_WITHIN: Final = 20.0
TRIED_EVERY: Final = 60.0
"""Seconds between two trials whether a notice still comes: a connection can die without a sign."""
LOOK_SECONDS: Final = 1.0
"""How often all parts look while none comes."""
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0


class Listener:
    """A connection of its own, made again with growing pauses. Nothing is lost without it, only later."""

    def __init__(self, url: str, database: Database, clock: Clock) -> None:
        """`url`: an address of PostgreSQL, the database's own."""
        address = parse_address(url)
        dialect = address.get_dialect()()
        self._driver: Any = address.get_dialect().import_dbapi()
        self._arguments = {**dialect.create_connect_args(address)[1], **driver_arguments(address)}
        self._database = database
        self._wakes = database.wakes
        self._clock = clock
        self._trials = 0
        self._pause = FIRST_PAUSE
        self._told = False
        """Whether the log knows that none comes."""
        self.hears = False
        """Whether a notice has come that was sent for trial, over another connection."""

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set."""
        polling = asyncio.create_task(self._poll(), name="listener, polling")
        try:
            while not stop.is_set():
                await until_stopped(self._listen(), stop)
                self.hears = False
                await until_stopped(self._clock.sleep(self._pause), stop)
                self._pause = min(LONGEST_PAUSE, self._pause * 2)
        finally:
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling

    async def _poll(self) -> None:
        while True:
            if not self.hears:
                self._wakes.call(Part)
            await self._clock.sleep(LOOK_SECONDS)

    async def _listen(self) -> None:
        """Hear until the connection is lost, or a notice sent for trial does not come."""
        try:
            async with await self._connected() as connection:
                while await self._comes(connection):
                    self._begin()
                    async for notice in connection.notifies(timeout=TRIED_EVERY):
                        heard(self._wakes, notice.payload)
            self._warn("no notice comes")
        except (self._driver.Error, OSError, StoreError) as error:  # a TimeoutError is an OSError
            self._warn(str(error).partition("\n")[0] or type(error).__name__)

    async def _connected(self) -> Any:
        """A connection that listens. Raises `TimeoutError` where the server takes too long to say so."""
        async with asyncio.timeout(CONNECTS_WITHIN):
            connection = await self._driver.AsyncConnection.connect(**self._arguments, autocommit=True)
            try:
                await connection.execute(f"LISTEN {CHANNEL}")
            except BaseException:
                await connection.close()
                raise
        return connection

    async def _comes(self, connection: Any) -> bool:
        """Whether a notice comes that another connection sends: behind some poolers none does."""
        self._trials += 1
        trial = f"{self._wakes.process}:{self._trials}"
        await self._database.write(_try, trial, priority=WorkPriority.TICK, begin_within=HEARD_WITHIN)
        async for notice in connection.notifies(timeout=HEARD_WITHIN):
            if notice.payload == trial:
                return True
            heard(self._wakes, notice.payload)
        return False

    def _begin(self) -> None:
        if not self.hears:
            self._wakes.call(Part)  # what was told until now was told to nobody
        if self._told:
            log.info("notices_heard")
        self.hears, self._told, self._pause = True, False, FIRST_PAUSE

    def _warn(self, reason: str) -> None:
        if not self._told:
            log.warning(
                "no_notices",
                reason=reason,
                hint="All parts look for themselves each second. A pooler that hands each transaction to "
                "another session passes no notices on.",
            )
        self._told = True


def _try(connection: Connection, trial: str) -> None:
    send(connection, trial)
