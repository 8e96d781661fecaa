"""Windows and buttons that nobody was shown: what a client that is not Slack's could send."""

from typing import Any

from bot.demo.slack import payloads
from bot.demo.slack.people import ANA
from tests.scenarios.conftest import MOVES, Stage

REVERSE = "reverse-traffic shop 3"


async def private_request(stage: Stage) -> str:
    """Ana asks for what she alone has to confirm; the id of her request, which only she can see."""
    stage.planetscale.add_workflow("shop", 3, "switched_primaries")
    await stage.type(REVERSE)
    actions = next(block for block in stage.private().blocks if block["type"] == "actions")
    return str(actions["elements"][0]["value"]).partition(":")[0]


async def send(stage: Stage, kind: str, **parts: Any) -> None:
    """Deliver a signed payload of Ana's."""
    honest = payloads._base(stage.slack.world, kind, ANA)  # what every payload has
    delivery = await stage.slack.sender.send("interactive", honest | parts)
    assert delivery.problem is None, delivery
    await stage.settle()


async def test_a_reason_shows_nothing_that_is_private(http_stage: Stage) -> None:
    """A reason given for a request that only its requester sees so far draws no card in the channel."""
    stage = http_stage
    operation = await private_request(stage)
    state = {"values": {"reason": {"reason": {"type": "plain_text_input", "value": "because"}}}}
    view = {"type": "modal", "callback_id": "op_why", "private_metadata": operation, "state": state}
    await send(stage, "view_submission", view=view | {"id": "V1", "blocks": []})
    assert stage.slack.messages(MOVES) == []


async def test_asking_again_shows_nothing_that_was_private(http_stage: Stage) -> None:
    """Asking once more for a request that ended before anybody else saw it draws no card of it."""
    stage = http_stage
    operation = await private_request(stage)
    await stage.pass_time(1900, 100)
    element = {"type": "button", "action_id": "op_ask_again", "block_id": "b", "value": operation}
    place = {"container": {"type": "message", "channel_id": MOVES}, "channel": {"id": MOVES}}
    await send(stage, "block_actions", actions=[element], **place)
    assert stage.slack.messages(MOVES) == []
