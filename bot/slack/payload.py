"""Parts of what Slack sends. Everything in it may be made up: what is missing or of another kind is empty."""

from collections.abc import Mapping
from typing import Any


def part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part that is an object."""
    found = body.get(name)
    return found if isinstance(found, Mapping) else {}


def enterprise_of(body: Mapping[str, Any]) -> str | None:
    """The organization on Enterprise Grid, which stands in the team where it does not stand by itself."""
    return text(part(body, "enterprise"), "id") or text(part(body, "team"), "enterprise_id") or None


def text(body: Mapping[str, Any], name: str) -> str:
    """A part that is a text."""
    found = body.get(name)
    return found if isinstance(found, str) else ""
