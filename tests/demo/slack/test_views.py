"""Modals and the Home tab."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.demo.slack import FormError
from bot.demo.slack.people import ANA, BEN, DB_MOVES
from tests.demo.slack.conftest import Stage


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def field(name: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(name),
        "element": {"action_id": name} | element,
    } | more


NAME = field("name", {"type": "plain_text_input", "max_length": 10})
TABLES = field("tables", {"type": "multi_external_select", "min_query_length": 0}, optional=True)


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Create"), "submit": plain("Go"), "blocks": list(blocks)} | more


async def trigger(stage: Stage, user: str = ANA) -> str:
    await stage.slack.command(user, DB_MOVES, "/workflow", "create")
    return str(stage.bot.payloads[-1]["trigger_id"])


async def opened(stage: Stage, *blocks: dict[str, Any], **more: Any) -> None:
    await stage.client.views_open(trigger_id=await trigger(stage), view=modal(*blocks, **more))


async def test_a_trigger_is_good_once_and_for_three_seconds(stage: Stage) -> None:
    """A modal needs a fresh trigger: used, old and invented ones are refused."""
    first = await trigger(stage)
    await stage.client.views_open(trigger_id=first, view=modal(NAME))
    late = await trigger(stage)
    stage.clock.advance(3.1)
    for trigger_id, error in [
        (first, "exchanged_trigger_id"),
        (late, "expired_trigger_id"),
        ("1.2.3", "invalid_trigger_id"),
    ]:
        with pytest.raises(SlackApiError, match=error):
            await stage.client.views_open(trigger_id=trigger_id, view=modal(NAME))


async def test_a_modal_is_seen_by_who_pressed(stage: Stage) -> None:
    """The modal opens for the person of the trigger, and reads as it was described."""
    await opened(stage, NAME)
    view = stage.slack.view_of(ANA)
    assert view
    assert stage.slack.visible_text(view) == "Create\nname []\n[Go]"
    assert stage.slack.view_of(BEN) is None


async def test_a_bad_view_opens_nothing(stage: Stage) -> None:
    """A view that breaks a limit is refused with what is wrong, and the trigger stays good."""
    trigger_id = await trigger(stage)
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await stage.client.views_open(trigger_id=trigger_id, view=modal(NAME, title=plain("x" * 25)))
    await stage.client.views_open(trigger_id=trigger_id, view=modal(NAME))


async def test_a_submission_carries_the_values(stage: Stage) -> None:
    """What was typed arrives under its block and action; an empty ack closes the modal."""
    await opened(stage, NAME, TABLES, private_metadata="shop", callback_id="create")
    await stage.slack.submit(ANA, {"name": {"name": "users"}})
    payload = stage.bot.payloads[-1]
    assert payload["type"] == "view_submission"
    assert (payload["view"]["private_metadata"], payload["view"]["callback_id"]) == ("shop", "create")
    values = payload["view"]["state"]["values"]
    assert values["name"]["name"] == {"type": "plain_text_input", "value": "users"}
    assert values["tables"]["tables"] == {"type": "multi_external_select", "selected_options": []}
    assert stage.slack.view_of(ANA) is None


async def test_what_the_chat_itself_refuses(stage: Stage) -> None:
    """A required field that is empty, or too much text, never reaches the bot."""
    await opened(stage, NAME)
    before = len(stage.bot.payloads)
    for value in ("", "x" * 11):
        with pytest.raises(FormError) as caught:
            await stage.slack.submit(ANA, {"name": {"name": value}})
        assert list(caught.value.errors) == ["name"]
    assert len(stage.bot.payloads) == before


async def test_errors_leave_the_modal_open(stage: Stage) -> None:
    """When the bot answers with errors, the form stays."""
    await opened(stage, NAME)
    stage.bot.answer = {"response_action": "errors", "errors": {"name": "Taken."}}
    delivery = await stage.slack.submit(ANA, {"name": {"name": "users"}})
    assert delivery.body["errors"] == {"name": "Taken."}
    assert stage.slack.view_of(ANA)


async def test_update_push_and_clear(stage: Stage) -> None:
    """An ack may show another modal in its place, put one on top, or close them all."""
    await opened(stage, NAME)
    first = stage.slack.view_of(ANA)
    stage.bot.answer = {"response_action": "update", "view": modal(NAME, title=plain("Second"))}
    await stage.slack.submit(ANA, {"name": {"name": "users"}})
    second = stage.slack.view_of(ANA)
    assert first
    assert second
    assert (second.id, second.body["title"]["text"]) == (first.id, "Second")
    stage.bot.answer = {"response_action": "push", "view": modal(NAME, title=plain("Third"))}
    await stage.slack.submit(ANA, {"name": {"name": "users"}})
    third = stage.slack.view_of(ANA)
    assert third
    assert (third.previous, third.root) == (first.id, first.id)
    stage.bot.answer = {"response_action": "clear"}
    await stage.slack.submit(ANA, {"name": {"name": "users"}})
    assert stage.slack.view_of(ANA) is None


async def test_a_later_update_needs_the_right_hash(stage: Stage) -> None:
    """`views.update` changes the open modal, unless it changed meanwhile."""
    await opened(stage, NAME)
    view = stage.slack.view_of(ANA)
    assert view
    new = modal(NAME, title=plain("Loaded"))
    await stage.client.views_update(view_id=view.id, hash=view.hash, view=new)
    assert (stage.slack.view_of(ANA) or view).body["title"]["text"] == "Loaded"
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await stage.client.views_update(view_id=view.id, hash=view.hash, view=new)


async def test_options_come_from_the_bot(stage: Stage) -> None:
    """A select with options from outside asks the bot, and only what it offered can be submitted."""
    await opened(stage, NAME, TABLES)
    view = stage.slack.view_of(ANA)
    assert view
    stage.bot.answer = {"options": [{"text": plain("orders"), "value": "orders"}]}
    assert len(await stage.slack.options(ANA, view, "tables", "ord")) == 1
    assert (stage.bot.payloads[-1]["type"], stage.bot.payloads[-1]["value"]) == ("block_suggestion", "ord")
    stage.bot.answer = None
    with pytest.raises(ValueError, match="not offered"):
        await stage.slack.submit(ANA, {"name": {"name": "x"}, "tables": {"tables": ["users"]}})
    await stage.slack.submit(ANA, {"name": {"name": "x"}, "tables": {"tables": ["orders"]}})
    chosen = stage.bot.payloads[-1]["view"]["state"]["values"]["tables"]["tables"]["selected_options"]
    assert [option["value"] for option in chosen] == ["orders"]


async def test_closing_is_told_when_asked_for(stage: Stage) -> None:
    """The bot hears of a closed modal only if the modal says so."""
    await opened(stage, NAME)
    assert await stage.slack.close(ANA) is None
    await opened(stage, NAME, notify_on_close=True)
    await stage.slack.close(ANA)
    assert stage.bot.payloads[-1]["type"] == "view_closed"
    assert stage.slack.view_of(ANA) is None


async def test_home_is_published_for_one_person(stage: Stage) -> None:
    """A Home tab belongs to one person and can have buttons."""
    button = {"type": "button", "action_id": "refresh", "text": plain("Refresh")}
    home = {"type": "home", "blocks": [{"type": "actions", "elements": [button]}]}
    await stage.client.views_publish(user_id=ANA, view=home)
    assert list(stage.slack.world.homes) == [ANA]
    await stage.slack.press(ANA, stage.slack.world.homes[ANA], "refresh")
    assert stage.bot.payloads[-1]["container"]["type"] == "view"
