"""Several processes on one PostgreSQL: `web` answers Slack, `worker` does the rest."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from bot.app import build
from bot.demo.clock import ManualClock
from bot.demo.house import House
from bot.demo.slack.model import Delivery
from bot.demo.slack.people import ANA, BEN
from bot.process import Role
from bot.store.errors import SchemaBehindError
from tests.scenarios.conftest import A_DAY, MOVES, titled
from tests.scenarios.several import Tally, open_several
from tests.serve import serve
from tests.store.databases import postgres, postgres_template
from tests.store.postgres import PostgresServer

__all__ = ["postgres", "postgres_template"]

TWO_OF_EACH = (Role.WEB, Role.WEB, Role.WORKER, Role.WORKER)


@pytest.fixture
def shared_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A PostgreSQL database with the current schema, for several processes."""
    name = postgres.create(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


async def test_what_one_process_takes_down_another_carries_out(shared_url: str) -> None:
    """Whichever web processes get a command and its approvals, however often: one request, one card."""
    async with open_several(shared_url, *TWO_OF_EACH) as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
        asked = await stage.slack.command(ANA, MOVES, "/workflow", "cutover shop 3")
        await asyncio.gather(*(stage.slack.redeliver(asked) for _ in range(2)))
        await stage.settle()
        [card] = [one for one in stage.shown() if titled(stage.read(one), "Cut over")]
        pressed = await stage.slack.press(BEN, card, "op_approve")
        await asyncio.gather(*(stage.slack.redeliver(pressed) for _ in range(3)))
        await stage.settle()
        assert stage.changes == ["PATCH shop/workflows/3/cutover"]
        assert [titled(one, "Cut over") for one in stage.cards()].count(True) == 1


async def test_what_is_delivered_again_to_another_process(shared_url: str) -> None:
    """A question, a press that only reads, a mention, a click: answered once, whoever gets it again."""
    async with open_several(shared_url, Role.WEB, Role.WEB, Role.WEB, Role.WORKER) as stage:
        stage.planetscale.add_workflow("shop", 3, "running")
        stage.slack.deliveries = 3

        async def answers(delivery: Delivery) -> int:
            before = len(stage.slack.calls_to("response_url", "chat.postEphemeral"))
            await asyncio.gather(*(stage.slack.redeliver(delivery) for _ in range(3)))
            await stage.settle()
            return len(stage.slack.calls_to("response_url", "chat.postEphemeral")) - before

        asked = await stage.slack.command(ANA, MOVES, "/workflow", "show shop 3")
        again = await answers(asked)
        assert len(stage.slack.ephemeral_for(ANA)) == 1
        assert again <= 1  # the first delivery's own answer may come during these
        pressed = await stage.slack.press(ANA, stage.private(), "qa_refresh")
        assert await answers(pressed) <= 1
        assert len(stage.slack.ephemeral_for(ANA)) == 1
        await stage.slack.talk(ANA, MOVES, "@Workflow Bot show shop 3")
        await stage.settle()
        assert len(stage.slack.ephemeral_for(ANA)) == 2
        await stage.type("watch shop 3")
        told = len(stage.slack.ephemeral_for(ANA))
        assert await answers(await stage.slack.shortcut(ANA, stage.first, "what_is_this")) == 0
        assert len(stage.slack.ephemeral_for(ANA)) == told


async def test_all_processes_count_together(shared_url: str) -> None:
    """Requests to PlanetScale, posts, updates and Homes are counted for all processes, in each role."""
    tally = Tally()
    async with open_several(shared_url, Role.WEB, Role.WORKER, meters=tally) as stage:
        stage.planetscale.add_workflow("shop", 3, "switched_primaries", ago=A_DAY)
        await stage.type("show shop 3")
        await stage.settle()
        assert tally.names == {"planetscale:acme"}
        await stage.type("cutover shop 3")
        await stage.settle()
        [card] = [one for one in stage.shown() if titled(stage.read(one), "Cut over")]
        await stage.slack.press(BEN, card, "op_approve")
        await stage.slack.open_home(ANA)
        await stage.settle()
        assert tally.names >= {"slack:chat.update", "slack:views.publish"}
        assert any(name.startswith(f"slack:chat.postMessage:{MOVES}") for name in tally.names)


async def test_each_process_tells_of_its_own_parts(shared_url: str) -> None:
    """What a process does not have, its `/readyz` does not tell of, and a worker takes nothing from Slack."""
    async with open_several(shared_url, Role.WEB, Role.WORKER) as stage:
        web, worker = [await _asked(bot.web) for bot in stage.bots]
        assert set(web) == {"database", "schema", "parts"}
        assert set(worker) == {"database", "schema", "worker", "watcher", "courier", "slack_token", "parts"}
        assert all(web.values())
        transport = httpx.ASGITransport(stage.bots[1].web)
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            assert (await client.post("/slack/events")).status_code == 404


@pytest.mark.parametrize("role", [Role.WEB, Role.WORKER])
async def test_an_old_schema_is_refused(role: Role, postgres: PostgresServer) -> None:
    """A process that shares its database changes no table: it says who does, and ends."""
    name, clock = postgres.create(), ManualClock()
    house = House(clock)
    async with serve(house.app) as address:
        settings = house.move_in(address, DATABASE_URL=postgres.url(name))
        with pytest.raises(SchemaBehindError, match="run workflow-bot migrate"):
            await build(settings, clock, role=role)
        await house.close()
    postgres.drop(name)


async def _asked(app: object) -> dict[str, bool]:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        answer: dict[str, bool] = (await client.get("/readyz")).json()
        return answer
