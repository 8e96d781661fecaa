"""What a person reads of many messages, as it is written down: `=== name`, then the lines, then `(text)`."""

import re
from pathlib import Path

from bot.slack.cards.blocks.rich import Message
from tests.slack.cards.stories import lines

EXPECTED = Path(__file__).parent / "expected"


def expected(name: str) -> dict[str, list[str]]:
    """The messages of one file by their names."""
    found: dict[str, list[str]] = {}
    for block in re.split(r"^=== ", (EXPECTED / f"{name}.txt").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        scene, _, text = block.partition("\n")
        found[scene] = text.strip().splitlines()
    return found


def as_read(message: Message) -> list[str]:
    """The lines of a message, with its notification."""
    return [*lines(message), f"(text) {message.text}"]
