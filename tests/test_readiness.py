"""`/readyz`, however often it is asked."""

import asyncio

import pytest

from bot.demo.clock import ManualClock
from bot.runtime import readiness
from bot.runtime.readiness import Readiness


class Part:
    """Something that is asked whether it works, and answers when it is let."""

    def __init__(self, *, works: bool = True) -> None:
        self.works = works
        self.asked = 0
        self.free = asyncio.Event()
        self.free.set()

    async def ask(self) -> bool:
        self.asked += 1
        await self.free.wait()
        return self.works


async def test_a_flood_is_one_question() -> None:
    """A thousand at once ask the database once; so do all who come within the next second."""
    clock, part = ManualClock(), Part()
    ready = Readiness(clock, {}, {"database": part.ask})
    answers = await asyncio.gather(*(ready() for _ in range(1000)))
    assert (part.asked, answers[0], len(answers)) == (1, {"database": True}, 1000)
    clock.advance(0.9)
    await ready()
    assert part.asked == 1
    part.works = False
    clock.advance(0.1)
    assert await ready() == {"database": False}
    assert part.asked == 2


async def test_what_the_process_knows_is_told_at_once() -> None:
    """A loop that stands still is told with the next answer: nobody need be asked for it."""
    moving = [True]
    ready = Readiness(ManualClock(), {"worker": lambda: moving[0]}, {"database": Part().ask})
    assert await ready() == {"database": True, "worker": True}
    moving[0] = False
    assert await ready() == {"database": True, "worker": False}


async def test_silence_is_no_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not say in time that it works counts as not working, and is not asked twice meanwhile."""
    monkeypatch.setattr(readiness, "ANSWERS_WITHIN", 0.0)
    clock, part = ManualClock(), Part()
    ready = Readiness(clock, {}, {"database": part.ask})
    part.free.clear()
    assert await ready() == {"database": False}
    clock.advance(60)
    assert await ready() == {"database": False}
    assert part.asked == 1
    part.free.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await ready() == {"database": True}


async def test_a_question_that_fails_is_no_yes() -> None:
    """Whatever goes wrong while it is asked, the answer is that it does not work."""

    async def ask() -> bool:
        raise ZeroDivisionError

    assert await Readiness(ManualClock(), {}, {"database": ask})() == {"database": False}
