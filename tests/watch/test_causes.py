"""The bot's own operations and the watch, over the same rows and the same small PlanetScale."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot.demo.planetscale import views
from bot.operations.model import Operation, State
from bot.planetscale.refs import WorkflowRef
from bot.runtime.tasks import Grace
from bot.watch.model import Origin
from bot.watch.polling.poller import Poller
from bot.watch.ports import Loudness, News
from bot.watch.storage import watch_repository
from bot.workflows.observing.happenings import Happening
from tests.operations.conftest import ANA, BEN, Engine, StubBoard, open_engine
from tests.watch.conftest import MemoryBoard, services_of


class Both:
    """A worker and a watcher; whenever a card changes, the workflow is watched."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.services = services_of(engine.services.database, engine.organizations.of("acme"), engine.clock)
        self.poller = Poller(self.services)

    @property
    def news(self) -> list[News]:
        assert isinstance(self.services.board, MemoryBoard)
        return [news for _, news in self.services.board.news]

    async def watch(self, state: str) -> None:
        self.engine.simulator.add_workflow("shop", 3, state)

        def begun(connection: Connection) -> None:
            now = self.engine.clock.now()
            watch_repository.begin(
                connection,
                WorkflowRef("acme", "shop", 3),
                places=("C1",),
                origin=Origin.ASKED,
                now=now,
                mention=ANA,
            )

        await self.services.database.write(begun)
        await self.poller.settle()

    async def pass_time(self, seconds: int, *, worker: bool = True) -> None:
        for _ in range(seconds):
            self.engine.clock.advance(1)
            await self.poller.settle()
            if worker:
                await self.engine.worker.settle()


@pytest.fixture
async def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Both]:
    def card(self: StubBoard, connection: Connection, operation: Operation, now: datetime) -> None:
        watch_repository.touched(connection, operation, now)

    monkeypatch.setattr(StubBoard, "card", card)
    async with open_engine(tmp_path) as engine:
        opened = Both(engine)
        yield opened
        await opened.poller.stop(Grace())


async def approved(both: Both, text: str) -> str:
    operation_id = await both.engine.ask(text)
    await both.engine.press(operation_id, BEN, "approve")
    return operation_id


async def test_what_the_bot_did_is_no_news_from_outside(both: Both) -> None:
    """A switch by the bot is told by its card; under the live message stands one reply with a link to it."""
    await both.watch("verified_data")
    operation_id = await approved(both, "switch-traffic shop 3 --replicas-only")
    await both.pass_time(30)
    (news,) = both.news
    assert (news.happened.what, news.loudness) == (Happening.REPLICAS_SWITCHED, Loudness.THREAD)
    assert (news.caused_by, news.outside, news.mentions) == (operation_id, False, ())


async def test_the_watch_is_faster_than_the_operation(both: Both) -> None:
    """Also when the watch sees the switch before the operation has read it back."""
    await both.watch("verified_data")
    operation_id = await approved(both, "switch-traffic shop 3 --replicas-only")
    await both.pass_time(30, worker=False)
    assert [(news.caused_by, news.outside) for news in both.news] == [(operation_id, False)]
    assert (await both.engine.get(operation_id)).state is State.UNDER_WAY


async def test_the_watch_is_much_slower(both: Both) -> None:
    """Also when the bot's watch was down until long after the operation had ended."""
    await both.watch("verified_data")
    operation_id = await approved(both, "switch-traffic shop 3 --replicas-only")
    await both.engine.pass_time(1200)
    assert (await both.engine.get(operation_id)).state is State.SUCCEEDED
    await both.poller.settle()
    assert [(news.caused_by, news.outside) for news in both.news] == [(operation_id, False)]


@pytest.mark.parametrize("seconds", [-100, -45, 45, 100])
async def test_clocks_that_differ(both: Both, monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Where PlanetScale's clock and the bot's differ by a minute or two, the bot's own deed stays its own."""
    right = views.moment
    monkeypatch.setattr(views, "moment", lambda at: right(at and at + timedelta(seconds=seconds)))
    await both.watch("verified_data")
    operation_id = await approved(both, "switch-traffic shop 3 --replicas-only")
    await both.pass_time(90)
    switched = [news for news in both.news if news.happened.what is Happening.REPLICAS_SWITCHED]
    assert [(news.caused_by, news.outside) for news in switched] == [(operation_id, False)]


async def test_a_refused_request_is_no_cause(both: Both) -> None:
    """A switch outside, in the minutes of a request of the bot that was refused, is told as outside."""
    await both.watch("verified_data")
    both.engine.simulator.trouble("refuse")
    operation_id = await approved(both, "switch-traffic shop 3 --replicas-only")
    await both.pass_time(30)
    assert (await both.engine.get(operation_id)).state is State.REFUSED
    both.engine.simulator.outside("shop", 3, "switch-replicas")
    await both.pass_time(30)
    assert [(news.caused_by, news.outside) for news in both.news] == [(None, True)]


@pytest.mark.parametrize("seconds", [150, 400])
async def test_what_happens_late_is_the_bots_own(both: Both, seconds: int) -> None:
    """A switch that ended as not seen, and happens minutes later after all, is not told as from outside."""
    await both.watch("verified_data")
    both.engine.simulator.trouble("late", on="mutation", seconds=seconds)
    operation_id = await approved(both, "switch-traffic shop 3 --replicas-only")
    await both.pass_time(140)
    assert (await both.engine.get(operation_id)).state is State.NOT_SEEN
    await both.pass_time(seconds - 140 + 40)
    assert (await both.engine.get(operation_id)).outcome.late_effect_at
    switched = [news for news in both.news if news.happened.what is Happening.REPLICAS_SWITCHED]
    assert [(news.caused_by, news.outside) for news in switched] == [(operation_id, False)]


async def test_an_operation_is_a_cause_once(both: Both) -> None:
    """A second switch outside the bot, shortly after its own one was taken back, is told as outside."""
    await both.watch("verified_data")
    operation_id = await approved(both, "switch-traffic shop 3 --replicas-only")
    await both.pass_time(20)
    both.engine.simulator.outside("shop", 3, "reverse-traffic")
    await both.pass_time(20)
    both.engine.simulator.outside("shop", 3, "switch-replicas")
    await both.pass_time(30)
    told = [(news.happened.what, news.caused_by, news.outside) for news in both.news]
    assert told == [
        (Happening.REPLICAS_SWITCHED, operation_id, False),
        (Happening.REVERSED, None, True),
        (Happening.REPLICAS_SWITCHED, None, True),
    ]


async def test_the_end_of_the_bots_own_verification_calls(both: Both) -> None:
    """A verification asked for through the bot ends long after its request: it calls who asked, and is not
    told as from outside.
    """
    await both.watch("running")
    await both.engine.ask("verify-data shop 3", user=BEN)
    await both.pass_time(3)
    both.engine.clock.advance(7200)
    await both.pass_time(20)
    (news,) = both.news
    assert (news.happened.what, news.loudness, news.outside) == (Happening.CLEAN, Loudness.CALL, False)
    assert news.mentions == (BEN,)


async def test_a_verification_outside_is_told_as_such(both: Both) -> None:
    """A clean verification that nobody asked the bot for is told without calling anybody."""
    await both.watch("running")
    both.engine.simulator.outside("shop", 3, "verify-data")
    both.engine.clock.advance(7200)
    await both.pass_time(20)
    (news,) = both.news
    assert (news.happened.what, news.loudness, news.outside) == (Happening.CLEAN, Loudness.POST, True)


async def test_a_request_that_waits_is_out_of_date_at_once(both: Both) -> None:
    """When a workflow is changed outside, a request that waits ends then, not when it is approved."""
    await both.watch("verified_data")
    operation_id = await both.engine.ask("switch-traffic shop 3 --replicas-only")
    assert (await both.engine.get(operation_id)).state is State.WAITING
    both.engine.simulator.outside("shop", 3, "switch-replicas")
    await both.pass_time(40)
    assert (await both.engine.get(operation_id)).state is State.SUPERSEDED


async def test_a_request_that_waits_goes_on_waiting(both: Both) -> None:
    """A change that takes nothing from what was shown leaves a request waiting."""
    await both.watch("running")
    operation_id = await both.engine.ask("cancel shop 3")
    assert (await both.engine.get(operation_id)).state is State.WAITING
    both.engine.simulator.outside("shop", 3, "verify-data")
    await both.pass_time(15)
    both.engine.clock.advance(600)
    await both.pass_time(20)
    operation = await both.engine.get(operation_id)
    assert (operation.state, operation.next_read_at) == (State.WAITING, None)
