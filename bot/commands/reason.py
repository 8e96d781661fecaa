"""Why somebody asks for something, or denies it, in their own words: what is kept of them."""

from typing import Final

from bot.commands.secret import find_secret
from bot.commands.tokens import plain, straight

LONGEST: Final = 300
"""Characters that are kept."""
PLACEHOLDER: Final = "…"
"""Stands for the words in a line that is handed out; it is not taken for a reason."""

_NOT_TAKEN: Final = (
    "That looks like a secret, so it was not taken. A token that was typed here should be replaced."
)


def worded(text: str) -> str:
    """The words on one line, with straight quotes and nothing that hides or turns round its neighbours."""
    shown = (sign if sign.isprintable() else " " if sign.isspace() else "" for sign in straight(text))
    return " ".join("".join(shown).split())


def wrong_with(text: str) -> str | None:
    """Why these words are not taken, as a sentence; `None` if they are. No part of them is repeated."""
    kept = worded(text)
    if find_secret(plain(text)):
        return _NOT_TAKEN
    if not any(sign.isalnum() for sign in kept):
        return "The reason is empty: say in a few words why."
    if len(kept) > LONGEST:
        return f"The reason has {len(kept):,} characters; at most {LONGEST} are kept."
    return None
