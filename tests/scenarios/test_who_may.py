"""Who may ask and who may decide: in every doubt nothing is sent."""

import asyncio
from dataclasses import replace

from bot.demo.slack.people import ANA, BEN, CHIOMA, DEE, GIL, OLU, OTHER_BOT
from tests.scenarios.conftest import MOVES, Stage, text, waits_until

REPLICAS = "switch-traffic shop 3 --replicas-only"
NOT_HERE = "Only full members of this workspace can approve. Nothing was changed. Ask one of them."


async def waiting(stage: Stage) -> None:
    """Ana asks for something that needs a second person; everybody is in the channel."""
    stage.slack.channels[MOVES].members |= {OLU, DEE, OTHER_BOT}
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)


async def test_who_may_not_decide(http_stage: Stage) -> None:
    """The requester, a guest, an outsider, a deactivated account and a bot decide nothing."""
    stage = http_stage
    await waiting(stage)
    card = stage.read()
    assert await stage.press(ANA, "op_approve") == text(
        """
        You asked for this, so somebody else has to approve it. You can withdraw it.
        """
    )
    assert await stage.press(ANA, "op_deny") == text(
        """
        Only people who could approve this, or Ana by withdrawing it, can stop it.
        """
    )
    for user in (GIL, OLU, DEE, OTHER_BOT):
        for button in ("op_approve", "op_deny", "op_withdraw"):
            assert await stage.press(user, button) == NOT_HERE
    assert stage.read() == card
    assert stage.changes == []


async def test_a_role_that_was_taken_away(http_stage: Stage) -> None:
    """Who somebody is counts as of their press: nothing is remembered from before."""
    stage = http_stage
    await waiting(stage)
    stage.slack.people[BEN] = replace(stage.slack.people[BEN], deleted=True)
    assert await stage.press(BEN, "op_approve") == NOT_HERE
    assert stage.changes == []


async def test_who_may_not_ask(http_stage: Stage) -> None:
    """Guests, outsiders and deactivated accounts get one sentence, and nothing is asked of PlanetScale."""
    stage = http_stage
    stage.slack.channels[MOVES].members |= {OLU, DEE}
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    for user in (GIL, DEE):
        assert await stage.type(REPLICAS, user) == text(
            """
            Only full members of this workspace can ask for this. Nothing was sent. Ask one of them.
            """
        )
    assert await stage.type(REPLICAS, OLU) == text(
        """
        Only full members of this workspace can ask for this. Nothing was sent. Ask one of them.
        """
    )
    assert stage.cards() == []
    assert stage.asked == []


FORGED = [
    "",
    "nonsense",
    "AAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAA:0123456789ab",
    "{id}",
    "{id}:",
    "{id}:000000000000",
    "{id}:{digest}0",
    "{id}' OR 1=1 --:{digest}",
    "x" * 2_000,
]


async def test_forged_button_values(http_stage: Stage) -> None:
    """A value that nobody was shown approves nothing."""
    stage = http_stage
    await waiting(stage)
    operation_id, _, digest = stage.value("op_approve").rpartition(":")
    assert operation_id
    assert digest
    for forged in FORGED:
        value = forged.replace("{id}", operation_id).replace("{digest}", digest)
        await stage.press(BEN, "op_approve", value=value)
    await stage.pass_time(3)
    assert waits_until(stage.read()) == "02:44"
    assert stage.changes == []


async def test_the_button_of_an_old_card(http_stage: Stage) -> None:
    """A press on a card as it was yesterday, or on one that was asked again, approves nothing new."""
    stage = http_stage
    await waiting(stage)
    old = stage.card()
    await stage.press(CHIOMA, "op_deny")
    assert await stage.press(BEN, "op_approve", old) == "Too late: Chioma denied this at 03:14."
    await stage.type(REPLICAS)
    assert await stage.press(BEN, "op_approve", old) == "Too late: Chioma denied this at 03:14."
    stage.clock.advance(86_400)
    assert await stage.press(BEN, "op_approve", old) == text(
        """
        This card is from yesterday and has ended. Current state: /workflow show shop 3
        """
    )
    assert stage.changes == []


async def test_a_redelivered_command_is_one_request(stage: Stage) -> None:
    """Slack may deliver a command twice: there is one card, and one request."""
    stage.planetscale.add_workflow("shop", 3, "running")
    delivery = await stage.slack.command(ANA, MOVES, "/workflow", "verify-data shop 3")
    await stage.slack.redeliver(delivery)
    await stage.settle()
    await stage.slack.redeliver(delivery, 2)
    await stage.settle()
    assert len(stage.cards()) == 1
    assert stage.changes == ["PATCH shop/workflows/3/verify-data"]


async def test_a_redelivered_press_counts_once(stage: Stage) -> None:
    """The same press delivered again neither approves again nor is answered."""
    await waiting(stage)
    delivery = await stage.slack.press(BEN, stage.card(), "op_approve")
    await stage.slack.redeliver(delivery)
    await stage.settle()
    await stage.slack.redeliver(delivery, 2)
    await stage.settle()
    assert stage.slack.ephemeral_for(BEN) == []
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_two_people_press_at_the_same_instant(http_stage: Stage) -> None:
    """Of two presses that arrive together one is the last that was needed: one request leaves."""
    stage = http_stage
    await waiting(stage)
    card = stage.card()
    await asyncio.gather(
        stage.slack.press(BEN, card, "op_approve"), stage.slack.press(CHIOMA, card, "op_approve")
    )
    await stage.settle()
    told = [*stage.slack.ephemeral_for(BEN), *stage.slack.ephemeral_for(CHIOMA)]
    assert len(told) == 1
    assert "approved already" in stage.slack.visible_text(told[0])
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_approve_and_deny_at_the_same_instant(http_stage: Stage) -> None:
    """A Deny that came with the approval, before it was sent, still stops it if it came first."""
    stage = http_stage
    await waiting(stage)
    card = stage.card()
    await stage.slack.press(CHIOMA, card, "op_deny")
    await stage.slack.press(BEN, card, "op_approve")
    await stage.settle()
    assert stage.read().splitlines()[1] == "Denied by @Chioma at 02:14 · nothing was sent"
    assert stage.changes == []


async def test_an_approval_that_is_taken_back(http_stage: Stage) -> None:
    """Who approved may change their mind until it runs: nothing is sent after that."""
    stage = http_stage
    await waiting(stage)
    busy = stage.planetscale.trouble("rate-limited", on="mutation", times=None)
    await stage.press(BEN, "op_approve")
    assert stage.read().splitlines()[1] == (
        "Approved by Ben · PlanetScale answers 429 (1 try), next at 02:14:15, until 02:19"
    )
    await stage.press(BEN, "op_take_back")
    assert waits_until(stage.read()) == "02:44"
    stage.planetscale.lift(busy)
    tried = len(stage.changes)
    await stage.pass_time(20)
    assert len(stage.changes) == tried


async def test_slack_cannot_say_who_pressed(http_stage: Stage) -> None:
    """After three tries nothing is counted, the presser is told to press again, and the card stays."""
    stage = http_stage
    await waiting(stage)
    card, asked = stage.read(), len(stage.slack.calls_to("users.info"))
    stage.slack.fail("users.info", error="internal_error", times=3)
    assert await stage.press(BEN, "op_approve") == ""
    await stage.pass_time(10)
    assert stage.slack.visible_text(stage.private(BEN), BEN) == text(
        """
        Slack could not say who you are just now, so this did not count. Press again in a minute.
        """
    )
    assert len(stage.slack.calls_to("users.info")) == asked + 3
    assert stage.read() == card
    assert stage.changes == []
    stage.slack.fail("users.info", how="garbage", times=2)
    assert await stage.press(BEN, "op_approve") == ""
    await stage.pass_time(10)
    assert len(stage.slack.ephemeral_for(BEN)) == 1
    assert stage.changes == ["PATCH shop/workflows/3/switch-replicas"]


async def test_slack_cannot_say_who_asks(http_stage: Stage) -> None:
    """Then nothing is asked of PlanetScale, and the person is told to try again."""
    stage = http_stage
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    stage.slack.fail("users.info", status=503, times=3)
    assert await stage.type(REPLICAS) == text(
        """
        Slack could not say who you are just now. Nothing was sent. Try again in a minute.
        """
    )
    assert stage.cards() == []
    assert stage.asked == []
