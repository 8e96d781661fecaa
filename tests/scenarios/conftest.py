"""A whole bot between the two stand-ins, on a real port."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from bot.app import Bot, build
from bot.demo.clock import ManualClock
from bot.demo.house import House
from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA
from bot.settings import Settings
from tests.serve import serve

MOVES = "C0DBMOVES"
POSTING_PAUSE = 2.0
"""Seconds: the courier posts about once a second in a channel."""


class Stage:
    """The stand-ins, the bot, and the questions that a scenario asks."""

    def __init__(self, house: House, bot: Bot, settings: Settings, clock: ManualClock, url: str) -> None:
        self.house, self.bot, self.settings, self.clock, self.url = house, bot, settings, clock, url
        self.slack, self.planetscale = house.slack, house.planetscale

    async def settle(self) -> None:
        """Let the bot do everything that there is to do at this moment."""
        while True:
            await self.bot.tasks.idle()
            await self.bot.worker.settle()
            if await self.bot.courier.run_once():
                continue
            pause = self.bot.courier.pause
            if pause is None or pause > POSTING_PAUSE:
                break
            self.clock.advance(pause)

    async def pass_time(self, seconds: float, step: float = 1.0) -> None:
        """Let time pass, with the bot at work after each step."""
        passed = 0.0
        while passed < seconds:
            self.clock.advance(min(step, seconds - passed))
            passed += step
            await self.settle()

    def cards(self, channel: str = MOVES) -> list[str]:
        """What a person reads in a channel: each message that is not a reply, oldest first."""
        found = [message for message in self.slack.messages(channel) if not message.thread_ts]
        return [self.slack.visible_text(message) for message in found]

    def card(self, channel: str = MOVES) -> Message:
        """The newest message in a channel that is not a reply."""
        return [message for message in self.slack.messages(channel) if not message.thread_ts][-1]

    async def press(self, user: str, action_id: str, message: Message | None = None, **how: str) -> str:
        """Somebody presses a button; what that person alone then reads."""
        before = len(self.slack.ephemeral_for(user))
        delivery = await self.slack.press(user, message or self.card(), action_id, **how)
        assert delivery.problem is None, delivery
        await self.settle()
        news = self.slack.ephemeral_for(user)[before:]
        return "\n".join(self.slack.visible_text(one, user) for one in news)

    async def type(self, text: str, user: str = ANA, channel: str = MOVES) -> str:
        """Somebody types `/workflow …`; what that person alone then reads, once the bot is done."""
        before = len(self.slack.ephemeral_for(user))
        delivery = await self.slack.command(user, channel, "/workflow", text)
        assert delivery.problem is None, delivery
        await self.settle()
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
    house.planetscale.rate_limit = 100_000
    async with serve(house.app) as url:
        with tempfile.TemporaryDirectory() as folder:
            database = {"DATABASE_URL": f"sqlite:///{folder}/bot.sqlite3"}
            given = house.move_in(url, socket_mode=socket_mode, **database | settings)
            async with _running(house, given, clock) as bot:
                yield Stage(house, bot, given, clock, url)


@asynccontextmanager
async def _running(house: House, settings: Settings, clock: ManualClock) -> AsyncIterator[Bot]:
    """The bot, at work only when a test says so: a manual clock and its own loops would chase each other."""
    bot = await build(settings, clock)
    house.admit(bot.web)
    await bot.connect()
    if settings.socket_mode:
        await house.slack.sockets.until_connected()
    clock.advance(10)  # the request budget is empty at start
    try:
        yield bot
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
