"""The one path: request → gate → claim → send → read back → outcome."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.operations.model import State, Story
from tests.operations.conftest import ANA, BEN, CHIOMA, GIL, Engine, StubTeller


async def test_a_switch_waits_for_a_second_person_and_is_sent_once(engine: Engine) -> None:
    """The requester's own approval does not count; another member's does, and one request leaves."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    asked = await engine.ask("switch-traffic shop 3 --replicas-only")
    assert (await engine.get(asked)).state is State.WAITING
    await engine.press(asked, ANA, "approve")
    await engine.press(asked, GIL, "approve")
    assert (await engine.get(asked)).state is State.WAITING
    assert engine.mutations() == []
    await engine.press(asked, BEN, "approve")
    await engine.pass_time(30)
    operation = await engine.get(asked)
    assert operation.state is State.SUCCEEDED
    assert engine.mutations() == ["switch-replicas"]
    assert operation.outcome.latest is not None
    assert operation.outcome.latest.state == "switched_replicas"


async def test_a_denial_ends_it(engine: Engine) -> None:
    """One eligible Deny ends it at once; nothing is sent afterwards, whoever approves."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    asked = await engine.ask("switch-traffic shop 3 --replicas-only")
    await engine.press(asked, BEN, "deny")
    await engine.press(asked, CHIOMA, "approve")
    assert (await engine.get(asked)).state is State.DENIED
    assert engine.mutations() == []


class DeafTeller(StubTeller):
    """Loses the first private answer, as a process does that dies before it could give it."""

    async def tell(self, response_url: str, what: str, story: Story, extra: Mapping[str, Any]) -> None:
        if not self.told:
            self.told.append((response_url, "lost"))
            raise ConnectionError
        await super().tell(response_url, what, story, extra)


@pytest.mark.parametrize(
    ("state", "typed", "answer"),
    [
        ("copying", "switch-traffic shop 3 --replicas-only", "blocked"),
        ("switched_replicas", "reverse-traffic shop 3", "confirm"),
    ],
)
async def test_a_private_answer_that_was_not_given_is_given_after_a_restart(
    engine: Engine, state: str, typed: str, answer: str
) -> None:
    """Nobody waits in vain: what a dying process did not say comes from the next one."""
    engine.simulator.add_workflow("shop", 3, state)
    engine.parts = replace(engine.parts, teller=DeafTeller())
    engine.restart()
    asked = await engine.ask(typed)
    assert engine.told == [("https://reply/U0ANA", "lost")]
    engine.restart()
    await engine.worker.settle()
    assert engine.told[1:] == [("https://reply/U0ANA", answer)]
    operation = await engine.get(asked)
    assert operation.reply_to is None
    engine.restart()
    await engine.worker.settle()
    assert len(engine.told) == 2
