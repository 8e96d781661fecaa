"""Several processes of the bot on one PostgreSQL, between the two stand-ins: here all in one."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from bot import app
from bot.app import build
from bot.demo.clock import ManualClock
from bot.demo.house import House
from bot.process import Bot, Role
from bot.runtime.metering import Flow, Meters, Portion, Rank
from bot.settings import Settings
from tests.scenarios.conftest import POSTING_PAUSE, Stage
from tests.serve import serve


class Tally:
    """Counts that allow everything, and know what was counted."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def named(self, name: str, *, closed_with: str | None = None) -> "Tallied":
        return Tallied(self, name)


class Tallied:
    """One of them."""

    def __init__(self, tally: Tally, name: str) -> None:
        self._tally = tally
        self._name = name

    async def take(
        self, flow: Flow, *, wanted: int = 1, kept: float = 0.0, rank: Rank = Rank.LAST
    ) -> Portion:
        self._tally.names.add(self._name)
        return Portion(wanted, flow.most, 0.0)

    async def close(self, seconds: float) -> None:
        """Nothing here is ever closed."""


class LoadBalancer:
    """Hands each request to the next of the processes that answer Slack."""

    def __init__(self, apps: Sequence[ASGIApp]) -> None:
        self._apps = cycle(apps)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await next(self._apps)(scope, receive, send)


class Several(Stage):
    """The stage with all of them. Each is at work when `settle` comes to it, one after the other."""

    def __init__(
        self, house: House, bots: Sequence[Bot], settings: Settings, clock: ManualClock, url: str
    ) -> None:
        super().__init__(house, bots[0], settings, clock, url)
        self.bots = bots

    async def settle(self) -> None:
        """Let all processes do everything that there is to do at this moment."""
        while True:
            for bot in self.bots:
                await bot.tasks.idle()
            working = [bot.working for bot in self.bots if bot.worker_parts]
            for one in working:
                await one.worker.settle()
                await one.pollers.settle()
            if any([await one.courier.run_once() for one in working]):
                continue
            pause = min((one.courier.pause for one in working if one.courier.pause), default=None)
            if pause is None or pause > POSTING_PAUSE:
                break
            self.clock.advance(pause)


@asynccontextmanager
async def open_several(
    url: str, *roles: Role, meters: Meters | None = None, **settings: str
) -> AsyncIterator[Several]:
    """A process for each role, on the database at `url`.

    Each counts its requests and posts by itself, or with `meters`: the rows of them go by the database's
    clock, which is a real one.
    """
    clock = ManualClock()
    house = House(clock)
    house.planetscale.rate_limit = 100_000
    async with serve(house.app) as address, AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(app, "SharedMeters", lambda _: meters)
        given = house.move_in(address, socket_mode=False, DATABASE_URL=url, **settings)
        bots = []
        for role in roles:
            bot = await build(given, clock, role=role)
            stack.push_async_callback(bot.stop)
            bots.append(bot)
        house.admit(LoadBalancer([bot.web for bot in bots if bot.web_parts]))
        clock.advance(10)  # the request budgets are empty at start
        stack.push_async_callback(house.close)
        yield Several(house, bots, given, clock, address)
