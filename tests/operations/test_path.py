"""The one path: request → gate → claim → send → read back → outcome."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from bot.operations.model import Operation, State, Story
from bot.operations.steps.pending_replies import PendingReplies
from bot.operations.storage import repository
from bot.store.errors import DatabaseBusyError
from tests.operations.conftest import ANA, BEN, CHIOMA, GIL, Engine, StubResponder


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


class DeafTeller(StubResponder):
    """Loses the first private answer, as a process does that dies before it could give it."""

    async def tell(self, response_url: str, what: str, story: Story, detail: str | None = None) -> bool:
        if not self.told:
            self.told.append((response_url, "lost"))
            raise ConnectionError
        return await super().tell(response_url, what, story)


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
    engine.services = replace(engine.services, responder=DeafTeller())
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


class RefusedTeller(StubResponder):
    """Slack takes no private answer where it was asked."""

    async def tell(self, response_url: str, what: str, story: Story, detail: str | None = None) -> bool:
        await super().tell(response_url, what, story)
        return False


async def test_a_private_answer_that_slack_refuses_is_put_on_the_board_once(engine: Engine) -> None:
    """What Slack does not take privately is handed to the courier, and not tried again after a restart."""
    engine.simulator.add_workflow("shop", 3, "copying")
    engine.services = replace(engine.services, responder=RefusedTeller())
    engine.restart()
    asked = await engine.ask("switch-traffic shop 3 --replicas-only")
    assert (engine.told, engine.board.events) == ([("https://reply/U0ANA", "blocked")], ["answer"])
    operation = await engine.get(asked)
    assert (operation.owed, operation.reply_to) == (None, None)
    engine.restart()
    await engine.worker.settle()
    assert (len(engine.told), engine.board.events) == (1, ["answer"])


async def test_a_private_answer_is_still_given_hours_later(engine: Engine) -> None:
    """A process that dies before its answer, and stays down for hours, leaves the answer to the next one."""
    engine.simulator.add_workflow("shop", 3, "copying")
    engine.services = replace(engine.services, responder=DeafTeller())
    engine.restart()
    await engine.ask("switch-traffic shop 3 --replicas-only")
    engine.clock.advance(6 * 3600)
    engine.restart()
    await engine.worker.settle()
    assert engine.told[1:] == [("https://reply/U0ANA", "blocked")]


@pytest.mark.parametrize(("responder", "events"), [(StubResponder, []), (RefusedTeller, ["answer"])])
async def test_a_private_answer_that_the_store_held_up_is_given_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, responder: type[StubResponder], events: list[str]
) -> None:
    """A store that is busy when an answer is written down delays it, and nobody is told twice."""
    engine.simulator.add_workflow("shop", 3, "copying")
    engine.services = replace(engine.services, responder=responder())
    engine.restart()
    paid, failures = repository.reply_given, [True, True]

    def busy(connection: Connection, operation_id: str) -> Operation | None:
        if failures:
            failures.pop()
            raise DatabaseBusyError
        return paid(connection, operation_id)

    monkeypatch.setattr(repository, "reply_given", busy)
    asked = await engine.ask("switch-traffic shop 3 --replicas-only")
    await engine.pass_time(3)
    assert (engine.told, engine.board.events) == ([("https://reply/U0ANA", "blocked")], events)
    assert (await engine.get(asked)).owed is None


async def test_a_private_answer_that_another_process_gave_is_not_given_again(engine: Engine) -> None:
    """What is owed is what the row says now, not what was read of it a while ago."""
    engine.simulator.add_workflow("shop", 3, "copying")
    asked = await engine.ask("switch-traffic shop 3 --replicas-only")
    before = replace(await engine.get(asked), owed="blocked", reply_to="https://reply/U0ANA")
    await PendingReplies(engine.services).give(before)
    assert (engine.told, engine.board.events) == ([("https://reply/U0ANA", "blocked")], [])


async def test_the_last_read_is_one_that_was_answered(engine: Engine) -> None:
    """While PlanetScale does not answer, what is said of the last read stays at the last answer."""
    engine.simulator.pace = dict.fromkeys(engine.simulator.pace, 3600.0)
    engine.simulator.add_workflow("shop", 3, "verified_data")
    asked = await engine.ask("switch-traffic shop 3 --replicas-only")
    await engine.press(asked, BEN, "approve")
    await engine.pass_time(5)
    answered = (await engine.get(asked)).outcome.read_at
    engine.simulator.trouble("down", on="read", times=None)
    await engine.pass_time(60)
    operation = await engine.get(asked)
    assert operation.state is State.UNDER_WAY
    assert answered is not None
    assert operation.outcome.read_at is not None
    assert operation.outcome.read_at - answered < timedelta(seconds=10)
