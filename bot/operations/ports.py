"""What operations need of rooms above them: who somebody is, how to tell them something, what to wake."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.approvals.people import NamedPeople, Person
from bot.operations.events import Event
from bot.operations.model import Operation, Story
from bot.operations.storage.press_rows import Press


@dataclass(frozen=True, slots=True)
class Known:
    """A person, and what they are called."""

    person: Person
    name: str


class Directory(Protocol):
    """Who somebody is, asked anew each time."""

    async def who(self, user_id: str, *named: NamedPeople) -> Known:
        """The person, with those groups of `named` that they are in: nothing is remembered from before.

        Only groups on which it depends whether the person is among the named are asked for. A person of whom
        Slack says nothing is `Standing.UNKNOWN`; of a group, `Person.unread` says why.
        """
        ...

    def was_member(self, user_id: str) -> bool:
        """Whether this process lately saw a full member in them: enough to begin to read for them beside the
        look-up, and to tell or decide nothing.
        """
        ...

    async def members(self, group: str) -> frozenset[str] | None:
        """Who is in a user group; `None` if Slack could not say."""
        ...

    async def shared(self, channel: str) -> bool | None:
        """Whether people of other companies see this channel; `None` if Slack could not say."""
        ...

    async def may_not_post(self, channel: str) -> bool:
        """Whether the bot is not in this channel: its card may be taken nowhere, which is found out later."""
        ...


class PrivateAnswer(StrEnum):
    """What one person is told privately. A reason of `bot.approvals.decide` is told by its own name."""

    CONFIRM = "confirm"
    """The question to the requester, with its two buttons."""
    CONFIRMED = "confirmed"
    """The requester said yes: the question is over."""
    NOT_NOW = "not_now"
    """The requester said no: the question is over."""
    CARD_POSTED = "card_posted"
    BLOCKED = "blocked"
    WHICH = "which"
    """The number was left out, and more than one workflow can be meant, or none."""
    NEEDS_FORCE = "needs_force"
    NEEDS_REASON = "needs_reason"
    """The policy wants to know why, or it is forced, and it was not said."""
    NOT_ALLOWED = "not_allowed"
    """The policy does not let this person ask."""
    NOT_A_MEMBER = "not_a_member"
    WHO_ARE_YOU = "who_are_you"
    ASK_IN_A_CHANNEL = "ask_in_a_channel"
    NOWHERE = "nowhere"
    """Slack took the card in no channel."""
    SHARED_CHANNEL = "shared_channel"
    UNKNOWN_CHANNEL = "unknown_channel"
    """Slack could not say who reads the channel where it was asked, and there is no other."""
    NOT_THE_REQUESTER = "not_the_requester"
    REASON_STAYS = "reason_stays"
    """The requester has said why already: others decide by it."""
    NOBODY_ASKED = "nobody_asked"
    """Whom the requester chose to ask cannot approve; the detail says why."""
    FORM_NOT_OPENED = "form_not_opened"
    """Slack did not open the form in which the requester says why."""
    REASON_NOT_ASKED = "reason_not_asked"
    """Slack did not open the form for the reason of a denial, which counted."""


class Responder(Protocol):
    """Tells one person something, as well as it can: a lost private answer is no loss of state."""

    async def tell(
        self, response_url: str, what: PrivateAnswer | str, story: Story, detail: str | None = None
    ) -> bool:
        """Answer at `response_url`, visible to that person only. Whether it was taken.

        `detail`: a sentence that belongs to this answer alone.
        """
        ...

    async def ask_why(self, trigger_id: str, operation_id: str) -> bool:
        """Ask whoever denied for a reason. Whether the form was opened."""
        ...

    async def ask_why_first(self, press: Press) -> bool:
        """Ask whoever wants to deny for the reason without which it does not count. Whether it was opened."""
        ...


@dataclass(frozen=True, slots=True)
class Telling:
    """A reply or a call that the board should hold."""

    event: Event
    in_thread: bool
    """It is no call: a reply alone, which the channel is not shown."""
    data: Mapping[str, Any] = field(default_factory=dict)
    to: str | None = None
    """Whom it is told in a direct message: under their copy of the card, if they have one."""


class CardBoard(Protocol):
    """The message board, as far as operations use it. Within the transaction that changes the state."""

    def link(self, connection: Connection, operation_id: str) -> str | None:
        """The address of an operation's card, once people can see it."""
        ...

    def card(self, connection: Connection, operation: Operation, now: datetime) -> None:
        """The operation's card should exist, and is out of date now. So are its direct copies."""
        ...

    def tell(self, connection: Connection, operation: Operation, telling: Telling, now: datetime) -> None:
        """This event should be told, once."""
        ...

    def outdate(
        self, connection: Connection, operation_id: str, now: datetime, event: Event | None = None
    ) -> None:
        """The card, or what was told of `event`, is out of date if it is in Slack. Nobody is told."""
        ...

    def adopt(
        self, connection: Connection, operation: Operation, channel: str, ts: str, now: datetime
    ) -> None:
        """Somebody pressed a button on this message: it is a copy of the card."""
        ...
