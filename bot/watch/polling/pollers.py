"""The watchers of all organizations as one: each organization has its own token and its own budget."""

import asyncio
from collections.abc import Iterable

from bot.runtime.tasks import Grace
from bot.watch.polling.poller import Poller
from bot.watch.watch_services import WatchServices


class Pollers:
    """Does with every watcher what can be done with one, in turn. An outage of one holds no other up."""

    def __init__(self, parts: Iterable[WatchServices]) -> None:
        """The parts of each must name a worker of their own: that is whom leases belong to."""
        self._watchers = tuple(Poller(one) for one in parts)

    @property
    def moving(self) -> bool:
        """Whether the last tick of each reached the database."""
        return all(one.moving for one in self._watchers)

    def wake(self) -> None:
        """Something is due at once, for one of them. From any thread."""
        for one in self._watchers:
            one.wake()

    async def tick(self) -> int:
        """Start what is due, as far as each one's budget goes. How many reads were started."""
        return sum([await one.tick() for one in self._watchers])

    async def discover(self) -> int:
        """List the databases whose turn it is. How many reads were started."""
        return sum([await one.discover() for one in self._watchers])

    async def settle(self) -> None:
        """Read until nothing is due at this moment, or nothing may go out."""
        for one in self._watchers:
            await one.settle()

    async def clean_up(self) -> None:
        """Remove what nobody will look at any more: rows of all organizations at once."""
        await self._watchers[0].clean_up()

    async def stop(self, grace: Grace) -> None:
        """Start nothing more, and let what is under way end."""
        await asyncio.gather(*(one.stop(grace) for one in self._watchers))
