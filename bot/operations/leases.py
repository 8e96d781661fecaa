"""The leases that a worker holds: which operations it may begin a step of, and for how long."""

import asyncio
from collections.abc import Callable, Collection, Sequence

import structlog

from bot.operations.services import Services
from bot.operations.storage import step_leases
from bot.store.errors import StoreError

log = structlog.stdlib.get_logger(__name__)

RENEWED_AFTER = step_leases.LASTS.total_seconds() / 3
"""Seconds: two renewals may fail before anybody takes a lease over."""
TAKEN_AT_ONCE = 20
"""In one transaction, so that several workers that wake at the same moment share what there is to do."""


class Leases:
    """Takes, renews and hands back. A worker that is alone on its database needs none, and writes none."""

    def __init__(self, services: Services, *, alone: bool) -> None:
        self._services = services
        self._alone = alone
        self._held: set[str] = set()
        self._turn = asyncio.Lock()

    def holds(self, operation_id: str) -> bool:
        """Whether it is held, as far as this worker knows."""
        return operation_id in self._held

    async def take(self, ids: Sequence[str]) -> Collection[str]:
        """Those of `ids` of which a step may be begun now. Raises the errors of `bot.store.errors`."""
        if self._alone:
            return ids
        taken: set[str] = set()
        async with self._turn:
            for first in range(0, len(ids), TAKEN_AT_ONCE):
                taken |= await self._take(ids[first : first + TAKEN_AT_ONCE])
        return [one for one in ids if one in taken]

    async def _take(self, ids: Sequence[str]) -> frozenset[str]:
        now = self._services.clock.now()
        taken, taken_over = await self._services.database.write(
            step_leases.take, ids, self._services.worker, now
        )
        self._held |= taken
        for one in sorted(taken_over):
            self._services.figures.taken_over("operation")
            log.warning("lease_taken_over", operation=one)
        return taken

    async def hand_back_but(self, in_use: Callable[[str], bool]) -> None:
        """Hand back what nothing is being done with. Raises the errors of `bot.store.errors`."""
        async with self._turn:
            idle = {one for one in self._held if not in_use(one)}
            if idle:
                await self._services.database.write(step_leases.hand_back, idle, self._services.worker)
                self._held -= idle

    async def keep(self) -> None:
        """Renew what is held, again and again, until cancelled."""
        while not self._alone:
            await asyncio.sleep(RENEWED_AFTER)
            await self.renew()

    async def renew(self) -> None:
        """Hold what is held for longer. What another worker has taken over meanwhile is let go."""
        async with self._turn:
            if not self._held:
                return
            worker, now = self._services.worker, self._services.clock.now()
            try:
                kept = await self._services.database.write(step_leases.renew, self._held, worker, now)
            except StoreError as error:
                log.error("leases_not_renewed", count=len(self._held), reason=str(error))
                return
            for one in sorted(self._held - kept):
                log.warning("lease_lost", operation=one)
            self._held &= kept

    async def hand_back_all(self) -> None:
        """The worker ends: others need not wait for the end of what it holds."""
        try:
            await self.hand_back_but(lambda _: False)
        except StoreError as error:
            log.warning("leases_not_handed_back", count=len(self._held), reason=str(error))
