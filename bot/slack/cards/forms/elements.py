"""The pieces that forms are made of. Texts are plain: what PlanetScale or people wrote is never markup."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from bot.slack.cards.blocks.controls import plain_text
from bot.slack.cards.blocks.rich import Block, one_line
from bot.slack.cards.forms.draft import FormOrigin
from bot.slack.cards.forms.fields import NOTHING

CALLBACK: Final = "cf_create"
"""The callback id of every view of the create form."""
MOST_OPTIONS: Final = 100
"""Slack's limit for the options of a select, of a group of them, and for the answer to a search."""
MOST_GROUPS: Final = 100
_OPTION, _HINT, _LABEL, _SECTION = 75, 300, 200, 2_900


def modal(origin: FormOrigin, blocks: Sequence[Block], *, submit: str | None = None) -> Block:
    """A view of the create form, which names its organization where there are several."""
    told = [small(f"Organization: {origin.organization}")] if origin.organization else []
    view: Block = {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": origin.metadata(),
        "title": plain_text("Create a workflow", 24),
        "close": plain_text("Leave it", 24),
        "blocks": [*told, *blocks],
    }
    return view | ({"submit": plain_text(submit, 24)} if submit else {})


def section(*lines: str) -> Block:
    """Text."""
    return {"type": "section", "text": plain_text("\n".join(map(one_line, lines)), _SECTION)}


def small(text: str) -> Block:
    """Text in small letters."""
    return {"type": "context", "elements": [plain_text(one_line(text), _SECTION)]}


def button(label: str, action_id: str, *, primary: bool = False) -> Block:
    """A button in a form. What it is about stands in the view."""
    style = {"style": "primary"} if primary else {}
    return {"type": "button", "text": plain_text(label, _OPTION), "action_id": action_id} | style


def row(*buttons: Block) -> Block:
    """Buttons beside each other."""
    return {"type": "actions", "elements": list(buttons)}


def field(block_id: str, label: str, element: Block, *, hint: str = "", **more: Any) -> Block:
    """A field that is submitted."""
    own: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label, _LABEL),
        "element": element,
    }
    return own | ({"hint": plain_text(one_line(hint), _HINT)} if hint else {}) | more


def option(value: str, text: str = "", description: str = "") -> Block:
    """A choice; what is read of it is its value unless `text` says otherwise."""
    own: Block = {"text": plain_text(one_line(text or value), _OPTION), "value": value}
    return own | ({"description": plain_text(description, _OPTION)} if description else {})


def select(action_id: str, placeholder: str, values: Iterable[str], chosen: str = "") -> Block:
    """A choice of one; sorted into groups where there are more than Slack takes in one list."""
    every = list(values)
    options = [option(value) for value in every[: MOST_OPTIONS * MOST_GROUPS]]
    options = options or [option(NOTHING, "There is none")]
    parts = [options[at : at + MOST_OPTIONS] for at in range(0, len(options), MOST_OPTIONS)]
    own: Block = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, 150),
    }
    if len(parts) <= 1:
        own["options"] = options
    else:
        own["option_groups"] = [{"label": _span(part), "options": part} for part in parts]
    return own | ({"initial_option": option(chosen)} if chosen in every else {})


def search(action_id: str, placeholder: str, chosen: str = "") -> Block:
    """A choice of one among what the bot finds for what is typed."""
    own: Block = {
        "type": "external_select",
        "action_id": action_id,
        "min_query_length": 0,
        "placeholder": plain_text(placeholder, 150),
    }
    return own | ({"initial_option": option(chosen)} if chosen else {})


def tick(action_id: str, value: str, text: str, *, on: bool) -> Block:
    """One checkbox."""
    only = option(value, text)
    own: Block = {"type": "checkboxes", "action_id": action_id, "options": [only]}
    return own | ({"initial_options": [only]} if on else {})


def _span(options: Sequence[Block]) -> Any:
    first, last = options[0]["value"], options[-1]["value"]
    return plain_text(f"{first[:34]} … {last[:34]}", _OPTION)
