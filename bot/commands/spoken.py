"""What is said to the bot in a message → the line that would be typed after ``/workflow``.

A message is not a slash command: Slack writes mentions and links in it in its own markup, escapes what was
typed, and people put a line among other words.
"""

import re
from dataclasses import dataclass
from typing import Final

_ENTITY: Final = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
"""A mention or a link. A `<` that somebody typed is `&lt;`."""
_MENTION: Final = r"<@[^<>]*>"
_EMPHASIS: Final = re.compile(r"(?<!\S)([*~]+)(?=\S)([^*~\n]+)(?<=\S)\1(?!\S)")
_MARKS: Final = "*_~`"
_QUOTE: Final = "&gt;"
_BEFORE: Final = " \t\u00a0,:;"
"""What people put between a name and what they say to it."""
_AFTER: Final = " \t\u00a0?!…"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What was said to the bot."""

    line: str
    """What would be typed: Slack's entities are still in it, as in a slash command."""
    whole: str
    """All of the message, for what must not be overlooked: a secret."""
    first: bool
    """The message begins with it: nothing was said before it to somebody else."""


def said_to(bot: str, text: str) -> Spoken:
    """What a message says to the bot whose user id is `bot`: the line that follows its first mention."""
    found = re.search(rf"<@{re.escape(bot)}(?:\|[^<>]*)?>", text) or re.search(_MENTION, text)
    before, after = (text[: found.start()], text[found.end() :]) if found else ("", text)
    opened = before[len(before.rstrip(_MARKS)) :]
    first = not before.strip().removeprefix(_QUOTE).strip(f" {_MARKS}")
    return Spoken(_line(after, opened), _readable(text), first)


def said_alone(bot: str, text: str) -> Spoken:
    """What somebody says to the bot where nobody else reads. Its name may be before it, and need not be."""
    if text.lstrip().startswith(f"<@{bot}"):
        return said_to(bot, text)
    return Spoken(_line(text, ""), _readable(text), first=True)


def _line(text: str, opened: str) -> str:
    """The first line that says something. `opened`: the emphasis that began before it."""
    line = next((one for one in _readable(text).splitlines() if one.strip(_BEFORE)), "")
    line = line.strip(_BEFORE).rstrip(_AFTER)
    line = line.removesuffix(opened[::-1]) if opened else line
    for mark in _MARKS[:-1]:
        if len(line) > 2 and line[0] == line[-1] == mark:
            line = line[1:-1]
    return _EMPHASIS.sub(r"\2", line).strip()


def _readable(text: str) -> str:
    """The text with what Slack shows in place of its markup. Mentions stay."""
    return _ENTITY.sub(_shown, text)


def _shown(entity: re.Match[str]) -> str:
    target, label = entity[1], entity[2]
    match target[:1]:
        case "@":
            return f"<{target}>"
        case "#":
            return f"#{label or target[1:]}"
        case "!":
            return label or f"@{target[1:]}"
    return label or target
