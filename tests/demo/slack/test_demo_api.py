"""The routes behind the page."""

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from bot.demo.slack.complete import completions
from bot.demo.slack.demo_api import demo_routes
from bot.demo.slack.people import ANA, BEN, DB_MOVES, GIL, NO_BOT, OLU, PRIVATE, SHARED
from tests.demo.slack.conftest import Stage
from tests.serve import serve


async def ask(stage: Stage, path: str, body: object) -> httpx.Response:
    async with httpx.AsyncClient(base_url=stage.base) as http:
        return await http.post(f"/demo/{path}", json=body)


async def state(stage: Stage, user: str) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=stage.base) as http:
        return dict((await http.get("/demo/state", params={"user": user})).json())


async def test_everybody_sees_their_own_view(stage: Stage) -> None:
    """A person sees their channels, what is said there, and ephemeral messages meant for them."""
    await stage.client.chat_postMessage(channel=DB_MOVES, text="for *all*")
    await stage.client.chat_postEphemeral(channel=DB_MOVES, user=ANA, text="for Ana")
    for user, texts in [(ANA, 2), (BEN, 1), (GIL, 1)]:
        assert len((await state(stage, user))["messages"][DB_MOVES]) == texts
    outsider = await state(stage, OLU)
    assert [channel["id"] for channel in outsider["channels"]] == [SHARED, "D0OLU"]
    assert list(outsider["messages"]) == [SHARED, "D0OLU"]


async def test_labels(stage: Stage) -> None:
    """Guests and people of other companies are labelled, and only people can be chosen."""
    people = {person["id"]: person for person in (await state(stage, ANA))["people"]}
    assert (people[GIL]["label"], people[OLU]["label"], people[ANA]["label"]) == (
        "guest",
        "other company",
        "",
    )
    assert [person for person in people.values() if person["here"]] == [
        people[user] for user in (ANA, BEN, "U0CHIOMA", GIL, OLU)
    ]


async def test_what_is_typed(stage: Stage) -> None:
    """A text is posted, a command goes to the bot, anything else with a slash is answered privately."""
    assert (await ask(stage, "say", {"user": ANA, "channel": DB_MOVES, "text": "hello"})).json() == {
        "ok": True
    }
    typed = {"user": ANA, "channel": DB_MOVES, "text": "/workflow show shop 3"}
    assert (await ask(stage, "say", typed)).json()["ok"]
    assert stage.bot.payloads[-1]["text"] == "show shop 3"
    await ask(stage, "say", typed | {"text": "/away"})
    await ask(stage, "say", typed | {"thread_ts": stage.slack.messages(DB_MOVES)[0].ts})
    assert [message.text for message in stage.slack.ephemeral_for(ANA)] == [
        "/away is not a command here. Try /workflow help",
        "/workflow does not work in threads. Type it in the channel.",
    ]
    assert len(stage.bot.payloads) == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("say", {"user": ANA}, 422),
        ("say", {"user": ANA, "channel": DB_MOVES, "text": 7}, 422),
        ("say", {"user": ANA, "channel": DB_MOVES, "text": "x", "more": 1}, 422),
        ("say", [], 422),
        ("say", {"user": "U0NOBODY", "channel": DB_MOVES, "text": "x"}, 404),
        ("say", {"user": "U0WFBOT", "channel": DB_MOVES, "text": "x"}, 404),
        ("say", {"user": ANA, "channel": "C0NOWHERE", "text": "x"}, 409),
        ("say", {"user": OLU, "channel": PRIVATE, "text": "x"}, 409),
        ("say", {"user": OLU, "channel": NO_BOT, "text": "/workflow help"}, 409),
        ("press", {"user": ANA, "channel": DB_MOVES, "ts": "1.2", "block_id": "a", "action_id": "b"}, 404),
        ("press", {"user": ANA, "block_id": "a", "action_id": "b"}, 404),
        ("press", {"user": ANA, "view_id": "V1", "block_id": "a", "action_id": "b"}, 404),
        ("shortcut", {"user": ANA, "channel": DB_MOVES, "ts": "1.2", "callback_id": "what_is_this"}, 404),
        ("shortcut", {"user": ANA, "channel": DB_MOVES, "ts": "1.2"}, 422),
        ("options", {"user": ANA, "view_id": "V1", "block_id": "a", "action_id": "b"}, 404),
        ("view/submit", {"user": ANA, "view_id": "V1"}, 404),
        ("view/submit", {"user": ANA, "view_id": "V1", "values": {"a": {"b": {}}}}, 422),
        ("view/close", {"user": ANA, "view_id": "V1"}, 404),
        ("dismiss", {"user": ANA, "channel": DB_MOVES, "ts": "1.2"}, 404),
        ("home", {"user": "U0NOBODY"}, 404),
    ],
)
async def test_nonsense_is_refused_in_words(stage: Stage, path: str, body: object, status: int) -> None:
    """Whatever does not fit is a 4xx with a sentence, and nothing happens."""
    answer = await ask(stage, path, body)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert stage.bot.payloads == []
    assert stage.slack.world.messages == []


async def test_only_json_of_a_sane_size_is_read(stage: Stage) -> None:
    """A form, no JSON, deep JSON and a huge body are refused."""
    async with httpx.AsyncClient(base_url=stage.base) as http:
        assert (await http.post("/demo/say", data={"user": ANA})).status_code == 415
        headers = {"Content-Type": "application/json"}
        for content, status in [(b"{", 422), (b"[" * 100_000, 422), (b" " * 300_000, 413)]:
            assert (await http.post("/demo/say", content=content, headers=headers)).status_code == status


async def test_a_press_and_its_failure(stage: Stage) -> None:
    """A press goes to the bot; when the bot does not take it, the page is told."""
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    blocks = [{"type": "actions", "block_id": "b", "elements": [button]}]
    posted = await stage.client.chat_postMessage(channel=DB_MOVES, text="x", blocks=blocks)
    press = {"user": BEN, "channel": DB_MOVES, "ts": posted["ts"], "block_id": "b", "action_id": "go"}
    assert (await ask(stage, "press", press)).json()["ok"]
    stage.bot.status = 500
    assert (await ask(stage, "press", press)).json()["problem"] == "dispatch_failed"
    assert (await ask(stage, "press", press | {"user": OLU})).status_code == 404


async def test_a_shortcut_and_its_answer(stage: Stage) -> None:
    """A shortcut on a message reaches the bot as that person's; its answer is private, a failure is told."""
    posted = await stage.client.chat_postMessage(channel=DB_MOVES, text="a card")
    use = {"user": BEN, "channel": DB_MOVES, "ts": posted["ts"], "callback_id": "what_is_this"}
    assert (await ask(stage, "shortcut", use)).json()["ok"]
    payload = stage.bot.payloads[-1]
    assert (payload["type"], payload["callback_id"]) == ("message_action", "what_is_this")
    assert (payload["user"]["id"], payload["message"]["text"]) == (BEN, "a card")
    async with httpx.AsyncClient() as http:
        await http.post(payload["response_url"], json={"text": "a card is a request"})
    assert (await state(stage, BEN))["messages"][DB_MOVES][-1]["private"]
    assert len((await state(stage, ANA))["messages"][DB_MOVES]) == 1
    stage.bot.status = 500
    assert (await ask(stage, "shortcut", use)).json()["problem"] == "dispatch_failed"


async def test_shortcuts_are_for_what_one_sees(stage: Stage) -> None:
    """There is no shortcut on a message that one cannot see, nor on an ephemeral one."""
    posted = await stage.client.chat_postMessage(channel=DB_MOVES, text="a card")
    shown = await stage.client.chat_postEphemeral(channel=DB_MOVES, user=ANA, text="psst")
    use = {"user": OLU, "channel": DB_MOVES, "ts": posted["ts"], "callback_id": "what_is_this"}
    assert (await ask(stage, "shortcut", use)).status_code == 404
    assert (await ask(stage, "shortcut", use | {"user": ANA, "ts": shown["message_ts"]})).status_code == 403
    assert stage.bot.payloads == []


async def test_a_form_from_open_to_close(stage: Stage) -> None:
    """A form shows up in its owner's state; errors name their fields; a good submission closes it."""
    name = {
        "type": "input",
        "block_id": "name",
        "label": {"type": "plain_text", "text": "Name"},
        "element": {"type": "plain_text_input", "action_id": "name"},
    }
    title = {"type": "plain_text", "text": "Create"}
    view = {"type": "modal", "title": title, "submit": title, "blocks": [name]}
    await stage.slack.command(ANA, DB_MOVES, "/workflow", "create")
    await stage.client.views_open(trigger_id=stage.bot.payloads[-1]["trigger_id"], view=view)
    shown = (await state(stage, ANA))["view"]
    assert shown["title"] == "Create"
    assert (await state(stage, BEN))["view"] is None
    submit = {"user": ANA, "view_id": shown["id"], "values": {"name": {"name": ""}}}
    assert (await ask(stage, "view/submit", submit | {"user": BEN})).status_code == 404
    assert list((await ask(stage, "view/submit", submit)).json()["errors"]) == ["name"]
    stage.bot.answer = {"response_action": "errors", "errors": {"name": "Taken."}}
    submit["values"] = {"name": {"name": "users"}}
    refused = await ask(stage, "view/submit", submit)
    assert (refused.status_code, refused.json()) == (422, {"errors": {"name": "Taken."}})
    stage.bot.answer = None
    assert (await ask(stage, "view/submit", submit)).json()["ok"]
    assert (await state(stage, ANA))["view"] is None


async def test_dismissing(stage: Stage) -> None:
    """A person can take their own ephemeral message away."""
    shown = await stage.client.chat_postEphemeral(channel=DB_MOVES, user=ANA, text="psst")
    body = {"user": BEN, "channel": DB_MOVES, "ts": shown["message_ts"]}
    assert (await ask(stage, "dismiss", body)).status_code == 404
    assert (await ask(stage, "dismiss", body | {"user": ANA})).status_code == 200
    assert stage.slack.ephemeral_for(ANA) == []


async def test_changes_are_told_at_once_and_end_with_the_server(stage: Stage) -> None:
    """The stream names the version at once, again after each change, and ends when the chat stops."""
    async with (
        httpx.AsyncClient(base_url=stage.base) as http,
        http.stream("GET", "/demo/events", params={"user": ANA}) as stream,
    ):
        lines = (line async for line in stream.aiter_lines() if line)
        assert [await anext(lines), await anext(lines)] == ["event: changed", "data: 0"]
        stage.slack.say(ANA, DB_MOVES, "hello")
        assert [await anext(lines), await anext(lines)] == ["event: changed", "data: 1"]
        stage.slack.stop()
        assert [line async for line in lines] == []


async def test_completions_come_from_outside(stage: Stage) -> None:
    """What can be typed next is what the bot's grammar offers."""
    async with (
        serve(Starlette(routes=demo_routes(stage.slack, completions))) as base,
        httpx.AsyncClient(base_url=base) as http,
    ):
        found = (await http.get("/demo/complete", params={"text": "sho"})).json()["completions"]
    assert [item["word"] for item in found] == ["show"]
    assert found[0]["help"]


async def test_a_shared_file(stage: Stage) -> None:
    """Who sees a file's message can fetch it, as a download; others cannot."""
    await stage.client.files_upload_v2(channel=DB_MOVES, filename="a b.csv", content="<script>")
    (message,) = stage.slack.messages(DB_MOVES)
    path = f"/demo/files/{message.files[0].id}"
    async with httpx.AsyncClient(base_url=stage.base) as http:
        answer = await http.get(path, params={"user": ANA})
        assert answer.content == b"<script>"
        assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a_b.csv"
        assert (await http.get(path, params={"user": OLU})).status_code == 404
