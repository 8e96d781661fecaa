"""What is delivered to several processes, or to one of them again, is answered by one of them, once."""

from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from bot.clock import Clock
from bot.store import deliveries
from bot.store.engine.database import Database
from bot.store.errors import StoreError

log = structlog.stdlib.get_logger(__name__)


class Once:
    """For what only reads, after its ack: what changes something is a row with a key of its own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def do(self, names: tuple[str, ...], work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do it, unless something of one of these names was taken up before, by whichever process.

        Without a name nothing is known of it. Where the database does not answer, rather twice than never.
        """
        if not names or await self._is_mine(names):
            await work()

    async def _is_mine(self, names: tuple[str, ...]) -> bool:
        try:
            return await self._database.write(deliveries.take_up, names, self._clock.now())
        except StoreError as error:
            log.warning("delivery_not_noted", error=str(error))
            return True
