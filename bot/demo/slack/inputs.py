"""What somebody chose or typed, in the form that Slack's payloads give it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.demo.slack.blockkit import elements
from bot.demo.slack.model import Json, View
from bot.demo.slack.present import initial

Values = Mapping[str, Mapping[str, Any]]
"""block_id → action_id → a text, an id, an option's value, or a list of them."""


@dataclass(frozen=True, slots=True)
class Touch:
    """What was pressed or chosen, and what else is filled in around it."""

    action_id: str
    block_id: str | None = None
    value: Any = None
    values: Values = field(default_factory=dict)


SINGLE = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "plain_text_input": "value",
    "number_input": "value",
    "multi_users_select": "selected_users",
}
ONE_OPTION = ("static_select", "external_select", "radio_buttons", "overflow")
OPTIONS = ("multi_static_select", "multi_external_select", "checkboxes")
REQUIRED = "Please complete this required field."


class FormError(Exception):
    """The chat itself refuses a form. `errors`: block_id → sentence."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def chosen(element: Json, value: Any, loaded: Iterable[Json] = ()) -> Json:
    """The fields that say what is chosen in an element. Raises `ValueError` for what it does not offer."""
    kind = element["type"]
    options = _options(element, loaded)
    if kind in ONE_OPTION:
        return {"selected_option": _option(options, value) if value else None}
    if kind in OPTIONS:
        return {"selected_options": [_option(options, item) for item in value or ()]}
    if kind == "multi_users_select":
        return {SINGLE[kind]: list(value or ())}
    if not isinstance(value, str | None):
        msg = "only one thing fits here"
        raise ValueError(msg)
    return {SINGLE[kind]: value or None}


def _options(element: Json, loaded: Iterable[Json]) -> dict[str, Json]:
    grouped = [option for group in element.get("option_groups", ()) for option in group["options"]]
    ready = [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
    everything = [*ready, *element.get("options", ()), *grouped, *loaded]
    return {option["value"]: option for option in everything}


def _option(options: Mapping[str, Json], value: Any) -> Json:
    if not isinstance(value, str) or value not in options:
        msg = "that is not offered"
        raise ValueError(msg)
    return options[value]


def state_of(blocks: Iterable[Json], values: Values, loaded: Mapping[str, list[Json]]) -> Json:
    """`state.values` of a message or a view: what was given, else what the elements hold at first."""
    state: Json = {}
    for block in blocks:
        for element in elements(block):
            if element["type"] in ("button", "overflow"):
                continue
            name, action = block["block_id"], element["action_id"]
            value = values.get(name, {}).get(action, initial(element))
            fields = chosen(element, value, loaded.get(action, ()))
            state.setdefault(name, {})[action] = {"type": element["type"]} | fields
    return state


def check_form(view: View, values: Json) -> None:
    """Raises `FormError` for required fields that are empty and texts of a wrong length."""
    errors: dict[str, str] = {}
    for block in view.body["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        fields = values[block["block_id"]][element["action_id"]]
        value = next(item for name, item in fields.items() if name != "type")
        if not value and not block.get("optional"):
            errors[block["block_id"]] = REQUIRED
        elif isinstance(value, str) and value:
            if len(value) < element.get("min_length", 0):
                errors[block["block_id"]] = f"Please write at least {element['min_length']} characters."
            elif len(value) > element.get("max_length", 3000):
                errors[block["block_id"]] = (
                    f"Please write at most {element.get('max_length', 3000)} characters."
                )
    if errors:
        raise FormError(errors)
