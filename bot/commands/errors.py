"""A line that is wrong, on its way to becoming a `Mistake`. Not used outside this room."""

from dataclasses import dataclass, field
from typing import Final

from bot.commands.shapes import Flag

_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Used:
    """A flag as it was used, with its value as text."""

    flag: Flag
    value: str
    words_before: int = 0
    """How many words of the line stood before it."""


@dataclass(frozen=True, slots=True)
class TypedLine:
    """A line, sorted into words and flags. The order between the two has no meaning."""

    words: tuple[str, ...]
    used: tuple[Used, ...] = ()
    help: bool = False
    wrong: "UsageError | None" = None
    """The first thing wrong with a flag."""
    repaired: bool = False
    """`used` holds what was probably meant instead of everything that was wrong."""
    waiting: Flag | None = None
    """The last flag, if the line ends before its value."""


@dataclass(eq=False)
class UsageError(Exception):
    """What was wrong, and lines that may be what was meant."""

    problem: str
    word: str | None = None
    """What to suggest where no whole line can be."""
    retries: tuple[TypedLine, ...] = field(default=(), repr=False)
    also: TypedLine | None = field(default=None, repr=False)
    """Another line that is as likely meant as the first of them."""


def shown(word: str) -> str:
    """A typed word, fit to be repeated: printable, in quotes, and cut to a bearable length."""
    clean = "".join(letter for letter in word[: 4 * _SHOWN] if letter.isprintable())
    return f"“{clean}”" if len(clean) <= _SHOWN else f"“{clean[: _SHOWN - 1]}…”"


def joined(parts: list[str], word: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}" if len(parts) > 1 else "".join(parts)
