"""Several organizations: each request with its own organization's token."""

import asyncio

import httpx
import pytest

from bot.demo.clock import ManualClock
from bot.planetscale.budget import Budget
from bot.planetscale.client import PlanetScale
from bot.planetscale.errors import FailureKind, PlanetScaleError
from bot.planetscale.organizations import Organizations


class Line(httpx.AsyncBaseTransport):
    """Answers every list with an empty page, and remembers who asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.url.path, request.headers["authorization"]))
        return httpx.Response(200, json={"current_page": 1, "next_page": None, "data": []})

    async def aclose(self) -> None:
        self.closed = True


@pytest.fixture
def lines() -> dict[str, Line]:
    return {"acme": Line(), "acme-eu": Line()}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def organizations(lines: dict[str, Line], clock: ManualClock) -> Organizations:
    clients = {
        name: PlanetScale(
            token_id=f"{name}-id",
            token=f"{name}-token",
            budget=Budget(60, clock),
            clock=clock,
            transport=line,
        )
        for name, line in lines.items()
    }
    return Organizations(clients, "acme-eu")


async def test_each_is_asked_with_its_own_token(
    organizations: Organizations, lines: dict[str, Line], clock: ManualClock
) -> None:
    """A request for one organization never carries the other's token."""
    clock.advance(10)
    for name in organizations.names:
        await organizations.of(name).databases(name)
    for name, line in lines.items():
        assert line.asked == [(f"/v1/organizations/{name}/databases", f"{name}-id:{name}-token")]


def test_an_organization_that_is_not_configured_is_not_asked(
    organizations: Organizations, lines: dict[str, Line]
) -> None:
    """For an organization of before there is an error that says so, and that nothing was changed."""
    with pytest.raises(PlanetScaleError) as caught:
        organizations.of("gone")
    assert caught.value.kind is FailureKind.NOT_OURS
    assert caught.value.certainly_nothing_changed
    assert not any(line.asked for line in lines.values())


def test_where_none_is_named_the_default_one_is_meant(organizations: Organizations) -> None:
    """The default organization comes first, and is the one that is meant without a name."""
    assert organizations.names == ("acme-eu", "acme")
    assert (organizations.named(None), organizations.named("acme")) == ("acme-eu", "acme")


async def test_each_has_its_own_budget(organizations: Organizations, clock: ManualClock) -> None:
    """PlanetScale limits each organization: what one has used up is not missing to the other."""
    clock.advance(10)
    spare = organizations.of("acme").spare
    await organizations.of("acme-eu").databases("acme-eu")
    assert organizations.of("acme").spare == spare
    assert organizations.of("acme-eu").spare == spare - 1


async def test_who_waits_for_the_budget_is_known(organizations: Organizations) -> None:
    """While a read waits for the bot's own limit, that can be told, for the organization that it is of."""
    client = organizations.of("acme")
    reading = asyncio.create_task(client.databases("acme"))
    await asyncio.sleep(0)
    assert client.held_back
    assert not organizations.of("acme-eu").held_back
    await reading
    assert not client.held_back


async def test_all_connections_are_closed(organizations: Organizations, lines: dict[str, Line]) -> None:
    """Leaving the block closes the connections of every organization."""
    async with organizations:
        assert not any(line.closed for line in lines.values())
    assert all(line.closed for line in lines.values())


def test_the_default_one_must_be_there() -> None:
    """A default organization without a client is a mistake at the start, not at the first question."""
    with pytest.raises(ValueError, match="no client"):
        Organizations({}, "acme")
