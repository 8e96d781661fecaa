"""Processes are replaced one after the other while people work, as at every deploy."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
from sqlalchemy import Connection, select

from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA, BEN
from bot.kinds.workflow.workflow_forms import CARRIES
from bot.operations.model import State
from bot.store.engine.database import Database
from bot.store.schema import operations
from tests.processes.cluster import BotProcess, Cluster
from tests.processes.town import CHANNELS, Town, open_town
from tests.store.databases import postgres, postgres_template
from tests.store.postgres import PostgresServer

__all__ = ["postgres", "postgres_template"]

ENDS_WITHIN: Final = 25.0
"""Real seconds from SIGTERM: platforms kill soon afterwards."""
PATIENCE: Final = 120.0


@pytest.fixture
def url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A PostgreSQL database with the current schema."""
    name = postgres.create(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.mark.processes
async def test_processes_are_replaced_while_people_work(url: str, tmp_path: Path) -> None:
    """What is told to stop finishes what is in hand and ends well, in time; the next ones go on."""
    async with open_town() as town, Database(url, carries=CARRIES) as rows:
        environment = town.house.connect(town.url) | {"DATABASE_URL": url}
        cluster = Cluster({"web": 2, "worker": 2}, environment, tmp_path)
        [old_web, new_web], [old_worker, new_worker] = cluster.webs, cluster.workers

        async def is_sent() -> bool:
            return bool(_changes(town))

        async def waits() -> bool:
            return bool(_cards(town))

        async def is_done() -> bool:
            return await rows.read(_states) == [State.SUCCEEDED.value]

        try:
            await _started(old_web, old_worker)
            town.balancer.reach([old_web.url])
            town.house.planetscale.add_workflow("shop", 1, "verified_data")
            town.house.planetscale.trouble("slow", on="mutation", times=1, seconds=6)
            await town.slack.command(ANA, CHANNELS[0], "/workflow", "switch-traffic shop 1 --replicas-only")
            await _until(waits)
            await town.slack.press(BEN, _cards(town)[-1], "op_approve")
            await _until(is_sent)
            ends = asyncio.gather(old_web.end(ENDS_WITHIN), old_worker.end(ENDS_WITHIN))
            await _started(new_web, new_worker)
            assert list(await ends) == [0, 0], old_web.tail() + old_worker.tail()
            await _until(is_done)
            assert len(_changes(town)) == 1
            sent_by = [line for line in old_worker.lines() if line.get("what") == State.UNDER_WAY.value]
            assert sent_by, "the request was in hand: its answer is noted by who sent it"
        finally:
            cluster.kill()


@pytest.mark.processes
async def test_told_to_stop_before_it_has_begun(url: str, tmp_path: Path) -> None:
    """A process that waits for a Slack that does not answer ends as well as any other."""
    async with open_town() as town:
        environment = town.house.connect(town.url) | {
            "DATABASE_URL": url,
            "SLACK_API_URL": "http://127.0.0.1:9/",
        }
        cluster = Cluster({"worker": 1}, environment, tmp_path)
        [worker] = cluster.workers

        async def waits_for_slack() -> bool:
            return any(line.get("event") == "slack_waited_for" for line in worker.lines())

        try:
            worker.start()
            await _until(waits_for_slack)
            assert await worker.end(ENDS_WITHIN) == 0, worker.tail()
        finally:
            cluster.kill()


async def _started(*processes: BotProcess) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=5.0) as client, asyncio.timeout(PATIENCE):
        for one in processes:
            one.start()
        while not all(one.works for one in processes):
            await asyncio.gather(*(one.look(client) for one in processes))
            await asyncio.sleep(0.1)


async def _until(met: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await met():  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.05)


def _cards(town: Town) -> list[Message]:
    """The messages on which something can be approved."""
    seen = town.slack.messages(CHANNELS[0])
    return [one for one in seen if "op_approve" in json.dumps(one.all_blocks)]


def _changes(town: Town) -> list[str]:
    """What PlanetScale was asked to change."""
    return [one.path for one in town.house.planetscale.requests if one.method != "GET"]


def _states(connection: Connection) -> list[str]:
    return list(connection.scalars(select(operations.c.state)))
