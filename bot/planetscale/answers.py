"""Reading what came back, whatever it is: a model, PlanetScale's message, or how long to wait.

Nothing here raises. JSON goes through pydantic's parser, which bounds depth and the size of numbers.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

T = TypeVar("T")

LONGEST_SAID = 300
LONGEST_WAIT = 600.0
"""Seconds. The API counts by the minute; whoever asks for more than ten is asked again after ten."""

_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


def understood(adapter: TypeAdapter[T], body: bytes, odd: set[str] | None = None) -> T | None:
    """The model that `body` holds; `None` if it does not.

    `odd` is filled with the names of the parts that made no sense, and so count as not reported.
    """
    try:
        return adapter.validate_json(body, context=odd)
    except ValidationError:
        return None


def wait_asked(header: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks for, at most `LONGEST_WAIT`; `None` if it says nothing."""
    text = (header or "").strip()[:64]
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(0.0, (aware - now).total_seconds()), LONGEST_WAIT)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def message(body: bytes, secret: str, most: int = LONGEST_SAID) -> str | None:
    """What PlanetScale says in an error's body, as one clean line without `secret`; `None` if nothing.

    Its errors come as `{"code", "message"}` or `{"errors": [{"name", "errors": [...]}]}`; what proxies make
    of them, such as `{"error": "..."}`, is understood too. HTML and plain text are not for people.
    """
    try:
        value = from_json(body)
    except ValueError:
        return None
    return shortened(_clean("; ".join(_messages(value)), secret), most)


def code(body: bytes) -> str | None:
    """PlanetScale's code for an error; a list of what is wrong with the fields means `invalid_params`."""
    try:
        value = from_json(body)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    given = value.get("code")
    if isinstance(given, str):
        return given
    return "invalid_params" if value.get("errors") else None


def shortened(text: str, most: int = LONGEST_SAID) -> str | None:
    """The text, or as much of it as fits; `None` if it is empty."""
    return (text if len(text) <= most else text[: most - 1] + "…") or None


def _messages(value: Any, label: str = "") -> Iterator[str]:
    if isinstance(value, str):
        yield f"{label}: {value}" if label and value else value
    elif isinstance(value, list):
        for part in value[:20]:
            yield from _messages(part, label)
    elif isinstance(value, dict):
        name = value.get("name")
        label = name if isinstance(name, str) else label
        found = next((value[key] for key in ("message", "errors", "error") if value.get(key)), None)
        yield from _messages(found, label)


def _clean(text: str, secret: str) -> str:
    """The first line. A secret is taken out after what is invisible, which could have been hiding it."""
    line = next((line for line in text[:10_000].splitlines() if line.strip()), "")
    visible = "".join(sign for sign in line if unicodedata.category(sign) not in {"Cc", "Cf", "Cs"}).strip()
    return visible.replace(secret, "…") if secret else visible
