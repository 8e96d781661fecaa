"""What the small Slack keeps: people, channels, messages, views, and what was asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]
"""A JSON object, as Slack and the bot write them."""

TEAM = "T0ACME"
OTHER_TEAM = "T0OTHER"
ENTERPRISE = "E0ACME"
"""The organization whose workspaces share people, where there is one (Enterprise Grid)."""
DOMAIN = "acme"
APP = "A0WFBOT"
BOT = "B0WFBOT"
BOT_USER = "U0WFBOT"
PNG = b"\x89PNG\r\n\x1a\n"
"""How such a file begins."""
NOTICE_USER = "USLACKBOT"
"""Says what the chat itself has to say, e.g. that a command failed."""


class SlackError(Exception):
    """An answer with `ok: false`."""

    def __init__(self, error: str, **details: object) -> None:
        super().__init__(error)
        self.error = error
        self.details = details


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account. Replace it in `SmallSlack.people` to change it."""

    id: str
    name: str
    team: str = TEAM
    tz: str = "UTC"
    bot: bool = False
    restricted: bool = False
    ultra_restricted: bool = False
    stranger: bool = False
    deleted: bool = False
    known_as: str | None = None
    """On Enterprise Grid: their one id in the whole organization, beside the one in this workspace."""
    visible: bool = True
    """Whether the bot may be told of them."""


@dataclass(slots=True, kw_only=True)
class Channel:
    """A place to talk. `name` has no `#`; a direct message is named after the person."""

    id: str
    name: str
    members: set[str]
    kind: str = "channel"
    """`channel`, `private` or `dm`."""
    topic: str = ""
    shared: bool = False
    """Shared with another company."""
    archived: bool = False
    restricted: bool = False
    """Only admins may post."""


@dataclass(slots=True, kw_only=True)
class File:
    """A file that was shared in a channel."""

    id: str
    name: str
    title: str
    length: int
    alt_text: str = ""
    content: bytes | None = None

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown as one: by what is in it, not by its name."""
        return (self.content or b"").startswith(PNG)

    def json(self) -> Json:
        own: Json = {"id": self.id, "name": self.name, "title": self.title, "size": self.length}
        own["mimetype"] = "image/png" if self.is_picture else "text/plain"
        return own | ({"alt_txt": self.alt_text} if self.alt_text else {})


@dataclass(slots=True, kw_only=True)
class Message:
    """A message, or with `only_for` an ephemeral one."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    broadcast: bool = False
    """A reply that the channel shows too: one message in two places, edited and deleted in both."""
    metadata: Json | None = None
    files: list[File] = field(default_factory=list)
    edited: str | None = None
    only_for: str | None = None
    mrkdwn: bool = True
    notified: frozenset[str] = frozenset()
    """Who heard of it when it was posted."""

    @property
    def all_blocks(self) -> list[Json]:
        """Its own blocks, and those that stand beside a coloured edge."""
        return [*self.blocks, *(block for one in self.attachments for block in one.get("blocks", ()))]

    def json(self, *, with_metadata: bool = False) -> Json:
        """As the Web API and payloads show it."""
        answer: Json = {"type": "message", "ts": self.ts, "user": self.user, "text": self.text, "team": TEAM}
        if self.user == BOT_USER:
            answer |= {"bot_id": BOT, "app_id": APP}
        optional = {
            "subtype": "thread_broadcast" if self.broadcast else None,
            "blocks": self.blocks,
            "attachments": self.attachments,
            "thread_ts": self.thread_ts,
            "files": [file.json() for file in self.files],
            "edited": {"user": self.user, "ts": self.edited} if self.edited else None,
            "metadata": self.metadata if with_metadata else None,
        }
        return answer | {name: value for name, value in optional.items() if value}


@dataclass(slots=True, kw_only=True)
class View:
    """A modal or a Home tab, as the app described it."""

    id: str
    user: str
    body: Json
    hash: str
    root: str
    previous: str | None = None

    def json(self, values: Json | None = None) -> Json:
        """As the Web API and payloads show it."""
        defaults: Json = {
            "callback_id": "",
            "private_metadata": "",
            "close": None,
            "submit": None,
            "clear_on_close": False,
            "notify_on_close": False,
            "external_id": "",
        }
        own = {
            "id": self.id,
            "team_id": TEAM,
            "app_id": APP,
            "bot_id": BOT,
            "app_installed_team_id": TEAM,
            "hash": self.hash,
            "root_view_id": self.root,
            "previous_view_id": self.previous,
            "state": {"values": values or {}},
        }
        return defaults | self.body | own


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the bot, and what it was answered. The token is not kept."""

    at: datetime
    method: str
    """`chat.postMessage`, …; `response_url` for a use of one."""
    arguments: Mapping[str, Any]
    status: int
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Something delivered to the bot, and how the bot acknowledged it."""

    kind: str
    """`slash_commands`, `interactive` or `events_api`."""
    payload: Json
    over: str
    """`http` or `socket`."""
    status: int | None
    """The HTTP status (200 for an ack over a socket); `None` if none came in time or at all."""
    body: Any
    """The ack's body: parsed JSON, a text, or `None`."""
    milliseconds: float
    problem: str | None = None
    """`operation_timeout`, `dispatch_failed`, or `None`."""
    envelope: str = ""
    """The name of the envelope, over a socket."""

    @property
    def ok(self) -> bool:
        return self.problem is None
