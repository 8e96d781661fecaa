"""What is looked for in the bot's own record, and a page of what was found. Plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.operations.model import Story
from bot.subjects.model import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for."""

    organization: str
    database: str
    ref: Ref | None = None
    by: frozenset[str] | None = None
    """Slack user ids: whoever asked or decided is one of them."""
    action: str | None = None
    since: datetime | None = None
    denied: bool = False
    refused: bool = False
    """What was refused before anybody else saw it; else it is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of what was found."""

    stories: Sequence[Story]
    number: int
    of: int
    """How many pages there are, at least one."""
    found: int
    refused: int
    """How many that were refused at once are left out."""
    ignored: Mapping[str, int]
    """How many presses did not count, by operation id."""
