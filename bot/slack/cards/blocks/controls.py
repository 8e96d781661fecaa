"""What can be pressed or chosen under a card, as Slack's block elements. Texts are plain and cut to limits.

Limits are Slack's: docs.slack.dev, Block Kit elements and the confirmation dialog object.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Element = dict[str, Any]
Style = Literal["primary", "danger"]

BUTTON_TEXT, BUTTON_VALUE = 75, 2_000
DIALOG_TITLE, DIALOG_TEXT, DIALOG_BUTTON = 100, 300, 30
OPTIONS, OPTION_VALUE = 5, 150


def plain_text(text: str, most: int) -> Mapping[str, Any]:
    """A text object in which nothing is markup, not even `:names:` of emoji."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return {"type": "plain_text", "text": cut or "-", "emoji": False}


@dataclass(frozen=True, slots=True)
class Dialog:
    """What Slack asks before a press is sent."""

    title: str
    text: str
    confirm: str
    deny: str = "Go back"
    danger: bool = False

    def element(self) -> Element:
        return {
            "title": plain_text(self.title, DIALOG_TITLE),
            "text": plain_text(self.text, DIALOG_TEXT),
            "confirm": plain_text(self.confirm, DIALOG_BUTTON),
            "deny": plain_text(self.deny, DIALOG_BUTTON),
            "style": "danger" if self.danger else "primary",
        }


@dataclass(frozen=True, slots=True)
class Button:
    """A button. `value` comes back with the press; anybody could have made it up."""

    label: str
    action_id: str
    value: str
    style: Style | None = None
    dialog: Dialog | None = None

    def element(self) -> Element:
        """Raises `ValueError` for a value that Slack would refuse: a cut one would mean something else."""
        if not 0 < len(self.value) <= BUTTON_VALUE:
            msg = f"a button's value has 1 to {BUTTON_VALUE} characters"
            raise ValueError(msg)
        own: Element = {
            "type": "button",
            "text": plain_text(self.label, BUTTON_TEXT),
            "action_id": self.action_id,
            "value": self.value,
        }
        if self.style:
            own["style"] = self.style
        if self.dialog:
            own["confirm"] = self.dialog.element()
        return own


@dataclass(frozen=True, slots=True)
class LinkButton:
    """A button that opens a page. Slack tells the bot of the press as well, which is only acknowledged.

    Only for addresses that the bot makes itself: never for one that came from elsewhere.
    """

    label: str
    action_id: str
    url: str

    def element(self) -> Element:
        return {
            "type": "button",
            "text": plain_text(self.label, BUTTON_TEXT),
            "action_id": self.action_id,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class Menu:
    """A "⋯" with at most five choices: a label and a value of at most 150 characters each."""

    action_id: str
    options: tuple[tuple[str, str], ...]

    def element(self) -> Element:
        """Raises `ValueError` for choices that Slack would refuse."""
        fits = 0 < len(self.options) <= OPTIONS
        if not fits or any(not 0 < len(value) <= OPTION_VALUE for _, value in self.options):
            msg = f"a menu has 1 to {OPTIONS} choices with values of 1 to {OPTION_VALUE} characters"
            raise ValueError(msg)
        options = [{"text": plain_text(label, BUTTON_TEXT), "value": value} for label, value in self.options]
        return {"type": "overflow", "action_id": self.action_id, "options": options}


@dataclass(frozen=True, slots=True)
class PersonPicker:
    """A choice of one person. It carries no value: what it is about stands in the `block_id` of its row."""

    label: str
    action_id: str

    def element(self) -> Element:
        return {
            "type": "users_select",
            "action_id": self.action_id,
            "placeholder": plain_text(self.label, BUTTON_TEXT),
        }


@dataclass(frozen=True, slots=True)
class OfferedPicker:
    """A choice of one of those whom the bot offers when it is opened. It carries no value either."""

    label: str
    action_id: str

    def element(self) -> Element:
        return {
            "type": "external_select",
            "action_id": self.action_id,
            "placeholder": plain_text(self.label, BUTTON_TEXT),
            "min_query_length": 0,
        }


Control = Button | LinkButton | Menu | PersonPicker | OfferedPicker
