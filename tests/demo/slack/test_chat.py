"""Messages through the Web API, called with the real SDK."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.demo.slack.model import PNG
from bot.demo.slack.people import ANA, BEN, DB_MOVES, NO_BOT, OLD, PRIVATE, RANDOM
from tests.demo.slack.conftest import Stage


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def refused(stage: Stage, method: str, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await stage.client.api_call(method, json=arguments)
    return str(caught.value.response["error"])


async def test_a_post_is_seen_by_the_channel(stage: Stage) -> None:
    """What the bot posts, the members of the channel read, and nobody else."""
    answer = await stage.client.chat_postMessage(
        channel=DB_MOVES, text="hello", blocks=[section("*Hi* there")]
    )
    (message,) = stage.slack.messages(DB_MOVES, as_user=ANA)
    assert message.ts == answer["ts"]
    assert stage.slack.visible_text(message) == "Hi there"
    assert stage.slack.messages(RANDOM) == []
    assert stage.slack.messages(DB_MOVES, as_user="U0OLU") == []


async def test_a_call_is_recorded(stage: Stage) -> None:
    """Every call is kept with its time, its arguments and its answer, and without the token."""
    await stage.client.chat_postMessage(channel=DB_MOVES, text="hello")
    (call,) = stage.slack.calls_to("chat.postMessage")
    assert call.at == stage.clock.now()
    assert call.arguments == {"channel": DB_MOVES, "text": "hello"}
    assert call.answer["ok"] is True
    assert stage.slack.bot_token not in repr(stage.slack.calls)


@pytest.mark.parametrize(
    ("channel", "error"),
    [(NO_BOT, "not_in_channel"), ("C0NOWHERE", "channel_not_found"), (OLD, "is_archived")],
)
async def test_where_the_bot_may_not_post(stage: Stage, channel: str, error: str) -> None:
    """A post to a place that is closed to the bot is refused with Slack's own word."""
    assert await refused(stage, "chat.postMessage", channel=channel, text="x") == error
    assert stage.slack.world.messages == []


async def test_a_private_channel_without_the_bot_does_not_exist_for_it(stage: Stage) -> None:
    """The bot cannot tell a private channel that it is not in from none at all."""
    stage.slack.channels[PRIVATE].members.discard("U0WFBOT")
    assert await refused(stage, "chat.postMessage", channel=PRIVATE, text="x") == "channel_not_found"


async def test_a_restricted_channel(stage: Stage) -> None:
    """Where only admins may post, the bot is refused."""
    stage.slack.channels[RANDOM].restricted = True
    assert await refused(stage, "chat.postMessage", channel=RANDOM, text="x") == "restricted_action"


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("chat.postMessage", {"text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"text": ""}, "no_text"),
        ("chat.postMessage", {"blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long"),
        ("chat.postMessage", {"text": "x", "blocks": "no list"}, "invalid_blocks_format"),
        ("chat.postMessage", {"text": "x", "thread_ts": "1.2"}, "thread_not_found"),
        ("chat.update", {"text": "x", "ts": "1.2"}, "message_not_found"),
        ("chat.delete", {"ts": "1.2"}, "message_not_found"),
        ("chat.postEphemeral", {"text": "x", "user": "U0OLU"}, "user_not_in_channel"),
        ("chat.unheardOf", {}, "unknown_method"),
    ],
)
async def test_what_slack_refuses(stage: Stage, method: str, arguments: dict[str, Any], error: str) -> None:
    """Too long, empty, malformed or unknown: the answer is Slack's."""
    assert await refused(stage, method, channel=DB_MOVES, **arguments) == error


async def test_an_update_keeps_its_place_and_drops_what_it_leaves_out(stage: Stage) -> None:
    """An update changes a message where it stands; without blocks, the old ones are gone."""
    first = await stage.client.chat_postMessage(channel=DB_MOVES, text="one", blocks=[section("one")])
    await stage.client.chat_postMessage(channel=DB_MOVES, text="two")
    await stage.client.chat_update(channel=DB_MOVES, ts=first["ts"], text="three")
    messages = stage.slack.messages(DB_MOVES)
    assert [stage.slack.visible_text(message) for message in messages] == ["three", "two"]
    assert messages[0].edited


EDGE = {"color": "#e01e5a", "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "edged"}}]}


async def test_an_update_keeps_attachments_of_which_it_says_nothing(stage: Stage) -> None:
    """An update without attachments leaves those that are there; an empty list takes them away."""
    first = await stage.client.chat_postMessage(channel=DB_MOVES, text="one", attachments=[EDGE])
    await stage.client.chat_update(channel=DB_MOVES, ts=first["ts"], text="two", blocks=[section("two")])
    assert stage.slack.visible_text(stage.slack.messages(DB_MOVES)[0]) == "two\nedged"
    await stage.client.chat_update(channel=DB_MOVES, ts=first["ts"], text="three", attachments=[])
    assert stage.slack.visible_text(stage.slack.messages(DB_MOVES)[0]) == "three"


@pytest.mark.parametrize(
    "attachment",
    [
        {"color": "red", "blocks": EDGE["blocks"]},
        {"color": "#e01e5a", "blocks": []},
        {"color": "#e01e5a", "blocks": [section("x" * 3_001)]},
        {"color": "#e01e5a", "blocks": EDGE["blocks"], "text": "beside"},
        {"color": "#e01e5a"},
    ],
)
async def test_what_an_attachment_may_be(stage: Stage, attachment: dict[str, Any]) -> None:
    """An attachment has a colour that there is, and blocks that Slack takes, or a text, never both."""
    refusal = await refused(stage, "chat.postMessage", channel=DB_MOVES, text="x", attachments=[attachment])
    assert refusal == "invalid_attachments"


async def test_text_in_attachments_counts(stage: Stage) -> None:
    """What is too long for the blocks of a message is too long beside an edge as well."""
    long = {"color": "#e01e5a", "blocks": [section("x" * 3_000)] * 2}
    blocks = [section("x" * 3_000)] * 2
    error = await refused(stage, "chat.postMessage", channel=DB_MOVES, blocks=blocks, attachments=[long])
    assert error == "msg_blocks_too_long"


async def test_an_update_has_a_shorter_text(stage: Stage) -> None:
    """An update takes 4,000 characters of text and no more."""
    first = await stage.client.chat_postMessage(channel=DB_MOVES, text="one")
    await stage.client.chat_update(channel=DB_MOVES, ts=first["ts"], text="x" * 4000)
    error = await refused(stage, "chat.update", channel=DB_MOVES, ts=first["ts"], text="x" * 4001)
    assert error == "msg_too_long"


async def test_only_its_own_messages(stage: Stage) -> None:
    """The bot can neither edit nor delete what a person wrote, nor an ephemeral message."""
    said = stage.slack.say(BEN, DB_MOVES, "mine")
    assert (
        await refused(stage, "chat.update", channel=DB_MOVES, ts=said.ts, text="x") == "cant_update_message"
    )
    assert await refused(stage, "chat.delete", channel=DB_MOVES, ts=said.ts) == "cant_delete_message"
    shown = await stage.client.chat_postEphemeral(channel=DB_MOVES, user=ANA, text="psst")
    error = await refused(stage, "chat.update", channel=DB_MOVES, ts=shown["message_ts"], text="x")
    assert error == "message_not_found"


async def test_ephemeral_messages_have_one_reader(stage: Stage) -> None:
    """An ephemeral message is seen by the one person that it is for."""
    await stage.client.chat_postEphemeral(channel=DB_MOVES, user=ANA, text="psst")
    assert [message.text for message in stage.slack.ephemeral_for(ANA)] == ["psst"]
    assert [message.text for message in stage.slack.messages(DB_MOVES, as_user=ANA)] == ["psst"]
    assert stage.slack.messages(DB_MOVES, as_user=BEN) == []
    assert stage.slack.messages(DB_MOVES) == []


async def test_threads_and_history(stage: Stage) -> None:
    """Replies stand below their parent, not in the channel's history; metadata comes back when asked for."""
    metadata = {"event_type": "delivery", "event_payload": {"id": "7f3"}}
    parent = await stage.client.chat_postMessage(channel=DB_MOVES, text="parent", metadata=metadata)
    await stage.client.chat_postMessage(channel=DB_MOVES, text="reply", thread_ts=parent["ts"])
    await stage.client.chat_postMessage(channel=DB_MOVES, text="later")
    history = await stage.client.conversations_history(channel=DB_MOVES, include_all_metadata=True)
    assert [message["text"] for message in history["messages"]] == ["later", "parent"]
    assert history["messages"][1]["metadata"] == metadata
    assert history["messages"][1]["reply_count"] == 1
    replies = await stage.client.conversations_replies(channel=DB_MOVES, ts=parent["ts"])
    assert [message["text"] for message in replies["messages"]] == ["parent", "reply"]
    page = await stage.client.conversations_history(channel=DB_MOVES, limit=1)
    assert page["has_more"]
    older = await stage.client.conversations_history(
        channel=DB_MOVES, limit=1, cursor=page["response_metadata"]["next_cursor"]
    )
    assert [message["text"] for message in older["messages"]] == ["parent"]


async def test_a_permalink_leads_to_the_page(stage: Stage) -> None:
    """A permalink names the page, the channel and the message."""
    posted = await stage.client.chat_postMessage(channel=DB_MOVES, text="x")
    answer = await stage.client.chat_getPermalink(channel=DB_MOVES, message_ts=posted["ts"])
    assert answer["permalink"] == f"{stage.base}/archives/{DB_MOVES}/p{posted['ts'].replace('.', '')}"


async def test_a_file_reaches_its_channel(stage: Stage) -> None:
    """A file that the SDK uploads is shared where it was sent, with its content."""
    await stage.client.files_upload_v2(channel=DB_MOVES, filename="list.csv", content="a,b\n1,2\n")
    (message,) = stage.slack.messages(DB_MOVES)
    assert stage.slack.visible_text(message) == "[file: list.csv]"
    assert message.files[0].content == b"a,b\n1,2\n"


async def test_a_picture_reaches_a_person(stage: Stage) -> None:
    """A picture in a direct message is told apart from a text, and reads as what it is said to show."""
    opened = await stage.client.conversations_open(users=ANA)
    place, content = opened["channel"]["id"], PNG + b"..."
    await stage.client.files_upload_v2(
        channel=place, filename="a.png", content=content, alt_txt="41 % copied", initial_comment="Here it is"
    )
    (message,) = stage.slack.messages(place)
    assert stage.slack.visible_text(message) == "Here it is\n[image: 41 % copied]"
    assert message.files[0].json()["mimetype"] == "image/png"
    flow = ("files.getUploadURLExternal", "upload", "files.completeUploadExternal")
    assert [call.status for call in stage.slack.calls_to(*flow)] == [200, 200, 200]
    assert (
        await refused(stage, "files.getUploadURLExternal", filename="a.png", length=3, alt_txt="x" * 1001)
        == "alt_txt_too_large"
    )


async def test_metadata_outlives_an_edit(stage: Stage) -> None:
    """What the bot notes on a message is found in the history, also after edits that do not name it."""
    metadata = {"event_type": "watch", "event_payload": {"workflow": "shop/3"}}
    posted = await stage.client.chat_postMessage(channel=DB_MOVES, text="before", metadata=metadata)
    await stage.client.chat_update(channel=DB_MOVES, ts=posted["ts"], text="after")
    found = await stage.client.conversations_history(channel=DB_MOVES, include_all_metadata=True)
    assert [(m["text"], m["metadata"]) for m in found["messages"]] == [("after", metadata)]
    assert "metadata" not in (await stage.client.conversations_history(channel=DB_MOVES))["messages"][0]


async def test_an_option_of_a_menu_is_chosen(stage: Stage) -> None:
    """Choosing in the menu beside a text tells the bot which option it was; only what is offered can be."""
    options = [
        {"text": {"type": "plain_text", "text": label}, "value": label.lower()} for label in ("Stop", "Bring")
    ]
    menu = {"type": "overflow", "action_id": "menu", "options": options}
    await stage.client.chat_postMessage(
        channel=DB_MOVES, text="x", blocks=[section("x") | {"accessory": menu}]
    )
    (message,) = stage.slack.messages(DB_MOVES)
    await stage.slack.choose(ANA, message, "menu", "bring")
    (action,) = (await stage.bot.until(1))["actions"]
    assert (action["type"], action["selected_option"]) == ("overflow", options[1])
    assert stage.slack.visible_text(message).endswith("[⋯: Stop | Bring]")
    with pytest.raises(ValueError, match="not offered"):
        await stage.slack.choose(ANA, message, "menu", "burn")


async def test_a_reply_in_the_channel(stage: Stage) -> None:
    """A broadcast reply is in the history and in its thread, and can be made of a reply afterwards; what is
    no reply cannot be."""
    parent = await stage.client.chat_postMessage(channel=DB_MOVES, text="root")
    reply = await stage.client.chat_postMessage(channel=DB_MOVES, text="reply", thread_ts=parent["ts"])
    history = await stage.client.conversations_history(channel=DB_MOVES)
    assert [one["text"] for one in history["messages"]] == ["root"]
    await stage.client.chat_update(channel=DB_MOVES, ts=reply["ts"], text="changed", reply_broadcast=True)
    history = await stage.client.conversations_history(channel=DB_MOVES)
    assert {(one["text"], one.get("subtype")) for one in history["messages"]} == {
        ("root", None),
        ("changed", "thread_broadcast"),
    }
    with pytest.raises(SlackApiError, match="cant_broadcast_message"):
        await stage.client.chat_update(channel=DB_MOVES, ts=parent["ts"], text="x", reply_broadcast=True)
