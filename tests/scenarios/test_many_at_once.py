"""Many people ask at once, more than PlanetScale's limit lets through: each waits for their turn."""

import asyncio

import pytest

from bot.demo.slack.people import ANA, BEN
from bot.slack.handlers import questions
from tests.scenarios.conftest import MOVES, Stage, open_stage

CROWD = 60
SHOW = "show shop 3"


async def ask_together(stage: Stage) -> list[str]:
    """What Ana reads of many questions that she asks at once, oldest first."""
    await asyncio.gather(*(stage.slack.command(ANA, MOVES, "/workflow", SHOW) for _ in range(CROWD)))
    await stage.settle()
    return [stage.slack.visible_text(one, ANA) for one in stage.slack.ephemeral_for(ANA)]


async def test_they_are_told_that_they_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits reads that it is the limit, and how many requests wait for it."""
    monkeypatch.setattr(questions, "STILL_ASKING_AFTER", 0.0)
    async with open_stage(WORKFLOW_BOT_API_BUDGET="60") as stage:
        stage.planetscale.add_workflow("shop", 3, "running")
        told = await ask_together(stage)
        waits = [one for one in told if one.startswith("Waiting for its turn: ")]
        assert waits
        assert waits[-1].endswith("for PlanetScale's limit just now …")


async def test_what_was_approved_goes_first() -> None:
    """A change that people agreed on does not stand in the queue behind their questions."""
    async with open_stage(WORKFLOW_BOT_API_BUDGET="60") as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        await stage.type("switch-traffic shop 3 --replicas-only")
        stage.clock.advance(120)
        for _ in range(CROWD):
            await stage.slack.command(ANA, MOVES, "/workflow", SHOW)
        await stage.press(BEN, "op_approve", stage.first)
        assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]
