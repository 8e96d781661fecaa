"""The pollers of all organizations as one: each organization has its own token and its own budget."""

import asyncio
from collections.abc import Iterable

from bot.runtime.tasks import Grace
from bot.watch.polling.poller import Poller
from bot.watch.watch_services import WatchServices


class Pollers:
    """Does with every poller what can be done with one, in turn. An outage of one holds no other up."""

    def __init__(self, services: Iterable[WatchServices]) -> None:
        """The services of each must name a worker of their own: that is whom leases belong to."""
        self._pollers = tuple(Poller(one) for one in services)

    @property
    def moving(self) -> bool:
        """Whether the last tick of each reached the database."""
        return all(one.moving for one in self._pollers)

    def wake(self) -> None:
        """Something is due at once, for one of them. From any thread."""
        for one in self._pollers:
            one.wake()

    async def tick(self) -> int:
        """Start what is due, as far as each one's budget goes. How many reads were started."""
        return sum([await one.tick() for one in self._pollers])

    async def discover(self) -> int:
        """List the databases whose turn it is. How many reads were started."""
        return sum([await one.discover() for one in self._pollers])

    async def settle(self) -> None:
        """Read until nothing is due at this moment, or nothing may go out."""
        for one in self._pollers:
            await one.settle()

    async def clean_up(self) -> None:
        """Remove what nobody will look at any more: rows of all organizations at once."""
        await self._pollers[0].clean_up()

    async def stop(self, grace: Grace) -> None:
        """Start nothing more, and let what is under way end."""
        await asyncio.gather(*(one.stop(grace) for one in self._pollers))
