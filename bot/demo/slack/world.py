"""The state of the small Slack and its rules: who may post where, what becomes of messages, tickets."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from bot.clock import Clock
from bot.demo.slack import people as start
from bot.demo.slack.blockkit import (
    TEXT_IN_BLOCKS,
    attachment_problems,
    message_problems,
    text_length,
    with_ids,
)
from bot.demo.slack.model import Channel, File, Json, Message, SlackError, View
from bot.demo.slack.notifying import notified
from bot.demo.slack.present import Presenter
from bot.demo.slack.words import Words

TRIGGER_SECONDS = 3.0
TEXT = 40_000
METADATA = 8_000
"""Characters of a message's metadata."""


@dataclass(slots=True)
class Trigger:
    """A `trigger_id`: whose it is, until when, and whether it was used."""

    user: str
    until: float
    used: bool = False


class Changes:
    """A number that grows with every change, and a way to wait for it to grow."""

    def __init__(self) -> None:
        self.version = 0
        self.stopped = False
        self._waiting: set[asyncio.Event] = set()

    def tell(self) -> None:
        self.version += 1
        self._wake()

    def stop(self) -> None:
        """Let everybody who waits go, now and in future."""
        self.stopped = True
        self._wake()

    async def newer_than(self, version: int) -> int:
        """The version, as soon as it is newer than `version`, or when stopped."""
        while self.version <= version and not self.stopped:
            event = asyncio.Event()
            self._waiting.add(event)
            try:
                await event.wait()
            finally:
                self._waiting.discard(event)
        return self.version

    async def until_stopped(self) -> None:
        while not self.stopped:
            await self.newer_than(self.version)

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()


@dataclass(slots=True)
class Draft:
    """What somebody wants to post."""

    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    keeps_attachments: bool = False
    """Nothing is said of attachments: those that an edited message has stay."""
    metadata: Json | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    mrkdwn: bool = True

    def check(self, most: int = TEXT) -> None:
        """Raises `SlackError` as Slack would refuse it; `most` characters of text are let through."""
        problems = message_problems(self.blocks)
        if problems:
            raise SlackError("invalid_blocks", errors=problems, response_metadata={"messages": problems})
        problems = attachment_problems(self.attachments)
        if problems:
            raise SlackError("invalid_attachments", errors=problems, response_metadata={"messages": problems})
        if text_length([self.blocks, self.attachments]) > TEXT_IN_BLOCKS:
            raise SlackError("msg_blocks_too_long")
        if len(self.text) > most:
            raise SlackError("msg_too_long")
        self._check_metadata()
        if not (self.text.strip() or self.blocks or self.attachments):
            raise SlackError("no_text")

    def _check_metadata(self) -> None:
        if self.metadata is None:
            return
        named, payload = self.metadata.get("event_type"), self.metadata.get("event_payload")
        if not isinstance(named, str) or not named or not isinstance(payload, dict):
            raise SlackError("invalid_metadata_format")
        if len(json.dumps(self.metadata)) > METADATA:
            raise SlackError("metadata_too_large")


class World:
    """All of the state. Changed only through its methods; everything is in memory."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.public_url = "http://127.0.0.1"
        """Where the Web API is mounted, without a slash at the end."""
        self.page_url = "http://127.0.0.1"
        self.changes = Changes()
        self.people = start.people()
        self.channels = start.channels()
        self.usergroups = start.usergroups()
        self.messages: list[Message] = []
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.open_views: dict[str, list[str]] = {}
        """Per person, the stack of open modals; the last one is seen."""
        self.homes: dict[str, View] = {}
        self.loaded: dict[str, list[Json]] = {}
        """Per action id, the options that the bot offered last."""
        self.triggers: dict[str, Trigger] = {}
        self._numbers = itertools.count(1)
        self._last = clock.now() - timedelta(days=1)

    def number(self) -> int:
        """A number that was not given out before."""
        return next(self._numbers)

    def new_ts(self) -> str:
        """A message's name: the moment with microseconds, always later than the one before."""
        moment = max(self.clock.now(), self._last + timedelta(microseconds=1))
        self._last = moment
        whole = int(moment.timestamp())
        return f"{whole}.{moment.microsecond:06d}"

    def presenter(self, user: str | None = None) -> Presenter:
        """How things read for `user`; in UTC for nobody in particular."""
        zone = self.people[user].tz if user else "UTC"
        return Presenter(Words(self.people, self.channels, self.usergroups, self.clock.now(), zone, user))

    # places

    def channel_for(self, name: str, author: str) -> Channel:
        """The channel named by its id, `#name` or a person's id. Raises `channel_not_found`."""
        for channel in self.channels.values():
            by_name = channel.kind != "dm" and name.removeprefix("#") == channel.name
            if name == channel.id or by_name or (channel.kind == "dm" and name == channel.name):
                if channel.kind != "channel" and author not in channel.members:
                    break
                return channel
        raise SlackError("channel_not_found")

    def may_post(self, channel: Channel, author: str) -> None:
        """Raises `SlackError` unless the author may post there."""
        if channel.archived:
            raise SlackError("is_archived")
        if author not in channel.members:
            raise SlackError("not_in_channel")
        if channel.restricted:
            raise SlackError("restricted_action")

    # messages

    def post(self, channel: Channel, author: str, draft: Draft, *, only_for: str | None = None) -> Message:
        """Add a checked message. Raises `thread_not_found` when there is no such thread."""
        if draft.thread_ts and not only_for and not self.find(channel.id, draft.thread_ts):
            raise SlackError("thread_not_found")
        message = Message(
            channel=channel.id,
            ts=self.new_ts(),
            user=author,
            text=draft.text,
            attachments=draft.attachments,
            thread_ts=draft.thread_ts,
            broadcast=draft.broadcast and draft.thread_ts is not None,
            metadata=draft.metadata,
            only_for=only_for,
            mrkdwn=draft.mrkdwn,
        )
        self._fill(message, draft)
        shown = [*message.blocks, *(block for one in message.attachments for block in one["blocks"])]
        message.notified = frozenset() if only_for else notified(channel, author, shown, self.usergroups)
        self.messages.append(message)
        self.changes.tell()
        return message

    def edit(self, message: Message, draft: Draft) -> None:
        """Show something else in place of a message. What the draft leaves out is dropped, but attachments,
        which Slack keeps until it is told otherwise."""
        message.text, message.mrkdwn = draft.text, draft.mrkdwn
        message.metadata = draft.metadata or message.metadata
        message.broadcast = message.broadcast or draft.broadcast
        self._fill(message, draft)
        message.edited = self.new_ts()
        self.changes.tell()

    def _fill(self, message: Message, draft: Draft) -> None:
        message.blocks = with_ids(draft.blocks, f"b{self.number()}-")
        if draft.keeps_attachments:
            return
        message.attachments = [
            attachment | {"id": place, "blocks": with_ids(attachment.get("blocks", []), f"a{self.number()}-")}
            for place, attachment in enumerate(draft.attachments, 1)
        ]

    def unfurl(self, message: Message, unfurls: Json) -> None:
        """Show something under the links of a message. It is not an edit, and what was there is replaced."""
        own = [one for one in message.attachments if "from_url" not in one]
        message.attachments = own + [
            {"from_url": url, "blocks": with_ids(shown.get("blocks", []), f"u{self.number()}-")}
            for url, shown in unfurls.items()
        ]
        self.changes.tell()

    def remove(self, message: Message) -> None:
        self.messages.remove(message)
        self.changes.tell()

    def find(self, channel: str, ts: str, *, only_for: str | None = None) -> Message | None:
        """The message of that name, ephemeral ones only when asked for."""
        for message in self.messages:
            if (message.channel, message.ts, message.only_for) == (channel, ts, only_for):
                return message
        return None

    def seen_by(self, user: str) -> Iterator[Message]:
        """What a person can see, oldest first: their channels, and their own ephemeral messages."""
        for message in self.messages:
            inside = user in self.channels[message.channel].members
            if inside and message.only_for in (None, user):
                yield message

    # tickets and views

    def new_trigger(self, user: str) -> str:
        """A `trigger_id` for what this person just did."""
        trigger_id = f"{self.number()}.1700000000.{self.number():032x}"
        self.triggers[trigger_id] = Trigger(user, self.clock.monotonic() + TRIGGER_SECONDS)
        return trigger_id

    def use_trigger(self, trigger_id: str) -> str:
        """Whose it is; good for three seconds and one use. Raises `SlackError`."""
        trigger = self.triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.clock.monotonic() > trigger.until:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    def show_view(
        self, user: str, body: Json, *, instead_of: View | None = None, on_top: bool = False
    ) -> View:
        """Open a modal, put one on top of the open ones, or show another in place of one."""
        stack = self.open_views.setdefault(user, [])
        number = self.number()
        view_id = instead_of.id if instead_of else f"V{number:08d}"
        previous = instead_of.previous if instead_of else (stack[-1] if on_top and stack else None)
        root = instead_of.root if instead_of else (self.views[previous].root if previous else view_id)
        body = body | {"blocks": with_ids(body["blocks"], f"v{number}-")}
        view = View(id=view_id, user=user, body=body, hash=f"{number}.h", root=root, previous=previous)
        self.views[view_id] = view
        if not instead_of:
            self.open_views[user] = [*(stack if on_top else []), view_id]
        self.changes.tell()
        return view

    def publish_home(self, user: str, body: Json) -> View:
        number = self.number()
        old = self.homes.get(user)
        body = body | {"blocks": with_ids(body["blocks"], f"h{number}-")}
        view_id = old.id if old else f"V{number:08d}"
        view = View(id=view_id, user=user, body=body, hash=f"{number}.h", root=view_id)
        self.homes[user] = self.views[view_id] = view
        self.changes.tell()
        return view

    def close_view(self, view: View, *, everything: bool = False) -> None:
        """Take a modal away, with `everything` all of that person's."""
        stack = self.open_views.get(view.user, [])
        gone = list(stack) if everything else [view.id]
        self.open_views[view.user] = [name for name in stack if name not in gone]
        for name in gone:
            self.views.pop(name, None)
        self.changes.tell()
