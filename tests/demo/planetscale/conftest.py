"""A simulator that stands still until told, served for real, and a client that may use it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.demo.clock import ManualClock
from bot.demo.planetscale.api import app
from bot.demo.planetscale.simulator import Simulator
from tests.serve import serve
from tests.tls import no_tls

__all__ = ["no_tls"]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def simulator(clock: ManualClock) -> Simulator:
    return Simulator(clock)


@pytest.fixture
async def api(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose paths start in the database `shop` of `acme`."""
    headers = {"Authorization": simulator.credentials}
    async with serve(app(simulator)) as base_url:
        shop = f"{base_url}/v1/organizations/acme/databases/shop"
        async with httpx.AsyncClient(base_url=shop, headers=headers) as client:
            yield client
