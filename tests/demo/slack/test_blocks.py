"""Slack's limits for blocks, kept as Slack keeps them."""

import copy
from typing import Any

import pytest

from bot.demo.slack.blockkit import elements, message_problems, view_problems, with_ids


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def button(text: str = "Go", **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": "go"} | more


def confirm(**more: Any) -> dict[str, Any]:
    return {
        "title": plain("Sure?"),
        "text": mrkdwn("Really"),
        "confirm": plain("Yes"),
        "deny": plain("No"),
    } | more


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text)} | more


def actions(*inside: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(inside)}


def rich(*inside: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(inside)}


def line(*inside: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(inside)}


def chart(points: int = 20, series: int = 6, kind: str = "line", **axes: Any) -> dict[str, Any]:
    labels = [f"{number:020}" for number in range(points)]
    data = [{"label": label, "value": 0.5} for label in labels]
    lines = [{"name": f"{number:020}", "data": data} for number in range(series)]
    along = {"categories": labels, "x_label": "x" * 50, "y_label": "y" * 50} | axes
    drawn = {"type": kind, "series": lines, "axis_config": along}
    return {"type": "data_visualization", "title": "t" * 50, "chart": drawn}


OPTIONS = [{"text": plain(f"Choice {number}"), "value": str(number)} for number in range(101)]
TEXT = {"type": "text", "text": "x"}
GOOD = [
    section("x" * 3000, fields=[mrkdwn("y" * 2000)] * 10, accessory=button("z" * 75)),
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn("x"), {"type": "image", "image_url": "/a.png", "alt_text": "a"}]},
    actions(button(value="x" * 2000, confirm=confirm(style="danger")), button(action_id="x" * 255)),
    actions({"type": "overflow", "action_id": "more", "options": OPTIONS[:5]}),
    actions({"type": "static_select", "action_id": "one", "options": OPTIONS[:100]}),
    actions({"type": "users_select", "action_id": "who", "placeholder": plain("Ask someone")}),
    rich(
        line(
            TEXT | {"style": {"bold": True, "italic": True, "strike": True, "code": True}},
            {"type": "link", "url": "https://example.com", "text": "there"},
            {"type": "user", "user_id": "U0ANA"},
            {"type": "usergroup", "usergroup_id": "S0DBAS"},
            {"type": "channel", "channel_id": "C0DBMOVES"},
            {"type": "emoji", "name": "warning"},
            {"type": "date", "timestamp": 1_700_000_000, "format": "{time}", "fallback": "02:14 UTC"},
        ),
        {"type": "rich_text_preformatted", "elements": [TEXT]},
        {"type": "rich_text_quote", "elements": [TEXT]},
        {"type": "rich_text_list", "style": "bullet", "elements": [line(TEXT), line(TEXT)]},
    ),
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]]},
    chart(),
    chart(1, 1, "area"),
]


def test_good_blocks_pass() -> None:
    """Blocks that go right up to every limit are taken."""
    assert message_problems(GOOD) == []
    assert message_problems([{"type": "divider"}] * 50) == []


@pytest.mark.parametrize(
    ("blocks", "where"),
    [
        ([{"type": "divider"}] * 51, "/blocks"),
        ([section("x" * 3001)], "/blocks/0/text/text"),
        ([section("")], "/blocks/0/text/text"),
        ([{"type": "section"}], "/blocks/0"),
        ([section("x", fields=[mrkdwn("x" * 2001)])], "/blocks/0/fields/0/text"),
        ([section("x", fields=[mrkdwn("x")] * 11)], "/blocks/0/fields"),
        ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
        ([{"type": "header", "text": mrkdwn("x")}], "/blocks/0/text/type"),
        ([actions(button("x" * 76))], "/blocks/0/elements/0/text/text"),
        ([actions(button(value="x" * 2001))], "/blocks/0/elements/0/value"),
        ([actions(button(action_id="x" * 256))], "/blocks/0/elements/0/action_id"),
        ([actions(button(style="green"))], "/blocks/0/elements/0/style"),
        ([actions(button(colour="red"))], "/blocks/0/elements/0/colour"),
        ([actions(button(), button())], "/blocks/0/elements"),
        ([actions(*[button(action_id=str(n)) for n in range(26)])], "/blocks/0/elements"),
        ([actions()], "/blocks/0/elements"),
        (
            [actions(button(confirm=confirm(title=plain("x" * 101))))],
            "/blocks/0/elements/0/confirm/title/text",
        ),
        ([actions(button(confirm=confirm(text=plain("x" * 301))))], "/blocks/0/elements/0/confirm/text/text"),
        ([actions(button(confirm=confirm(deny=plain("x" * 31))))], "/blocks/0/elements/0/confirm/deny/text"),
        (
            [actions({"type": "static_select", "action_id": "a", "options": OPTIONS})],
            "/blocks/0/elements/0/options",
        ),
        (
            [actions({"type": "overflow", "action_id": "a", "options": OPTIONS[:6]})],
            "/blocks/0/elements/0/options",
        ),
        ([section("x", block_id="same"), section("y", block_id="same")], "/blocks"),
        ([{"type": "alert", "text": plain("x")}], "/blocks/0/type"),
        ([{"type": "carousel"}], "/blocks/0/type"),
        (["text"], "/blocks/0/type"),
        ("text", "/blocks"),
        ([rich(TEXT)], "/blocks/0/elements/0/type"),
        ([rich(line({"type": "text", "text": ""}))], "/blocks/0/elements/0/elements/0/text"),
        ([rich(line(TEXT | {"style": {"loud": True}}))], "/blocks/0/elements/0/elements/0/style/loud"),
        ([rich(line({"type": "user", "user": "U0ANA"}))], "/blocks/0/elements/0/elements/0/user"),
        (
            [rich({"type": "rich_text_preformatted", "elements": [{"type": "user", "user_id": "U0ANA"}]})],
            "/blocks/0/elements/0/elements/0/type",
        ),
        ([rich({"type": "rich_text_list", "elements": [line(TEXT)]})], "/blocks/0/elements/0"),
        ([{"type": "table", "rows": [[{"type": "raw_text", "text": "a"}] * 21]}], "/blocks/0/rows/0"),
        ([chart(21)], "/blocks/0/chart/series/0/data"),
        ([chart(0)], "/blocks/0/chart/axis_config/categories"),
        ([chart(series=7)], "/blocks/0/chart/series"),
        ([chart(series=0)], "/blocks/0/chart/series"),
        ([chart(kind="scatter")], "/blocks/0/chart/type"),
        ([chart(1, categories=["other"])], "/blocks/0/chart/series/0/data"),
        ([chart(1, categories=["x" * 21])], "/blocks/0/chart/axis_config/categories/0"),
        ([chart(x_label="x" * 51)], "/blocks/0/chart/axis_config/x_label"),
        ([chart() | {"title": "t" * 51}], "/blocks/0/title"),
        ([chart() | {"block_id": str(number)} for number in range(3)], "/blocks"),
    ],
)
def test_bad_blocks_are_refused(blocks: Any, where: str) -> None:
    """What breaks a limit is refused, and the problem names the place."""
    assert any(problem.endswith(f"[json-pointer:{where}]") for problem in message_problems(blocks))


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Create"), "submit": plain("Go"), "blocks": list(blocks)} | more


INPUT = {
    "type": "input",
    "label": plain("Name"),
    "element": {"type": "plain_text_input", "action_id": "name"},
}


def test_good_views_pass() -> None:
    """A modal with inputs and an alert, and a Home tab, are taken."""
    alert = {"type": "alert", "text": plain("Look out"), "level": "warning"}
    assert view_problems(modal(INPUT, alert, title=plain("x" * 24), private_metadata="x" * 3000)) == []
    assert view_problems({"type": "home", "blocks": [section("x")] * 100}) == []


@pytest.mark.parametrize(
    ("view", "where"),
    [
        (modal(INPUT, title=plain("x" * 25)), "/view/title/text"),
        (modal(INPUT, private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(*[section("x")] * 101), "/view/blocks"),
        ({name: value for name, value in modal(INPUT).items() if name != "submit"}, "/view/submit"),
        ({"type": "home", "blocks": [section("x")], "title": plain("x")}, "/view/title"),
        ({}, "/view/type"),
        ("text", "/view/type"),
    ],
)
def test_bad_views_are_refused(view: Any, where: str) -> None:
    """What breaks a limit of views is refused, and the problem names the place."""
    assert any(problem.endswith(f"[json-pointer:{where}]") for problem in view_problems(view))


def test_missing_ids_are_filled_in() -> None:
    """Blocks and elements without ids get some, those with ids keep them, and the original is untouched."""
    original = [actions(button(), {"type": "button", "text": plain("x")}), section("x", block_id="mine")]
    before = copy.deepcopy(original)
    filled = with_ids(original, "b")
    assert original == before
    assert [block["block_id"] for block in filled] == ["b0", "mine"]
    assert [element["action_id"] for element in elements(filled[0])] == ["go", "b0.1"]
