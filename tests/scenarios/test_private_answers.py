"""Private answers: what Slack does not take where it was asked comes as a direct message."""

import pytest
from sqlalchemy import Connection

from bot.demo.slack.people import ANA, BEN
from bot.operations.model import Operation
from bot.operations.storage import repository
from bot.store.errors import DatabaseBusyError
from tests.scenarios import forms as form
from tests.scenarios.conftest import Stage, text
from tests.scenarios.restarting import restarted

DIRECT = "D0ANA"
HALF_AN_HOUR = 31 * 60.0
"""Slack takes private answers for thirty minutes after a command."""
REFUSED = text(
    """
    main has workflow #9 already (copying). One at a time: complete or cancel it first.
    Nothing was sent.
    """
)


async def test_a_form_that_was_open_for_long(http_stage: Stage) -> None:
    """The refusal of a form reaches whoever submitted it, however long they had it open."""
    stage = http_stage
    form.furnish(stage)
    await form.opened(stage)
    await form.search(stage, "cf_tables")
    stage.clock.advance(HALF_AN_HOUR)
    stage.planetscale.add_workflow("shop", 9, "copying")
    slow = stage.planetscale.trouble("hang", on="list", times=None)
    values = form.NAMED | {"cf_tables:commerce": {"cf_tables": ["users"]}}
    delivery = await stage.slack.submit(ANA, values)
    assert delivery.problem is None
    stage.planetscale.lift(slow)
    await stage.settle()
    assert stage.slack.ephemeral_for(ANA) == []
    assert stage.cards(DIRECT) == [
        f"Your request (create users-to-customer in shop), asked at 02:45:\n{REFUSED}"
    ]
    assert stage.changes == []


async def test_a_question_that_slack_did_not_take(http_stage: Stage) -> None:
    """The requester's own question can be answered in the direct message, where it then disappears."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    stage.slack.fail("response_url", error="internal_error", times=3)
    assert await stage.type("reverse-traffic shop 3") == ""
    question = stage.card(DIRECT)
    assert stage.read(question).splitlines()[:2] == [
        "Your request (reverse traffic, shop #3), asked at 02:14:",
        "Reverse traffic of shop #3 now?",
    ]
    await stage.press(ANA, "op_confirm", question)
    assert stage.read(question) == "Confirmed. The card goes to #db-moves."
    assert stage.changes == ["PATCH shop/workflows/3/reverse-traffic"]


async def test_slack_is_down_for_a_while(http_stage: Stage) -> None:
    """An answer that Slack takes in no way at the moment is given when it is back, once."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "copying")
    for method in ("response_url", "chat.postMessage"):
        stage.slack.fail(method, status=503, times=None)
    await stage.type("switch-traffic shop 3")
    await stage.pass_time(60, 10)
    assert stage.cards(DIRECT) == []
    stage.slack.come_back()
    await stage.pass_time(300, 30)
    assert len(stage.cards(DIRECT)) == 1
    assert stage.slack.ephemeral_for(ANA) == []


async def test_the_store_is_busy_when_slack_refuses(
    http_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refusal that Slack did not take, while the store was busy, still reaches the requester, once."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "copying")
    stage.slack.fail("response_url", error="internal_error", times=3)
    paid, failures = repository.reply_given, [True]

    def busy(connection: Connection, operation_id: str) -> Operation | None:
        if failures:
            failures.pop()
            raise DatabaseBusyError
        return paid(connection, operation_id)

    monkeypatch.setattr(repository, "reply_given", busy)
    await stage.type("switch-traffic shop 3")
    await stage.pass_time(10)
    assert len(stage.cards(DIRECT)) == 1
    assert stage.slack.ephemeral_for(ANA) == []


async def test_a_question_that_nobody_can_answer_any_more(http_stage: Stage) -> None:
    """A question that its requester never saw is not asked after its time: they read that it is over."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    for method in ("response_url", "chat.postMessage"):
        stage.slack.fail(method, status=503, times=None)
    await stage.type("reverse-traffic shop 3")
    async with restarted(stage, after=3600):
        stage.slack.come_back()
        await stage.pass_time(30)
        assert stage.cards(DIRECT) == [
            text(
                """
                Your request (reverse traffic, shop #3), asked at 02:14:
                Too late: it expired at 03:14. Nothing was sent.
                """
            )
        ]


async def test_the_question_of_one_person_waits_for_nobody_else(http_stage: Stage) -> None:
    """`approvals` shows what others have to decide, not the question that one person was asked alone."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    await stage.type("reverse-traffic shop 3")
    for user in (ANA, BEN):
        assert (await stage.type("approvals", user)).startswith("Nothing waits for anybody.")
