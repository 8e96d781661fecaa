"""Buttons under private answers that send a line: what is pressed is as if the presser had typed it."""

from collections.abc import Sequence
from typing import Final

from bot.commands.shapes import PREFIX
from bot.slack.cards.blocks.controls import BUTTON_VALUE, Button

RUN: Final = "qa_run"
"""Action ids are this, a dot and a number, because no two buttons of a message may have the same one."""
REFRESH: Final = "qa_refresh"
"""The value is the line of the question, which is read again; the answer takes the place of the old one."""
MOST: Final = 5


def run_buttons(lines: Sequence[tuple[str, str]]) -> tuple[Button, ...]:
    """Buttons for complete lines, each with its label. None is made of a line that no button can hold."""
    fit = [(label, line) for label, line in lines if len(line) <= BUTTON_VALUE]
    return tuple(Button(label, f"{RUN}.{place}", line) for place, (label, line) in enumerate(fit[:MOST], 1))


def meant_buttons(lines: Sequence[str]) -> tuple[Button, ...]:
    """Under "Did you mean": one says only what it does, several say which line they run."""
    labels = ["Run"] if len(lines) == 1 else [f"Run {line.removeprefix(PREFIX).strip()}" for line in lines]
    return run_buttons(list(zip(labels, lines, strict=True)))


def refresh_button(line: str) -> Button:
    """Asks the same again."""
    return Button("Refresh", REFRESH, line)
