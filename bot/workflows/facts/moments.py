"""Moments in sentences that are kept: ISO 8601 in UTC, so that each reader can be shown their own time.

An age would be wrong a minute later, wherever the sentence still stands. Text between backticks is somebody
else's, and no moment of ours.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

_MOMENT: Final = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\b")


def stamp(moment: datetime) -> str:
    """The moment as it stands in a sentence, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def since(moment: datetime | None) -> str:
    """` since …`, or nothing where it is not known."""
    return f" since {stamp(moment)}" if moment else ""


def parts_of(sentence: str) -> Iterator[str | datetime]:
    """The sentence with its moments as such, in order."""
    end = 0
    for found in _MOMENT.finditer(sentence):
        moment = _read(found[0])
        if moment is None:
            continue
        if found.start() > end:
            yield sentence[end : found.start()]
        yield moment
        end = found.end()
    if end < len(sentence):
        yield sentence[end:]


def _read(text: str) -> datetime | None:
    """`None` for what only looks like a moment: there is no 31 February."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
