"""The bot is told to stop while PlanetScale has not answered a change."""

import signal
from dataclasses import replace
from pathlib import Path
from shutil import copy

import pytest

from bot.demo.planetscale.troubles import MUTATION
from tests.crash.plays import NOT_SENT, SWITCHED, switch
from tests.crash.proof import End, prove
from tests.crash.stage import STOPPED, open_stage

TAKEN = SWITCHED
HELD = replace(NOT_SENT, requests=1)


@pytest.mark.parametrize(("trouble", "end"), [("silent", TAKEN), ("hang", HELD)])
async def test_told_to_stop(trouble: str, end: End, sqlite_template: Path, tmp_path: Path) -> None:
    """It does not wait for the answer: it ends, and the next process reads back what became of the change."""
    copy(sqlite_template, tmp_path / "bot.sqlite3")
    async with open_stage(tmp_path) as stage:
        stage.die_while(stage.planetscale.trouble(trouble, on=MUTATION), signal.SIGTERM)
        await switch(stage)
        await stage.until_settled()
        assert stage.exits == [STOPPED]
        await prove(stage, end)
