"""Numbers, times and names as people read them."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

BAR_FULL, BAR_EMPTY = "▓", "░"

_SIGNS = ((1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k"))


def count(number: int) -> str:
    """Three digits at most, cut: `412 M`, `1.01 B`, `41 k`, `950`."""
    for size, sign in _SIGNS:
        if number >= size:
            whole = number // size
            digits = 2 if whole < 10 else 1 if whole < 100 else 0
            scaled = number * 10**digits // size
            text = f"{scaled / 10**digits:.{digits}f}"
            return f"{text.rstrip('0').rstrip('.') if digits else text} {sign}"
    return str(number)


def duration(length: timedelta) -> str:
    """Two units at most: `14 s`, `52 min`, `6 h 10 min`, `2 d 4 h`."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if hours < 1:
        return f"{minutes} min"
    if days < 1:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"


def ago(moment: datetime, now: datetime) -> str:
    """How long since `moment`; clocks that disagree by a little read as `just now`."""
    passed = now - moment
    if passed < timedelta(seconds=60):
        return "just now"
    return f"{coarse(passed)} ago"


def coarse(length: timedelta) -> str:
    """One unit only, cut: for ages. Up to two days in hours, as an operator counts a soak."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < 3600:
        return duration(length)
    if seconds < 2 * 86400:
        return f"{seconds // 3600} h"
    return f"{seconds // 86400} d"


def remaining(seconds: float) -> str:
    """What is left of something, in minutes: `40 min`, `1 h 20 min`."""
    return duration(timedelta(minutes=max(1, round(seconds / 60))))


def names(items: Sequence[str], most: int = 5) -> str:
    """`a and b`; beyond `most`, `a, b and 38 more`."""
    if len(items) > most:
        return f"{', '.join(items[:2])} and {len(items) - 2} more"
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """`1 row`, `17 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def bar(percent: int, width: int) -> str:
    """A bar of `width` signs; a full one only at 100 %."""
    full = max(0, min(width, percent * width // 100))
    return BAR_FULL * full + BAR_EMPTY * (width - full)


def columns(text: str) -> int:
    """How many columns `text` takes where letters are of equal width: wide signs take two, accents none."""
    if text.isascii():
        return len(text)
    return sum(_columns(sign) for sign in text)


def _columns(sign: str) -> int:
    if unicodedata.category(sign) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1


def padded(text: str, width: int, *, right: bool = False) -> str:
    """`text` with spaces up to `width` columns, after it or (`right`) before it."""
    space = " " * (width - columns(text))
    return space + text if right else text + space


def cut(text: str, width: int) -> str:
    """At most `width` columns; what was cut is marked by an ellipsis."""
    if columns(text) <= width:
        return text
    left = width - 1
    for place, sign in enumerate(text):
        left -= _columns(sign)
        if left < 0:
            return f"{text[:place]}…"
    return text


def first_line(text: str, limit: int = 300) -> str:
    """The first line that says something, without control characters, at most `limit` characters."""
    for line in text.splitlines():
        clean = "".join(sign for sign in line if sign.isprintable()).strip()
        if clean:
            return clean if len(clean) <= limit else clean[: limit - 1] + "…"
    return ""


def calendar(moment: datetime, now: datetime) -> str:
    """A moment for a column: `02:14` today, `Mon 09:10` within a week, else `3 Nov` or `3 Nov 2025`.

    Both moments must be in the reader's zone already.
    """
    if moment.date() == now.date():
        return f"{moment:%H:%M}"
    if timedelta() <= now - moment < timedelta(days=6):
        return f"{moment:%a %H:%M}"
    return f"{moment.day} {moment:%b}" if moment.year == now.year else f"{moment.day} {moment:%b %Y}"


def dated(moment: datetime, now: datetime) -> str:
    """A moment for a column that is read on other days, too: `23 Nov 02:14`, or `3 Nov 2025`."""
    year = moment.year == now.year
    return f"{moment.day} {moment:%b %H:%M}" if year else f"{moment.day} {moment:%b %Y}"
