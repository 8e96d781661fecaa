"""The word that was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, NamedTuple

_LONGEST: Final = 40
"""Longer words are no misspelling of anything here, and comparing them would cost time."""


class Nearest(NamedTuple):
    """A known word near a typed one."""

    word: str
    clear: bool
    """One letter swapped, missing, extra or wrong (two in a long word), and no other word is as near."""


def nearest(typed: str, known: Iterable[str]) -> Nearest | None:
    """The known word nearest to what was typed (compared in lower case), or ``None`` if none is near."""
    word = typed.lower().replace("_", "-")
    if not word or len(word) > _LONGEST:
        return None
    names = list(known)
    ranked = sorted((distance(word, name), name) for name in names)
    best, name = ranked[0]
    alone = len(ranked) == 1 or ranked[1][0] > best
    if alone and best <= (2 if len(name) > 6 else 1):
        return Nearest(name, clear=True)
    begun = [name for name in names if name.startswith(word)]
    if len(begun) == 1 and len(word) >= 3:
        return Nearest(begun[0], clear=False)
    close = get_close_matches(word, names, n=1, cutoff=0.72)
    return Nearest(close[0], clear=False) if close else None


def distance(one: str, other: str) -> int:
    """How many slips lie between two words: a letter missing, extra, wrong, or two neighbours swapped."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, last, row = row, before, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
