"""The stand-ins on real ports, and a load balancer between the small Slack and the bot's processes."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random

from bot.clock import SystemClock
from bot.demo.house import House
from bot.demo.planetscale.world import Mutation
from bot.demo.slack.model import BOT_USER, Channel, Json
from bot.demo.slack.people import ANA, BEN, CHIOMA
from bot.demo.slack.sender import Sender
from bot.demo.slack.small_slack import SmallSlack
from bot.slack.web import EVENTS_PATH
from tests.serve import serve

CHANNELS = tuple(f"C0MOVES{number}" for number in range(1, 11))
DOUBLED = 0.2
"""The share of deliveries that come twice."""
SWITCH_SECONDS = 1.0
"""How long a switch takes at the small PlanetScale."""


class Balanced(Sender):
    """Each delivery goes to the next process, as a load balancer does it that knows nothing of any.

    `doubled`: some go to two at the same moment: Slack delivers a payload at least once.
    """

    def __init__(self, slack: SmallSlack, doubled: Random | None) -> None:
        super().__init__(slack.clock, slack.signing_secret, slack.sockets)
        self._doubled = doubled
        self._turns: Iterator[str] = iter(())

    def reach(self, urls: Sequence[str]) -> None:
        self._turns = itertools.cycle(f"{url}{EVENTS_PATH}" for url in urls)

    async def _post(self, kind: str, payload: Json, retry: int) -> tuple[int, object]:
        if self._doubled is None or self._doubled.random() > DOUBLED:
            return await self._post_once(kind, payload, retry)
        both = (self._post_once(kind, payload, number) for number in (retry, retry + 1))
        first, _ = await asyncio.gather(*both, return_exceptions=True)
        if isinstance(first, BaseException):
            raise first
        return first

    async def _post_once(self, kind: str, payload: Json, retry: int) -> tuple[int, object]:
        self.url = next(self._turns)  # it is read before anything is awaited
        return await super()._post(kind, payload, retry)


@dataclass(frozen=True, slots=True)
class Town:
    """Slack, PlanetScale, and the way from one to the bot."""

    house: House
    balancer: Balanced
    url: str

    @property
    def slack(self) -> SmallSlack:
        return self.house.slack


@asynccontextmanager
async def open_town(doubled: Random | None = None) -> AsyncIterator[Town]:
    """With as many channels as keep the posts of many requests from waiting for each other."""
    house = House(SystemClock())
    balancer = Balanced(house.slack, doubled)
    house.slack.sender = balancer
    house.slack.limits.enabled = True
    house.planetscale.pace[Mutation.SWITCH_REPLICAS] = SWITCH_SECONDS
    for one in CHANNELS:
        members = {ANA, BEN, CHIOMA, BOT_USER}
        house.slack.channels[one] = Channel(id=one, name=one.lower(), members=members)
    async with serve(house.app) as url:
        try:
            yield Town(house, balancer, url)
        finally:
            await house.close()
