"""What people do reaches the bot as Slack would send it, signed, and the ack has its deadline."""

import copy
from typing import Any

import httpx
import pytest

from bot.demo.slack.model import Message, SlackError
from bot.demo.slack.people import ANA, BEN, DB_MOVES, OLU, PRIVATE
from tests.demo.slack.conftest import Stage

BUTTON = {
    "type": "button",
    "action_id": "approve",
    "value": "7f3",
    "text": {"type": "plain_text", "text": "Approve"},
}
CHOICES = [
    {"text": {"type": "plain_text", "text": word}, "value": word.lower()} for word in ("Stop", "Bring")
]
MENU = {"type": "overflow", "action_id": "more", "options": CHOICES}


async def card(stage: Stage, **where: Any) -> Message:
    blocks = [{"type": "actions", "block_id": "card", "elements": [BUTTON, MENU]}]
    await stage.client.chat_postMessage(channel=DB_MOVES, text="card", blocks=blocks, **where)
    return stage.slack.messages(DB_MOVES)[-1]


async def test_a_command_carries_what_slack_sends(stage: Stage) -> None:
    """A command arrives as the documented form, with a signature that the SDK accepts."""
    delivery = await stage.slack.command(ANA, DB_MOVES, "/workflow", "show shop 3")
    assert (delivery.ok, delivery.status, delivery.over) == (True, 200, "http")
    payload = stage.bot.payloads[-1]
    assert (payload["command"], payload["text"]) == ("/workflow", "show shop 3")
    assert (payload["user_id"], payload["channel_id"], payload["team_id"]) == (ANA, DB_MOVES, "T0ACME")
    assert payload["response_url"].startswith(stage.base)
    assert payload["trigger_id"]


async def test_a_wrong_signature_is_a_failed_dispatch(stage: Stage) -> None:
    """When the bot refuses a delivery, the person reads that the command failed."""
    stage.slack.sender.url = f"{stage.slack.sender.url}/elsewhere"
    delivery = await stage.slack.command(ANA, DB_MOVES, "/workflow", "help")
    assert (delivery.status, delivery.problem) == (404, "dispatch_failed")
    (notice,) = stage.slack.ephemeral_for(ANA)
    assert notice.text == "/workflow failed with the error dispatch_failed"


async def test_a_late_ack_is_a_timeout(stage: Stage) -> None:
    """Without an ack in time the person reads `operation_timeout`."""
    stage.bot.never = True
    stage.slack.sender.ack_seconds = 0.01
    delivery = await stage.slack.command(ANA, DB_MOVES, "/workflow", "help")
    assert (delivery.status, delivery.problem) == (None, "operation_timeout")
    assert stage.slack.ephemeral_for(ANA)[0].text == "/workflow failed with the error operation_timeout"


async def test_a_bot_that_is_down(stage: Stage) -> None:
    """When nobody listens, it is a failed dispatch, not an exception."""
    stage.slack.sender.url = "http://127.0.0.1:9/slack/events"
    assert (await stage.slack.command(ANA, DB_MOVES, "/workflow")).problem == "dispatch_failed"


@pytest.mark.parametrize(
    "answer", ["hello", {"text": "hello"}, {"text": "hello", "response_type": "ephemeral"}]
)
async def test_an_ack_with_words_is_a_private_reply(stage: Stage, answer: Any) -> None:
    """What the ack says is shown to the person who typed, as the bot."""
    stage.bot.answer = answer
    await stage.slack.command(ANA, DB_MOVES, "/workflow", "help")
    (reply,) = stage.slack.ephemeral_for(ANA)
    assert (reply.text, reply.user, reply.channel) == ("hello", "U0WFBOT", DB_MOVES)


async def test_an_ack_may_speak_to_the_channel(stage: Stage) -> None:
    """With `in_channel` everybody reads it."""
    stage.bot.answer = {"text": "hello", "response_type": "in_channel"}
    await stage.slack.command(ANA, DB_MOVES, "/workflow", "help")
    assert [message.text for message in stage.slack.messages(DB_MOVES, as_user=BEN)] == ["hello"]


async def test_a_command_needs_a_member(stage: Stage) -> None:
    """Nobody types a command where they are not."""
    with pytest.raises(SlackError, match="channel_not_found"):
        await stage.slack.command(OLU, PRIVATE, "/workflow", "help")
    assert stage.bot.payloads == []


async def test_a_press_says_who_and_where(stage: Stage) -> None:
    """A press carries the person, the message, the button's value and a trigger."""
    message = await card(stage)
    await stage.slack.press(BEN, message, "approve")
    payload = stage.bot.payloads[-1]
    assert payload["type"] == "block_actions"
    assert payload["user"] == {"id": BEN, "username": "ben", "name": "ben", "team_id": "T0ACME"}
    assert payload["container"]["message_ts"] == message.ts
    assert payload["channel"] == {"id": DB_MOVES, "name": "db-moves"}
    assert payload["message"]["text"] == "card"
    (action,) = payload["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("approve", "card", "7f3")


async def test_a_press_beside_an_edge_says_so(stage: Stage) -> None:
    """A button in an attachment is pressed like any other; the payload says in which attachment it stands."""
    edged = {"color": "#e01e5a", "blocks": [{"type": "actions", "block_id": "card", "elements": [BUTTON]}]}
    await stage.client.chat_postMessage(channel=DB_MOVES, text="card", attachments=[edged])
    await stage.slack.press(BEN, stage.slack.messages(DB_MOVES)[-1], "approve")
    container = stage.bot.payloads[-1]["container"]
    assert (container["type"], container["attachment_id"]) == ("message_attachment", 1)


async def test_a_choice_from_a_menu(stage: Stage) -> None:
    """A menu's choice arrives as its option; what it does not offer cannot be chosen."""
    message = await card(stage)
    await stage.slack.press(BEN, message, "more", value="stop")
    assert stage.bot.payloads[-1]["actions"][0]["selected_option"] == CHOICES[0]
    with pytest.raises(ValueError, match="not offered"):
        await stage.slack.press(BEN, message, "more", value="start")


async def test_forged_and_old_presses(stage: Stage) -> None:
    """A test can forge a button's value, and press a copy of a card that has changed since."""
    message = copy.deepcopy(await card(stage))
    await stage.client.chat_update(channel=DB_MOVES, ts=message.ts, text="ended")
    await stage.slack.press(BEN, message, "approve", value="forged")
    assert stage.bot.payloads[-1]["actions"][0]["value"] == "forged"
    with pytest.raises(LookupError):
        await stage.slack.press(BEN, stage.slack.messages(DB_MOVES)[0], "approve")


async def test_only_who_sees_it_presses_it(stage: Stage) -> None:
    """An ephemeral button has one presser; somebody outside the channel has none."""
    message = await card(stage)
    with pytest.raises(PermissionError):
        await stage.slack.press(OLU, message, "approve")
    blocks = [{"type": "actions", "elements": [BUTTON]}]
    await stage.client.chat_postEphemeral(channel=DB_MOVES, user=ANA, text="sure?", blocks=blocks)
    (private,) = stage.slack.ephemeral_for(ANA)
    with pytest.raises(PermissionError):
        await stage.slack.press(BEN, private, "approve")
    await stage.slack.press(ANA, private, "approve")
    assert stage.bot.payloads[-1]["container"]["is_ephemeral"]
    assert "message" not in stage.bot.payloads[-1]


async def test_a_redelivery_is_the_same_payload(stage: Stage) -> None:
    """The same payload comes again, marked as a retry and signed anew."""
    delivery = await stage.slack.command(ANA, DB_MOVES, "/workflow", "help")
    stage.clock.advance(60)
    again = await stage.slack.redeliver(delivery)
    assert again.ok
    assert stage.bot.payloads[0] == stage.bot.payloads[1]
    assert stage.bot.headers[1]["x-slack-retry-num"] == "1"
    assert stage.bot.headers[0]["x-slack-signature"] != stage.bot.headers[1]["x-slack-signature"]


async def test_events_and_shortcuts(stage: Stage) -> None:
    """Opening Home is an event, a message shortcut an interaction with the message."""
    message = await card(stage)
    await stage.slack.open_home(ANA)
    assert stage.bot.payloads[-1]["event"]["type"] == "app_home_opened"
    assert stage.bot.payloads[-1]["event"]["user"] == ANA
    await stage.slack.shortcut(ANA, message, "what_is_this")
    payload = stage.bot.payloads[-1]
    assert (payload["type"], payload["callback_id"]) == ("message_action", "what_is_this")
    assert payload["message"]["ts"] == message.ts


async def test_a_reply_through_the_response_url(stage: Stage) -> None:
    """A `response_url` takes five replies; they are private unless they say otherwise."""
    await stage.slack.command(ANA, DB_MOVES, "/workflow", "list shop")
    url = stage.bot.payloads[-1]["response_url"]
    async with httpx.AsyncClient() as http:
        assert (await http.post(url, json={"text": "one"})).json() == {"ok": True}
        assert (await http.post(url, json={"text": "all", "response_type": "in_channel"})).status_code == 200
        refused = await http.post(url, json={"text": "x", "blocks": [{"type": "carousel"}]})
        assert (refused.status_code, refused.json()["error"]) == (404, "invalid_blocks")
        for _ in range(2):
            await http.post(url, json={"text": "more"})
        assert (await http.post(url, json={"text": "six"})).json()["error"] == "used_url"
    assert [message.text for message in stage.slack.ephemeral_for(ANA)] == ["one", "more", "more"]
    assert [message.text for message in stage.slack.messages(DB_MOVES)] == ["all"]


async def test_a_response_url_ends_after_half_an_hour(stage: Stage) -> None:
    """After thirty minutes a `response_url` is dead."""
    await stage.slack.command(ANA, DB_MOVES, "/workflow", "list shop")
    stage.clock.advance(30 * 60 + 1)
    async with httpx.AsyncClient() as http:
        answer = await http.post(stage.bot.payloads[-1]["response_url"], json={"text": "late"})
    assert (answer.status_code, answer.json()["error"]) == (404, "expired_url")
    assert stage.slack.ephemeral_for(ANA) == []


async def test_a_pressed_message_can_be_replaced_or_removed(stage: Stage) -> None:
    """Through its `response_url`, a pressed message, ephemeral or not, is replaced in place or taken away."""
    blocks = [{"type": "actions", "elements": [BUTTON]}]
    await stage.client.chat_postEphemeral(channel=DB_MOVES, user=ANA, text="sure?", blocks=blocks)
    async with httpx.AsyncClient() as http:
        await stage.slack.press(ANA, stage.slack.ephemeral_for(ANA)[0], "approve")
        url = stage.bot.payloads[-1]["response_url"]
        await http.post(url, json={"text": "on its way", "replace_original": True})
        (message,) = stage.slack.ephemeral_for(ANA)
        assert stage.slack.visible_text(message) == "on its way"
        await http.post(url, json={"delete_original": True})
    assert stage.slack.ephemeral_for(ANA) == []
