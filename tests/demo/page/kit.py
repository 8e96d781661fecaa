"""Blocks for tests, written briefly."""

from typing import Any

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def section(text: str, **more: Any) -> Block:
    return {"type": "section", "text": mrkdwn(text)} | more


def button(label: str, action: str, **more: Any) -> Block:
    return {"type": "button", "text": plain(label), "action_id": action, "value": "7f3"} | more


def actions(*elements: Block) -> Block:
    return {"type": "actions", "block_id": "buttons", "elements": list(elements)}


def option(text: str, value: str) -> Block:
    return {"text": plain(text), "value": value}


def field(name: str, element: Block, label: str | None = None, **more: Any) -> Block:
    element = {"action_id": name} | element
    return {"type": "input", "block_id": name, "label": plain(label or name), "element": element} | more


def modal(*blocks: Block, **more: Any) -> Block:
    view = {"type": "modal", "title": plain("Create"), "submit": plain("Go"), "blocks": list(blocks)}
    return view | more


def confirm(text: str = "Sure?") -> Block:
    return {
        "title": plain("Switch primaries now?"),
        "text": mrkdwn(text),
        "confirm": plain("Approve and switch"),
        "deny": plain("Go back"),
        "style": "danger",
    }


def text(words: str, **style: bool) -> Block:
    return {"type": "text", "text": words} | ({"style": style} if style else {})


def rich(*parts: Block) -> Block:
    return {"type": "rich_text", "elements": list(parts)}


def line(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def preformatted(words: str) -> Block:
    return {"type": "rich_text_preformatted", "elements": [text(words)]}
