"""Requests whose number was left out: which workflow they are about is found once, and written down."""

import pytest

from bot.operations.model import State
from bot.operations.steps import resolution
from bot.operations.subject_kind import Found
from tests.operations.conftest import ANA, BEN, GIL, Engine, open_engine


async def test_the_only_active_workflow_is_taken(engine: Engine) -> None:
    """With one active workflow the number need not be typed; what people approve says what was assumed."""
    engine.simulator.add_workflow("shop", 2, "completed")
    engine.simulator.add_workflow("shop", 3, "verified_data")
    asked = await engine.ask("switch-traffic shop --replicas-only")
    operation = await engine.get(asked)
    assert (operation.state, operation.number) == (State.WAITING, 3)
    assert operation.assumed == "The number was left out: #3 was the only active workflow."
    await engine.press(asked, ANA, "approve")
    assert engine.mutations() == []
    await engine.press(asked, BEN, "approve")
    assert engine.mutations() == ["switch-replicas"]


async def test_with_two_active_ones_nothing_is_sent(engine: Engine) -> None:
    """Where more than one workflow can be meant, nobody is asked to approve anything."""
    engine.simulator.add_workflow("shop", 3, "verified_data", name="orders-to-customer")
    engine.simulator.add_workflow("shop", 5, "copying", name="catalog-split", branch="dev")
    operation = await engine.get(await engine.ask("cancel shop"))
    assert (operation.state, operation.number) == (State.BLOCKED, None)
    assert operation.choices == ((5, "catalog-split"), (3, "orders-to-customer"))
    assert engine.told == [(f"https://reply/{ANA}", "which")]
    assert engine.board.cards == 0


@pytest.mark.parametrize("typed", ["cancel shop", "cutover nowhere"])
async def test_with_no_active_one_nothing_is_sent(engine: Engine, typed: str) -> None:
    """Where no workflow can be meant, the request ends at once and says so."""
    engine.simulator.add_workflow("shop", 3, "cancelled")
    operation = await engine.get(await engine.ask(typed))
    assert operation.state is State.BLOCKED
    assert operation.outcome.cause in {
        "shop has no active workflow. All: `/workflow list shop`",
        "There is no database nowhere in acme that this bot can see. All that you may read: `/workflow list`",
    }
    assert engine.told == [(f"https://reply/{ANA}", "which")]


async def test_a_silent_planetscale_is_no_guess(engine: Engine) -> None:
    """If the list cannot be read, the number has to be typed; what was typed with it still works."""
    engine.simulator.add_workflow("shop", 3, "switched_primaries")
    trouble = engine.simulator.trouble("server-error", on="list", times=None)
    operation = await engine.get(await engine.ask("reverse-traffic shop"))
    assert operation.state is State.BLOCKED
    assert "type its number" in (operation.outcome.cause or "")
    assert (await engine.get(await engine.ask("reverse-traffic shop 3"))).state is State.WAITING
    engine.simulator.lift(trouble)


async def test_a_guest_learns_no_names(engine: Engine) -> None:
    """Whoever may not ask is refused before anything is read."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    operation = await engine.get(await engine.ask("switch-traffic shop", user=GIL))
    assert (operation.state, operation.number, operation.choices) == (State.BLOCKED, None, ())
    assert engine.simulator.requests == []


async def test_whom_the_policy_does_not_let_ask_learns_no_names(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The policy's requesters count before the list is read."""
    policy = f'[approvals]\nrequesters = ["{BEN}"]\n'
    async with open_engine(tmp_path_factory.mktemp("engine"), policy) as engine:
        engine.simulator.add_workflow("shop", 3, "verified_data")
        operation = await engine.get(await engine.ask("switch-traffic shop"))
        assert (operation.state, operation.number) == (State.BLOCKED, None)
        assert engine.simulator.requests == []
        assert engine.told == [(f"https://reply/{ANA}", "not_allowed")]


async def test_a_process_that_dies_first_leaves_it_to_the_next(engine: Engine) -> None:
    """A request that was only written down is completed after a restart."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    operation = await engine.take("switch-traffic shop --replicas-only")
    assert (operation.number, operation.state) == (None, State.REQUESTED)
    engine.restart()
    await engine.worker.settle()
    assert (await engine.get(operation.id)).number == 3


async def test_what_starts_later_changes_nothing(engine: Engine) -> None:
    """The number is found once: a second workflow that starts meanwhile does not make the request unclear."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    operation = await engine.take("switch-traffic shop --replicas-only")
    only = await engine.services.kind_of(operation).find(operation)
    assert isinstance(only, Found)
    write = engine.services.database.write
    assert await write(resolution.named, operation, only, engine.clock.now())
    assert await write(resolution.named, operation, only, engine.clock.now()) is None
    engine.simulator.add_workflow("shop", 4, "copying", branch="dev")
    engine.restart()
    await engine.worker.settle()
    found = await engine.get(operation.id)
    assert (found.state, found.number) == (State.WAITING, 3)
    await engine.press(operation.id, BEN, "approve")
    assert engine.mutations() == ["switch-replicas"]


async def test_two_ways_to_name_the_same_are_one_request(engine: Engine) -> None:
    """With and without its number a workflow is the same one: two cards for the same do not arise."""
    engine.simulator.add_workflow("shop", 3, "verified_data")
    first = await engine.get(await engine.ask("switch-traffic shop 3 --replicas-only"))
    second = await engine.get(await engine.ask("switch-traffic shop --replicas-only"))
    assert (first.state, second.state) == (State.WAITING, State.BLOCKED)


async def test_an_unclear_request_is_in_nobodys_way(engine: Engine) -> None:
    """A create is not held up by a request whose number was left out."""
    create = (
        "create shop main --name move --source-keyspace commerce --target-keyspace customer --tables orders"
    )
    engine.simulator.add_workflow("shop", 3, "cancelled")
    await engine.ask("cancel shop")
    assert (await engine.get(await engine.ask(create))).state is not State.BLOCKED
