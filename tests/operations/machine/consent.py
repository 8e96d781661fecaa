"""Whether people agreed to a request that left: the oracle's own bookkeeping."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

WINDOW = timedelta(minutes=5)
MOST_DOUBTS = 10
"""More presses than this of which nobody can say whether they count are not looked into."""


@dataclass(frozen=True, slots=True)
class Word:
    """A press, and whether it can count: two answers where Slack changed its mind before the sending."""

    user: str
    kind: str
    at: datetime
    counts: frozenset[bool]


def agreed(words: Sequence[Word], required: int, left: datetime, fits: Callable[[str], bool]) -> bool:
    """Whether the last words, in the order of receipt, let a request leave at that moment.

    `required`: how many others; 0: the requester's own confirmation. Any way to count the doubtful will do.
    `fits`: whether somebody was looked up again just before, and still counted.
    """
    if sum(len(word.counts) > 1 for word in words) > MOST_DOUBTS:
        return True
    return any(_agreed(counted, required, left, fits) for counted in _ways(words))


def _ways(words: Sequence[Word]) -> Iterator[list[Word]]:
    for choice in product(*(sorted(word.counts) for word in words)):
        yield [word for word, counts in zip(words, choice, strict=True) if counts]


def _agreed(counted: Sequence[Word], required: int, left: datetime, fits: Callable[[str], bool]) -> bool:
    confirmed = required == 0
    enough = max(required, 1)
    standing: dict[str, datetime] = {}
    for word in counted:
        is_full = len(standing) >= enough
        match word.kind:
            case "deny" | "withdraw":
                return False
            case "not_now" if not is_full:
                return False
            case "confirm" if confirmed and not is_full:
                standing[word.user] = word.at
            case "approve" if not confirmed and not is_full:
                standing.setdefault(word.user, word.at)
            case "take_back" | "dropped":
                standing.pop(word.user, None)
    return all(map(fits, standing)) and len(standing) >= enough and left <= max(standing.values()) + WINDOW
