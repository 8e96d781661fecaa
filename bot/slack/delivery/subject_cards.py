"""How a kind of subject reads in Slack, as far as the board and the courier ask for it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.operations.model import Operation, Story
from bot.slack.cards.blocks.rich import Message
from bot.subjects.model import Observed
from bot.watch.model import Watch
from bot.watch.ports import News


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """News, with what is known of their telling."""

    news: News
    card_link: str | None = None
    """Of the operation that caused them."""
    called_later: Collection[str] = ()
    """Whom newer calls about the same subject mention: nobody is called twice for what comes at once."""
    at: datetime | None = None
    """When they went to Slack, where they are there: they go on reading as they did then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Links between the live messages of one watch, of which each but the first was brought to the bottom."""

    to: str | None = None
    """The newest: then this one is only the link to it."""
    since: str | None = None
    """The one before this: what was told until then stands in its thread."""


LinkOf = Callable[[str], str | None]
"""The address of an operation's card, by its id, once it is in Slack where others can open it."""


class SubjectCards(Protocol):
    """The messages about one kind of subject."""

    def card(self, story: Story, now: datetime) -> Message:
        """The card of an operation."""
        ...

    def event(self, subject: Mapping[str, Any], story: Story, now: datetime) -> Message:
        """What is told of an operation besides."""
        ...

    def parts(self, story: Story) -> int:
        """How many replies the full list of what is deleted takes."""
        ...

    def live(
        self, connection: Connection, watch: Watch, now: datetime, moved: Moved, link_of: LinkOf
    ) -> Message:
        """The live message."""
        ...

    def news(self, connection: Connection, watch: Watch, told: Told, now: datetime) -> Message:
        """A piece of news."""
        ...

    def nowhere(self, watch: Watch) -> Message:
        """That Slack takes the live message nowhere, for whoever is called for it."""
        ...

    def changed(
        self, connection: Connection, watch: Watch, before: Observed, told: Mapping[str, News]
    ) -> Iterator[str]:
        """The keys of messages that read otherwise since `before`. `told`: the latest news by their keys."""
        ...


CardsOf = Callable[[Operation | Watch], SubjectCards]
"""The messages about the subject of an operation, or about a watched one."""
