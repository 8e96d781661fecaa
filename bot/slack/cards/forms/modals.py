"""The small forms in which people say why: for what they asked, for a Deny, and before either counts."""

from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.commands.reason import LONGEST
from bot.slack.cards.blocks.controls import plain_text

DENY_REASON: Final = "op_deny_reason"
SAY_WHY: Final = "op_why"
"""Callback ids of what is said afterwards. The operation's id is the view's `private_metadata`."""
BECAUSE: Final = "op_because"
"""Callback id of what is said before a press counts: the press is the view's `private_metadata`."""
FIELD: Final = "reason"
"""The block and the action id of the text: `state.values.reason.reason.value`."""


class Held(BaseModel):
    """A press that waits for its reason: what its button was and carried, and where it was pressed.

    Slack keeps it in the form, so any process can go on with it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    action: str
    value: str
    channel: str = ""
    reply_to: str = ""
    """Slack's address for private answers."""

    @classmethod
    def read(cls, metadata: object) -> Self | None:
        """The press that a view holds; `None` for what this bot did not write."""
        try:
            return cls.model_validate_json(metadata) if isinstance(metadata, str) else None
        except ValidationError:
            return None


def deny_reason_view(operation_id: str) -> dict[str, Any]:
    """Asked after a Deny that has counted already: to leave it empty is fine."""
    label = "Denied already. A reason helps whoever asked"
    return _view(DENY_REASON, operation_id, "Why not?") | {"blocks": [_text(label, optional=True)]}


def say_why_view(operation_id: str) -> dict[str, Any]:
    """For whoever asked. Once said, it stays: others decide by it."""
    label = "Why is this needed? It stands on the card"
    return _view(SAY_WHY, operation_id, "Say why") | {"blocks": [_text(label)]}


def deny_because_view(held: Held) -> dict[str, Any]:
    """Where the policy counts a Deny only with a reason: nothing has counted yet."""
    label = "Why not? The policy asks for a reason; whoever asked reads it"
    view = _view(BECAUSE, held.model_dump_json(), "Deny", submit="Deny")
    return view | {"blocks": [_text(label)]}


def ask_because_view(held: Held, title: str, said: str | None = None) -> dict[str, Any]:
    """Where the policy wants to know why, before a button asks for it. `said`: their words of last time."""
    label = "Why is this needed? The policy asks for a reason; it stands on the card"
    view = _view(BECAUSE, held.model_dump_json(), title, submit="Ask for it")
    return view | {"blocks": [_text(label, said=said)]}


def other_version_view() -> dict[str, Any]:
    """In place of a form that this version of the bot does not know."""
    told = "This form is of another version of the bot, so nothing was done. Type the command instead."
    return {
        "type": "modal",
        "title": plain_text("Another version", 24),
        "close": plain_text("Close", 24),
        "blocks": [{"type": "section", "text": plain_text(told, 3_000)}],
    }


def _view(callback_id: str, metadata: str, title: str, *, submit: str = "Save") -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": metadata,
        "title": plain_text(title, 24),
        "submit": plain_text(submit, 24),
        "close": plain_text("Leave it", 24),
    }


def _text(label: str, *, optional: bool = False, said: str | None = None) -> dict[str, Any]:
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": FIELD,
        "multiline": True,
        "max_length": LONGEST,
    }
    if said:
        element["initial_value"] = said[:LONGEST]
    return {
        "type": "input",
        "block_id": FIELD,
        "label": plain_text(label, 2_000),
        "element": element,
        "optional": optional,
    }
