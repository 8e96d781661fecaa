"""A whole bot between the two stand-ins, on a real port."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from bot.app import Bot, build
from bot.demo.clock import ManualClock
from bot.demo.house import House
from bot.demo.slack.people import ANA
from bot.settings import Settings
from tests.serve import serve

MOVES = "C0DBMOVES"


class Stage:
    """The stand-ins, the bot, and the questions that a scenario asks."""

    def __init__(self, house: House, bot: Bot, settings: Settings, clock: ManualClock, url: str) -> None:
        self.house, self.bot, self.settings, self.clock, self.url = house, bot, settings, clock, url
        self.slack, self.planetscale = house.slack, house.planetscale

    async def type(self, text: str, user: str = ANA, channel: str = MOVES) -> str:
        """Somebody types `/workflow …`; what that person alone then reads, once the bot is done."""
        before = len(self.slack.ephemeral_for(user))
        delivery = await self.slack.command(user, channel, "/workflow", text)
        assert delivery.problem is None, delivery
        await self.bot.tasks.idle()
        news = self.slack.ephemeral_for(user)[before:]
        return "\n".join(self.slack.visible_text(message, user) for message in news)

    @property
    def asked(self) -> list[tuple[str, str]]:
        """What the bot asked of PlanetScale: method and path."""
        return [
            (request.method, request.path.removeprefix("/planetscale"))
            for request in self.planetscale.requests
        ]


Open = Callable[..., AbstractAsyncContextManager[Stage]]


@asynccontextmanager
async def open_stage(*, socket_mode: bool = False, **settings: str) -> AsyncIterator[Stage]:
    clock = ManualClock()
    house = House(clock)
    async with serve(house.app) as url:
        given = house.move_in(url, socket_mode=socket_mode, **settings)
        bot = await build(given, clock)
        house.admit(bot.web)
        await bot.connect()
        if socket_mode:
            await house.slack.sockets.until_connected()
        try:
            yield Stage(house, bot, given, clock, url)
        finally:
            await house.close()
            await bot.stop()


@pytest.fixture(params=["http", "socket"])
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """The same scenario over signed HTTP and over Socket Mode."""
    async with open_stage(socket_mode=request.param == "socket") as opened:
        yield opened


@pytest.fixture
async def http_stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        yield opened
