"""Which names may go into a request: nothing else that was typed comes near a URL."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LARGEST_NUMBER: Final = 2**63 - 1
"""No workflow number is larger; PlanetScale counts from 1 in each database."""

DASHES: Final = "-‐‑‒–—―−﹘﹣－⸺⸻"
"""The hyphen, and what phones and word processors make of it."""

_WIDE: Final = {ord("！") + place: chr(ord("!") + place) for place in range(94)}
"""Full-width letters, digits and signs, as Asian keyboards write them."""
_TO_HYPHEN: Final = str.maketrans(dict.fromkeys(DASHES, "-"))


class Thing(StrEnum):
    """What a word names. The values are how it is called in a sentence."""

    DATABASE = "database"
    BRANCH = "branch"
    KEYSPACE = "keyspace"
    TABLE = "table"
    ORGANIZATION = "organization"
    WORKFLOW = "workflow name"
    NUMBER = "workflow's number"
    SUB_COMMAND = "sub-command"


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    says: str


_LOWER: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,127}")
_WORD: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_LONG_WORD: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,127}")
# MySQL: 64 characters of the Basic Multilingual Plane. What is left out besides would look like a path.
_TABLE: Final = re.compile(r"[^/\\`\U00010000-\U0010ffff]{1,64}")
_LOWER_SAYS: Final = "lower-case letters, digits, “-” and “_”, beginning with a letter or digit, at most 128"
_WORD_SAYS: Final = "letters, digits, “-” and “_”, not beginning with “-”, at most"

# PlanetScale allows lower case, digits, "-" and "_" in databases and branches; a keyspace is a MySQL schema.
# Where PlanetScale states no length, the bound is only there to keep nonsense out.
_RULES: Final = {
    Thing.DATABASE: _Rule(_LOWER, _LOWER_SAYS),
    Thing.BRANCH: _Rule(_LOWER, _LOWER_SAYS),
    Thing.KEYSPACE: _Rule(_WORD, f"{_WORD_SAYS} 64"),
    Thing.WORKFLOW: _Rule(_WORD, f"{_WORD_SAYS} 64"),
    Thing.ORGANIZATION: _Rule(_LONG_WORD, f"{_WORD_SAYS} 128"),
    Thing.TABLE: _Rule(_TABLE, "at most 64 visible characters, without /, \\ and backticks"),
}
_NUMBER: Final = re.compile(r"\(?(?:#|№|[Nn][or]\.)?0*([1-9][0-9]{0,18})[.,;:!?)]?")
"""As people write it in a sentence: ``3``, ``#3``, ``№3``, ``no.3``, ``3.``, ``(3)``."""
_ENDS: Final = ".,;:!?)"
"""What stands after a name in a sentence."""
_BOTH: Final = re.compile(r"([^#/]+)[#/]+([0-9]+)|([^#/]*[^\W\d_])([0-9]+)")


def fits(thing: Thing, name: str) -> bool:
    """Whether PlanetScale can have such a name. True never for ``.``, ``..``, or anything invisible.

    All but tables are then safe in a URL as they are; tables only ever travel in a body.
    """
    if _RULES[thing].pattern.fullmatch(name) is None:
        return False
    if thing is Thing.TABLE:
        return name.isprintable() and name == name.strip() and name not in {".", ".."}
    return True


def rule(thing: Thing) -> str:
    """What such a name may consist of, to follow "is not a … name:"."""
    return _RULES[thing].says


def repaired(thing: Thing, name: str) -> str | None:
    """The name that was probably meant: with plain hyphens and letters, in lower case where only that is
    allowed, without the end of a sentence. Tables may have any letters: theirs stay."""
    plain = name.strip().translate(_TO_HYPHEN)
    if thing is not Thing.TABLE:
        plain = plain.translate(_WIDE).rstrip(_ENDS)
    for candidate in (plain, plain.lower()):
        if candidate != name and fits(thing, candidate):
            return candidate
    return None


def number(word: str) -> int | None:
    """A workflow number, 1 to `LARGEST_NUMBER`, in ASCII or full-width digits, as people write it in a
    sentence; else ``None``."""
    match = _NUMBER.fullmatch(word.translate(_WIDE))
    if match is None:
        return None
    value = int(match[1])
    return value if value <= LARGEST_NUMBER else None


def workflow_name(word: str) -> str | None:
    """A workflow's name, or its beginning, as people type it: perhaps in code marks, with a phone's dashes.

    `None` for what can be no name, and for digits alone: those are a number, right or wrong.
    """
    name = plain_hyphens(word.strip("`"))
    return name if fits(Thing.WORKFLOW, name) and not name.isdigit() else None


def too_large(word: str) -> bool:
    """Whether it is a whole number, only larger than any workflow's."""
    digits = word.translate(_WIDE).strip("(#№" + _ENDS)
    return digits.isascii() and digits.isdigit() and digits.strip("0") != "" and number(word) is None


def taken_apart(word: str) -> tuple[str, str] | None:
    """A database and a number that were written as one word: ``shop/3``, ``shop#3``, ``shop3``.

    Whether the first can be a database is not looked at.
    """
    match = _BOTH.fullmatch(word)
    if match is None:
        return None
    database, digits = match[1] or match[3], match[2] or match[4]
    return (database, digits) if number(digits) else None


def plain_hyphens(word: str) -> str:
    """The word with every dash as the plain hyphen."""
    return word if word.isascii() else word.translate(_TO_HYPHEN)
