"""What the tests of this room share: a client of a raw server, with a clock that moves only when slept on."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest

from bot.demo.clock import ManualClock
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.planetscale.refs import WorkflowRef
from bot.planetscale.wire import Timeouts
from tests.planetscale.wire import RawServer, Reply
from tests.tls import no_tls

__all__ = ["no_tls"]

TOKEN_ID = "abc123id"
TOKEN = "pscale_tkn_Zq7vSECRETvq7Z"
REF = WorkflowRef("acme", "shop", 3)
WORKFLOW = {"id": "wf3", "name": "move-orders", "number": 3, "state": "running"}

Opened = tuple[PlanetScale, RawServer]
Open = Callable[..., AbstractAsyncContextManager[Opened]]


def client_of(
    url: str,
    clock: ManualClock,
    *,
    budget: Budget | None = None,
    timeouts: Timeouts | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> PlanetScale:
    """A client with a budget that never stands in the way, unless another is given."""
    return PlanetScale(
        base_url=url,
        token_id=TOKEN_ID,
        token=TOKEN,
        budget=budget or Budget(60_000, clock),
        clock=clock,
        timeouts=timeouts,
        transport=transport,
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def opened(clock: ManualClock) -> Open:
    """`async with opened(reply, ...) as (client, server)`."""

    @asynccontextmanager
    async def opener(
        *script: Reply, prefix: str = "/", budget: Budget | None = None, timeouts: Timeouts | None = None
    ) -> AsyncIterator[Opened]:
        async with (
            RawServer(*script).running() as server,
            client_of(server.url + prefix, clock, budget=budget, timeouts=timeouts) as client,
        ):
            yield client, server

    return opener
