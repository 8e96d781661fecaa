"""What is approved, as one short text that changes whenever something changes that was decided about."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

from bot.commands.model import ActionName
from bot.workflows.facts.states import State

Argument = str | bool | int | tuple[str, ...] | None

_PREFIX_LENGTH: Final = 16
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_BUTTON: Final = re.compile(r"([A-Za-z0-9_-]{1,64}):([0-9a-f]{16})")
_COPIED: Final = frozenset({State.RUNNING, State.VERIFIED_DATA})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asked for, and what was seen when they did. `None` is "not reported"."""

    organization: str
    database: str
    workflow_id: str | None
    number: int | None
    """`None` for a create: there is no workflow yet."""
    branch: str | None
    action: ActionName
    arguments: Mapping[str, Argument]
    """All that goes into the request besides the workflow's name."""
    force: bool
    source_keyspace: str | None
    target_keyspace: str | None
    global_keyspace: str | None = None
    tables: tuple[str, ...] | None
    state: str | None
    """As PlanetScale names it; `None` for a create."""
    replicas_switched: bool | None
    primaries_switched: bool | None
    required: int
    approvers: tuple[str, ...]
    """The user and user-group ids that the policy names; their order means nothing."""


class Button(NamedTuple):
    """What the value of a card's button says. Anybody could have made it up."""

    operation_id: str
    prefix: str


def digest(what: Asked) -> str:
    """SHA-256 in lower-case hex over canonical JSON of `what`.

    The order of tables, approvers and arguments means nothing, and neither does the step from one state to
    another of the same stage (`stage_of`). Warnings are not in it: a new one is looked for apart from it.
    """
    facts = {field.name: getattr(what, field.name) for field in fields(what)}
    facts["arguments"] = dict(what.arguments)
    facts["tables"] = None if what.tables is None else sorted(set(what.tables))
    facts["approvers"] = sorted(set(what.approvers))
    facts["state"] = what.state and stage_of(
        what.state, replicas_switched=what.replicas_switched, primaries_switched=what.primaries_switched
    )
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def stage_of(state: str, *, replicas_switched: bool | None, primaries_switched: bool | None) -> str:
    """The stage that `state` belongs to; most are a stage of their own.

    `running` and `verified_data` are one stage while nothing is switched. The one becomes the other when a
    verification ends and when it grows stale, and what an action does is the same in both. How good the
    verification is belongs to the checks, which supersede a request when one of them gets worse.
    """
    if state in _COPIED and not (replicas_switched or primaries_switched):
        return "copied, nothing switched"
    return state


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


def read_button(value: object) -> Button | None:
    """What a button's value says, or `None` if it was not made by `button_value`. Never raises."""
    found = _BUTTON.fullmatch(value) if isinstance(value, str) else None
    return Button(found[1], found[2]) if found else None
