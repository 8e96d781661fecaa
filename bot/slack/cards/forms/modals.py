"""The two small forms: why something was denied, and why it was asked for."""

from typing import Any, Final

from bot.slack.cards.blocks.controls import plain_text

DENY_REASON: Final = "op_deny_reason"
SAY_WHY: Final = "op_why"
"""Callback ids. The operation's id is the view's `private_metadata`."""
FIELD: Final = "reason"
"""The block and the action id of the text: `state.values.reason.reason.value`."""
LONGEST: Final = 300


def deny_reason_view(operation_id: str) -> dict[str, Any]:
    """Asked after a Deny that has counted already: to leave it empty is fine."""
    label = "Denied already. A reason helps whoever asked"
    return _view(DENY_REASON, operation_id, "Why not?") | {"blocks": [_text(label, optional=True)]}


def say_why_view(operation_id: str, said: str | None = None) -> dict[str, Any]:
    """For whoever asked; what they said before can be changed."""
    label = "Why is this needed? It stands on the card"
    return _view(SAY_WHY, operation_id, "Say why") | {"blocks": [_text(label, said=said)]}


def other_version_view() -> dict[str, Any]:
    """In place of a form that this version of the bot does not know."""
    told = "This form is of another version of the bot, so nothing was done. Type the command instead."
    return {
        "type": "modal",
        "title": plain_text("Another version", 24),
        "close": plain_text("Close", 24),
        "blocks": [{"type": "section", "text": plain_text(told, 3_000)}],
    }


def _view(callback_id: str, operation_id: str, title: str) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": operation_id,
        "title": plain_text(title, 24),
        "submit": plain_text("Save", 24),
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
