"""A watched workflow: its live message, the menu below it, and what the channel was told besides."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.demo.planetscale.world import Workflow
from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA
from tests.scenarios.conftest import MOVES, Stage, open_stage

MENU = "wa_menu"
STAGES = re.compile(r"^(Cop(ied|ying)\b.* → |Cancell(ed ✓|ing ● now)$)")
"""How the line of the stages reads."""


@asynccontextmanager
async def watching(state: str, *, settings: dict[str, Any] | None = None, **how: Any) -> AsyncIterator[Stage]:
    """Ana watches shop #3 in the usual channel; `how` as for `Simulator.add_workflow`."""
    async with open_stage(watches=True, **settings or {}) as stage:
        stage.planetscale.add_workflow("shop", 3, state, **how)
        await stage.type("watch shop 3")
        yield stage


async def outside(stage: Stage, *actions: str, seconds: float = 60.0, step: float = 15.0) -> Workflow:
    """Somebody does this to shop #3 without the bot, one after the other, with some time after each."""
    for action in actions:
        stage.planetscale.outside("shop", 3, action)
        await stage.pass_time(seconds, step)
    return stage.planetscale.workflow("shop", 3)


def live(stage: Stage) -> Message:
    """The message with the menu, as it is now: the live message of a workflow that has not ended."""
    found = [message for message in stage.slack.messages(MOVES) if _options(message)]
    assert len(found) == 1, [stage.read(message) for message in found]
    return found[0]


def reads(stage: Stage, message: Message | None = None) -> str:
    """What everybody reads in a message, its columns drawn together; without one, in the channel's first.

    Without the line of the stages and the record of a move that has ended: `test_move_thread` has these.
    """
    read = _together(stage.read(message)).partition("\nStages\n")[0]
    return "\n".join(line for line in read.splitlines() if not STAGES.search(line))


def told(stage: Stage) -> list[str]:
    """What stands in the channel besides the live message that is its first message."""
    return stage.cards()[1:]


def told_anywhere(stage: Stage) -> list[str]:
    """What stands in the channel or in a thread of it, besides that live message."""
    return [stage.read(message) for message in stage.slack.messages(MOVES)[1:]]


def first_lines(texts: list[str]) -> list[str]:
    """The first line of each text."""
    return [one.partition("\n")[0] for one in texts]


async def choose(stage: Stage, label: str, user: str = ANA, message: Message | None = None) -> str:
    """Somebody chooses from the menu of the live message; what that person alone then reads.

    Its columns are drawn together.
    """
    message = message or live(stage)
    value = next(one["value"] for one in _options(message) if one["text"]["text"] == label)
    before = len(stage.slack.ephemeral_for(user))
    delivery = await stage.slack.choose(user, message, MENU, value)
    assert delivery.problem is None, delivery
    await stage.settle()
    news = stage.slack.ephemeral_for(user)[before:]
    return _together("\n".join(stage.slack.visible_text(one, user) for one in news))


def _together(read: str) -> str:
    return re.sub(r"^ +|(?<= ) +", "", read, flags=re.MULTILINE)


def _options(message: Message) -> list[dict[str, Any]]:
    rows = [block["elements"] for block in message.all_blocks if block["type"] == "actions"]
    return [option for row in rows for one in row if one["action_id"] == MENU for option in one["options"]]
