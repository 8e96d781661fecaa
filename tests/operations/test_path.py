"""The one path: request → gate → claim → send → read back → outcome."""

from bot.operations.model import State
from tests.operations.conftest import ANA, BEN, CHIOMA, GIL, Engine


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
