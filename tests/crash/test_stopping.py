"""The bot is told to stop while PlanetScale has not answered a change."""

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from bot.demo.planetscale.troubles import MUTATION
from bot.operations.storage.repository import let_go
from bot.runtime.tasks import Grace
from tests.crash.fuse import Fate, Transaction, When
from tests.crash.plays import NOT_SENT, SWITCHED, switch
from tests.crash.proof import End, prove
from tests.crash.stage import STOPPED, TOLD_TWICE, open_stage

TAKEN = SWITCHED
HELD = replace(NOT_SENT, requests=1)


@pytest.mark.parametrize(("trouble", "end"), [("silent", TAKEN), ("hang", HELD)])
async def test_told_to_stop(trouble: str, end: End, database_url: str, tmp_path: Path) -> None:
    """It does not wait for the answer: it ends, and the next process reads back what became of the change."""
    async with open_stage(tmp_path, database_url) as stage:
        stage.die_while(stage.planetscale.trouble(trouble, on=MUTATION), signal.SIGTERM)
        await switch(stage)
        await stage.until_settled()
        assert stage.exits == [STOPPED]
        await prove(stage, end)


async def test_told_to_stop_while_a_statement_hangs(database_url: str, tmp_path: Path) -> None:
    """Not even a database that does not answer keeps it: it ends, and the next process reads back."""
    async with open_stage(tmp_path, database_url) as stage:
        stage.grace = Grace(work=0.2, cancelled=0.2, last=1.0)
        stage.fate = Fate.HANGS
        stage.die_at(iter([Transaction(when=When.INSIDE, of=let_go)]))
        stage.die_while(stage.planetscale.trouble("hang", on=MUTATION), signal.SIGTERM)
        await switch(stage)
        await stage.until_settled()
        assert stage.exits == [STOPPED]
        assert "stopped" not in {line.get("event") for line in stage.log()}
        await prove(stage, HELD)


async def test_told_to_stop_twice(database_url: str, tmp_path: Path) -> None:
    """Who cannot wait tells it a second time: it ends at once, and the next one reads back."""
    async with open_stage(tmp_path, database_url) as stage:
        stage.grace = Grace(work=3600, cancelled=3600, last=3600)
        stage.die_while(stage.planetscale.trouble("hang", on=MUTATION), signal.SIGTERM, signal.SIGTERM)
        await switch(stage)
        await stage.until_settled()
        assert stage.exits == [TOLD_TWICE]
        await prove(stage, HELD)
