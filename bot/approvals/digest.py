"""What is approved, as one short text that changes whenever something changes that was decided about."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

Argument = str | bool | int | tuple[str, ...] | None

_PREFIX_LENGTH: Final = 16
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_BUTTON: Final = re.compile(r"([A-Za-z0-9_-]{1,64}):([0-9a-f]{16})")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """What somebody asked for, and what was seen when they did. `None` is "not reported"."""

    organization: str
    database: str
    action: str
    """Its name."""
    arguments: Mapping[str, Argument]
    """All that goes into the request besides the name of its subject."""
    force: bool
    shown: Mapping[str, Argument]
    """What is shown of the subject, by names that differ from those here."""
    required: int
    approvers: tuple[str, ...]
    """The user and user-group ids that the policy names; their order means nothing."""


class ButtonValue(NamedTuple):
    """What the value of a card's button says. Anybody could have made it up."""

    operation_id: str
    prefix: str


def digest(what: AskedFor) -> str:
    """SHA-256 in lower-case hex over canonical JSON of `what`.

    The order of names, approvers and arguments means nothing. Warnings are not in it: a new one is looked for
    apart from it.
    """
    facts = {field.name: getattr(what, field.name) for field in fields(what)}
    facts |= {name: _in_order(value) for name, value in facts.pop("shown").items()}
    facts["arguments"] = dict(what.arguments)
    facts["approvers"] = _in_order(what.approvers)
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _in_order(value: Argument) -> object:
    return sorted(set(value)) if isinstance(value, tuple) else value


def prefix(digest: str) -> str:
    """The part of a digest that a button carries: its first 16 characters."""
    return digest[:_PREFIX_LENGTH]


def matches(carried: str, digest: str) -> bool:
    """Whether a button's part is that of `digest`. Never, if either of them is no such thing."""
    return bool(_DIGEST.fullmatch(digest)) and carried == prefix(digest)


def button_value(operation_id: str, digest: str) -> str:
    """The value for a card's buttons. Raises `ValueError` for what `read_button` could not read again."""
    value = f"{operation_id}:{prefix(digest)}"
    if not _DIGEST.fullmatch(digest) or not _BUTTON.fullmatch(value):
        msg = (
            "an operation id of 1 to 64 letters, digits, - and _, and a SHA-256 in lower-case hex are needed"
        )
        raise ValueError(msg)
    return value


def read_button(value: object) -> ButtonValue | None:
    """What a button's value says, or `None` if it was not made by `button_value`. Never raises."""
    found = _BUTTON.fullmatch(value) if isinstance(value, str) else None
    return ButtonValue(found[1], found[2]) if found else None
