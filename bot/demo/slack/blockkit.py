"""Slack's limits for blocks, as tables. Source: the Block Kit reference on docs.slack.dev."""

import json
import re
from collections.abc import Iterator
from typing import Any

from bot.demo.slack.chart_block import CHARTS, FIELDS
from bot.demo.slack.model import Json
from bot.demo.slack.rich_text import RICH_TEXT
from bot.demo.slack.schema import (
    Check,
    Problems,
    Shape,
    anything,
    flag,
    many,
    string,
    typed,
    whole,
    word,
    wrong,
)

MESSAGE_BLOCKS, VIEW_BLOCKS, ATTACHMENTS = 50, 100, 20
COLOURS = ("good", "warning", "danger")
TEXT_IN_BLOCKS = 11_000
"""Characters in all blocks of a message together; undocumented, seen at about 13,200 and at about 11,000
(https://github.com/slackapi/bolt-js/issues/2509 and 2867)."""
TEXT_IN_TABLE = 10_000


def text(most: int, *, plain: bool = False) -> Check:
    """A text object."""
    plain_text = Shape({"text": string(most), "emoji": flag}, ("text",))
    mrkdwn = Shape({"text": string(most), "verbatim": flag}, ("text",))
    return typed({"plain_text": plain_text} if plain else {"plain_text": plain_text, "mrkdwn": mrkdwn})


def plain(most: int) -> Check:
    return text(most, plain=True)


CONFIRM = Shape(
    {
        "title": plain(100),
        "text": text(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": word("primary", "danger"),
    },
    ("title", "text", "confirm", "deny"),
)


def option(of: Check) -> Shape:
    return Shape(
        {"text": of, "value": string(150), "description": text(75), "url": string(3000)}, ("text", "value")
    )


OPTION = option(plain(75))
RICH_OPTION = option(text(75))
OPTIONS = many(OPTION, 100)
GROUPS = many(Shape({"label": plain(75), "options": OPTIONS}, ("label", "options")), 100)
COMMON: dict[str, Check] = {"action_id": string(255), "confirm": CONFIRM, "focus_on_load": flag}
PLACEHOLDER: dict[str, Check] = {"placeholder": plain(150)}
TYPED_IN: dict[str, Check] = {
    "action_id": string(255),
    "focus_on_load": flag,
    "placeholder": plain(150),
    "initial_value": string(3000, 0),
    "dispatch_action_config": anything,
}
CHOICES: dict[str, Check] = {"options": OPTIONS, "option_groups": GROUPS}
ONE: dict[str, Check] = {"initial_option": OPTION}
SEVERAL: dict[str, Check] = {"initial_options": many(OPTION, 100), "max_selected_items": whole(1, 100)}


def initial_is_offered(value: object, path: str, problems: Problems) -> None:
    """What is chosen at first is one of the options, exactly as it stands there."""
    if not isinstance(value, dict):
        return
    groups = value.get("option_groups") or ()
    offered = [*(value.get("options") or ()), *(one for group in groups for one in group.get("options", ()))]
    chosen = [*filter(None, [value.get("initial_option")]), *(value.get("initial_options") or ())]
    if any(one not in offered for one in chosen):
        wrong(problems, path, "initial option must be one of the options")


def select(**more: Check) -> Shape:
    return Shape(COMMON | PLACEHOLDER | more)


ELEMENTS: dict[str, Shape] = {
    "button": Shape(
        {
            "text": plain(75),
            "action_id": string(255),
            "value": string(2000),
            "url": string(3000),
            "style": word("primary", "danger"),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
        },
        ("text",),
    ),
    "overflow": Shape(COMMON | {"options": many(OPTION, 5)}, ("options",)),
    "static_select": Shape(
        COMMON | PLACEHOLDER | CHOICES | ONE,
        one_of=("options", "option_groups"),
        beyond=initial_is_offered,
    ),
    "external_select": select(min_query_length=whole(0, 1000), **ONE),
    "users_select": select(initial_user=string(255)),
    "conversations_select": select(
        initial_conversation=string(255), filter=anything, response_url_enabled=flag
    ),
    "channels_select": select(initial_channel=string(255), response_url_enabled=flag),
    "multi_static_select": Shape(
        COMMON | PLACEHOLDER | CHOICES | SEVERAL,
        one_of=("options", "option_groups"),
        beyond=initial_is_offered,
    ),
    "multi_external_select": select(min_query_length=whole(0, 1000), **SEVERAL),
    "multi_users_select": select(initial_users=many(string(255), 100), max_selected_items=whole(1, 100)),
    "checkboxes": Shape(
        COMMON | {"options": many(RICH_OPTION, 10), "initial_options": many(RICH_OPTION, 10)},
        ("options",),
        beyond=initial_is_offered,
    ),
    "radio_buttons": Shape(
        COMMON | {"options": many(RICH_OPTION, 10), "initial_option": RICH_OPTION},
        ("options",),
        beyond=initial_is_offered,
    ),
    "datepicker": select(initial_date=string(10)),
    "timepicker": select(initial_time=string(5), timezone=string(50)),
    "plain_text_input": Shape(
        TYPED_IN | {"multiline": flag, "min_length": whole(0, 3000), "max_length": whole(1, 3000)}
    ),
    "number_input": Shape(
        TYPED_IN | {"is_decimal_allowed": flag, "min_value": anything, "max_value": anything},
        ("is_decimal_allowed",),
    ),
    "image": Shape({"image_url": string(3000), "alt_text": string(2000)}, ("image_url", "alt_text")),
}
INPUT_ELEMENTS = tuple(name for name in ELEMENTS if name not in ("button", "overflow", "image"))
ACTION_ELEMENTS = tuple(
    name for name in ELEMENTS if name not in ("plain_text_input", "number_input", "image")
)
CONTEXT = ELEMENTS | {
    "plain_text": Shape({"text": string(2000), "emoji": flag}, ("text",)),
    "mrkdwn": Shape({"text": string(2000), "verbatim": flag}, ("text",)),
}
ID: dict[str, Check] = {"block_id": string(255)}
CELL = typed({"raw_text": Shape({"text": string(10_000)}, ("text",)), "rich_text": RICH_TEXT})

BLOCKS: dict[str, Shape] = {
    "section": Shape(
        ID
        | {
            "text": text(3000),
            "fields": many(text(2000), 10),
            "accessory": typed(ELEMENTS, *ACTION_ELEMENTS, "image"),
            "expand": flag,
        },
        one_of=("text", "fields"),
    ),
    "header": Shape(ID | {"text": plain(150), "level": whole(1, 6)}, ("text",)),
    "divider": Shape(ID),
    "context": Shape(
        ID | {"elements": many(typed(CONTEXT, "image", "plain_text", "mrkdwn"), 10)}, ("elements",)
    ),
    "actions": Shape(
        ID | {"elements": many(typed(ELEMENTS, *ACTION_ELEMENTS), 25, unique="action_id")}, ("elements",)
    ),
    "image": Shape(
        ID | {"image_url": string(3000), "alt_text": string(2000), "title": plain(2000)},
        ("image_url", "alt_text"),
    ),
    "rich_text": RICH_TEXT,
    "markdown": Shape(ID | {"text": string(12_000)}, ("text",)),
    "table": Shape(
        ID | {"rows": many(many(CELL, 20), 100), "column_settings": many(anything, 20, 0)}, ("rows",)
    ),
    "data_visualization": Shape(ID | FIELDS, ("title", "chart")),
    "input": Shape(
        ID
        | {
            "label": plain(2000),
            "element": typed(ELEMENTS, *INPUT_ELEMENTS),
            "hint": plain(2000),
            "optional": flag,
            "dispatch_action": flag,
        },
        ("label", "element"),
    ),
    "alert": Shape(
        ID | {"text": text(200), "level": word("default", "info", "warning", "error", "success")}, ("text",)
    ),
}
IN_MESSAGES = tuple(name for name in BLOCKS if name != "alert")
ONLY_IN_MESSAGES = ("markdown", "table", "data_visualization")
IN_HOME = tuple(name for name in BLOCKS if name not in ("alert", *ONLY_IN_MESSAGES))
IN_MODALS = tuple(name for name in BLOCKS if name not in ONLY_IN_MESSAGES)


def message_problems(blocks: object) -> Problems:
    """What is wrong with the blocks of a message; nothing when they may be posted."""
    problems: Problems = []
    many(typed(BLOCKS, *IN_MESSAGES), MESSAGE_BLOCKS, 0, unique="block_id")(blocks, "/blocks", problems)
    listed = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    _check_tables(listed, problems)
    if sum(block.get("type") == "data_visualization" for block in listed) > CHARTS:
        wrong(problems, "/blocks", f"no more than {CHARTS} charts allowed")
    return problems


def _check_tables(blocks: list[Json], problems: Problems) -> None:
    """One table in a message, and so many characters in it."""
    tables = [block for block in blocks if block.get("type") == "table"]
    if len(tables) > 1:
        wrong(problems, "/blocks", "only one table allowed")
    if any(text_length(table.get("rows")) > TEXT_IN_TABLE for table in tables):
        wrong(problems, "/blocks", f"a table has no more than {TEXT_IN_TABLE} characters")


def colour(value: object, path: str, problems: Problems) -> None:
    """A word, or `#` and six hexadecimal digits."""
    if value not in COLOURS and not (isinstance(value, str) and re.fullmatch("#?[0-9a-fA-F]{6}", value)):
        wrong(problems, path, "must be good, warning, danger or a hex colour")


def attachment_problems(attachments: object) -> Problems:
    """What is wrong with the attachments of a message. One that has blocks has nothing but a colour besides
    (https://github.com/slackapi/bolt-js/issues/717)."""
    problems: Problems = []
    blocks = many(typed(BLOCKS, *IN_MESSAGES), MESSAGE_BLOCKS, 1, unique="block_id")
    short = string(40_000, 0)
    with_blocks = Shape({"color": colour, "blocks": blocks, "fallback": short}, ("blocks",))
    with_text = Shape({"color": colour, "fallback": short, "text": short, "mrkdwn_in": anything}, ("text",))

    def one(value: object, path: str, problems: Problems) -> None:
        has_blocks = isinstance(value, dict) and "blocks" in value
        (with_blocks if has_blocks else with_text)(value, path, problems)

    many(one, ATTACHMENTS, 0)(attachments, "/attachments", problems)
    return problems


def view_problems(view: object) -> Problems:
    """What is wrong with a modal or a Home tab."""
    problems: Problems = []
    kind = view.get("type") if isinstance(view, dict) else None
    allowed = IN_HOME if kind == "home" else IN_MODALS
    common: dict[str, Check] = {
        "blocks": many(typed(BLOCKS, *allowed), VIEW_BLOCKS, unique="block_id"),
        "private_metadata": string(3000, 0),
        "callback_id": string(255, 0),
        "external_id": string(255, 0),
    }
    modal = {
        "title": plain(24),
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    }
    shapes = {
        "modal": Shape(common | modal, ("title", "blocks"), beyond=_needs_submit),
        "home": Shape(common, ("blocks",)),
    }
    typed(shapes)(view, "/view", problems)
    return problems


def _needs_submit(view: object, path: str, problems: Problems) -> None:
    blocks = view.get("blocks") if isinstance(view, dict) else None
    inputs = any(isinstance(b, dict) and b.get("type") == "input" for b in blocks or ())
    if inputs and isinstance(view, dict) and "submit" not in view:
        wrong(problems, f"{path}/submit", "is required when there are input blocks")


def text_length(blocks: object) -> int:
    """Characters of text in all blocks together."""
    return sum(len(value) for value in _texts(blocks))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(own := value.get("text"), str):
            yield own
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def elements(block: Json) -> Iterator[Json]:
    """What can be pressed, chosen or typed into, in one block."""
    inside: list[Any] = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
    for item in inside:
        if isinstance(item, dict) and item.get("type") in ELEMENTS and item["type"] != "image":
            yield item


def with_ids(blocks: list[Json], prefix: str) -> list[Json]:
    """A copy in which every block has a `block_id` and every element an `action_id`, as Slack gives them."""
    copy: list[Json] = json.loads(json.dumps(blocks))
    for place, block in enumerate(copy):
        block.setdefault("block_id", f"{prefix}{place}")
        for inner, element in enumerate(elements(block)):
            element.setdefault("action_id", f"{prefix}{place}.{inner}")
    return copy


def find(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
    """The block and its element with that id. Raises `LookupError` if there is none."""
    for block in blocks:
        if block_id is None or block.get("block_id") == block_id:
            for element in elements(block):
                if element.get("action_id") == action_id:
                    return block, element
    msg = f"there is no {action_id} to press"
    raise LookupError(msg)
