"""Numbers, lengths and names in the sentences of checks. Moments: `bot.workflows.facts.moments`."""

from collections.abc import Sequence
from datetime import timedelta

_SIGNS = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))
LONGEST_QUOTE = 300


def rounded(number: int) -> str:
    """Three digits at most, cut: `412 M`, `1.01 B`, `950`."""
    for size, sign in _SIGNS:
        if number >= size:
            digits = max(0, 3 - len(str(number // size)))
            cut = f"{number * 10**digits // size / 10**digits:.{digits}f}"
            return f"{cut.rstrip('0').rstrip('.') if digits else cut} {sign}"
    return str(number)


def length(time: timedelta) -> str:
    """One unit, cut: `3 s`, `52 min`, `26 h`, `3 d`. Up to two days in hours, as a soak is counted."""
    seconds = max(0, int(time.total_seconds()))
    for size, unit, most in ((1, "s", 60), (60, "min", 60), (3600, "h", 48)):
        if seconds < size * most:
            return f"{seconds // size} {unit}"
    return f"{seconds // 86400} d"


def names(items: Sequence[str], most: int = 5) -> str:
    """`a and b`; beyond `most`, `a, b and 38 more`."""
    if len(items) > most:
        return f"{', '.join(items[:2])} and {len(items) - 2} more"
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def plural(number: int, one: str) -> str:
    """`1 row`, `17 rows`."""
    return f"{number:,} {one}" if number == 1 else f"{number:,} {one}s"


def quote(text: str) -> str:
    """Somebody else's words in code style: the first line that says something, and no backticks."""
    for line in text.splitlines():
        clean = "".join(sign for sign in line if sign.isprintable() and sign != "`").strip()
        if clean:
            return f"`{clean if len(clean) <= LONGEST_QUOTE else clean[: LONGEST_QUOTE - 1] + '…'}`"
    return ""


def linked(sentence: str, link: str | None) -> str:
    """A sentence that ends with where to look, if there is such a place."""
    return f"{sentence}: {link}" if link else f"{sentence}."
