"""What another version of the bot left in Slack gets an answer, and what Slack does not open is said."""

from typing import Any

import pytest

from bot.demo.slack.faults import Fault
from bot.demo.slack.model import Message, View
from bot.demo.slack.people import ANA, BEN, CHIOMA
from tests.scenarios.conftest import Stage

REPLICAS = "switch-traffic shop 3 --replicas-only"
ANOTHER = (
    "This button is of another version of the bot, so nothing was done. "
    "Type the command instead: /workflow help lists them."
)


async def a_card(stage: Stage) -> None:
    stage.planetscale.add_workflow("shop", 3, "verified_data")
    await stage.type(REPLICAS)


def relabelled(stage: Stage, action_id: str) -> Message:
    """The card as another version wrote it: its first button is one that this version does not know."""
    card = stage.first
    rows = [block for block in card.all_blocks if block["type"] == "actions"]
    rows[0]["elements"][0]["action_id"] = action_id
    return card


@pytest.mark.parametrize("action_id", ["op_from_the_future", "wa_later", "qa_x", "cf_x", "zz", "op_next.x"])
async def test_a_button_of_another_version_is_answered(stage: Stage, action_id: str) -> None:
    """Whoever presses a button that this version does not know is told so, and nothing happens."""
    await a_card(stage)
    assert await stage.press(BEN, action_id, relabelled(stage, action_id)) == ANOTHER
    assert stage.changes == []


async def test_a_form_of_another_version_is_answered(http_stage: Stage) -> None:
    """A form that this version does not know says so in its place when it is submitted."""
    stage = http_stage
    body: dict[str, Any] = {
        "type": "modal",
        "callback_id": "from_the_future",
        "title": {"type": "plain_text", "text": "New"},
        "submit": {"type": "plain_text", "text": "Go"},
        "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "hello"}}],
    }
    view = View(id="V0NEW", user=ANA, body=body, hash="1", root="V0NEW")
    stage.slack.world.views[view.id] = view
    stage.slack.world.open_views[ANA] = [view.id]
    delivery = await stage.slack.submit(ANA, {}, view)
    assert delivery.problem is None
    assert delivery.body["response_action"] == "update"
    assert "another version of the bot" in str(delivery.body["view"])


async def test_a_shortcut_of_another_version_is_answered(http_stage: Stage) -> None:
    """A shortcut that this version does not know is answered as well."""
    stage = http_stage
    await a_card(stage)
    delivery = await stage.slack.shortcut(CHIOMA, stage.first, "from_the_future")
    assert delivery.problem is None
    await stage.settle()
    assert stage.slack.visible_text(stage.private(CHIOMA), CHIOMA) == ANOTHER


@pytest.mark.parametrize("error", ["expired_trigger_id", "invalid_trigger_id", "fatal_error"])
async def test_a_form_that_slack_does_not_open_is_said(http_stage: Stage, error: str) -> None:
    """Who wanted to say why, denied, or asked what a message is, is told that the window did not open."""
    stage = http_stage
    await a_card(stage)
    stage.slack.faults.add(Fault(method="views.open", how="error", error=error, times=None))
    assert await stage.press(ANA, "op_say_why", stage.first) == (
        "Slack did not open the form in time, so nothing was written down. Press Say why again."
    )
    await stage.slack.shortcut(CHIOMA, stage.first, "what_is_this")
    await stage.settle()
    assert stage.slack.visible_text(stage.private(CHIOMA), CHIOMA) == (
        "Slack did not open the window in time. Choose What is this? again."
    )
    assert await stage.press(BEN, "op_deny", stage.first) == (
        "Your Deny counted. Slack did not open the form for the reason: say it in the card's thread."
    )
    assert stage.read().splitlines()[1].startswith("Denied by @Ben")


async def test_a_form_that_is_open_already_is_not_complained_of(http_stage: Stage) -> None:
    """A press that Slack delivers twice opened its form the first time: nobody is told that it did not."""
    stage = http_stage
    await a_card(stage)
    used = Fault(method="views.open", how="error", error="exchanged_trigger_id", times=None)
    stage.slack.faults.add(used)
    assert await stage.press(ANA, "op_say_why", stage.first) == ""
