"""The instant between "not begun" and "begun": whoever waits and whoever works never disagree about it."""

import asyncio

import pytest

from bot.store.engine.ticket import Ticket, outcome
from bot.store.errors import DatabaseBusyError


async def test_what_has_begun_is_awaited_past_the_deadline() -> None:
    """Work that began in time is never reported as a failure because it is slow."""
    ticket = Ticket[str]()
    assert ticket.begin()
    waiting = asyncio.create_task(outcome(ticket, 0.0, "slow"))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not waiting.done()
    assert not ticket.withdraw()
    ticket.fulfil(lambda: "stored")
    assert await waiting == "stored"


async def test_what_was_withdrawn_never_begins() -> None:
    """Work that was reported as not begun is not done afterwards either."""
    ticket = Ticket[None]()
    done: list[str] = []
    with pytest.raises(DatabaseBusyError):
        await outcome(ticket, 0.0, "late")
    ticket.fulfil(lambda: done.append("late"))
    assert done == []
    assert not ticket.begin()


async def test_work_that_finds_itself_withdrawn_has_no_result() -> None:
    """A withdrawal that comes while the transaction is being opened wins over it."""
    ticket = Ticket[str]()

    def open_late() -> str:
        assert ticket.withdraw()
        assert not ticket.begin()
        return "stored"

    ticket.fulfil(open_late)
    assert ticket.withdrawn
    assert not ticket.ended.done()
