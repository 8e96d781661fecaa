"""A courier between a real database and the small Slack, and ways to end it at any step."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import Connection, delete, select
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.demo.clock import ManualClock
from bot.demo.slack import Message, SmallSlack, api_routes
from bot.demo.slack.people import DB_MOVES
from bot.kinds.workflow.workflow_forms import CARRIES
from bot.slack.cards.blocks.controls import Button
from bot.slack.cards.blocks.rich import Card
from bot.slack.cards.blocks.rich import Message as Shown
from bot.slack.delivery.courier import Courier, Rates, Rendered, Renderers
from bot.store.board import Wanted, want
from bot.store.engine.database import Database
from bot.store.outbox import Entry
from bot.store.schema import messages
from tests.serve import serve


class KilledError(BaseException):
    """The process ends here."""


class Fuse:
    """Ends the process after a number of calls of the database and of Slack: done, and nobody knows of it."""

    def __init__(self, steps: int | None = None) -> None:
        self.steps = steps

    def burn(self) -> None:
        if self.steps is None:
            return
        self.steps -= 1
        if self.steps < 0:
            raise KilledError


class FragileDatabase:
    """Another's database, whose caller can die."""

    def __init__(self, inner: Database, fuse: Fuse) -> None:
        self._inner, self._fuse = inner, fuse

    async def read(self, *args: Any, **options: Any) -> Any:
        result = await self._inner.read(*args, **options)
        self._fuse.burn()
        return result

    async def write(self, *args: Any, **options: Any) -> Any:
        result = await self._inner.write(*args, **options)
        self._fuse.burn()
        return result


class FragileClient(AsyncWebClient):
    """A client whose caller can die, or which fails with a given error once the call was made."""

    def __init__(self, stage: "Stage", fuse: Fuse) -> None:
        token = stage.slack.bot_token
        super().__init__(token=token, base_url=stage.api, timeout=10, retry_handlers=[])
        self._stage, self._fuse = stage, fuse

    async def api_call(self, api_method: str, **options: Any) -> Any:
        answer = await super().api_call(api_method, **options)
        self._fuse.burn()
        for number, (method, error) in enumerate(self._stage.fails):
            if method == api_method:
                del self._stage.fails[number]
                raise error
        return answer


@dataclass(slots=True)
class Stage:
    """What a test works with."""

    slack: SmallSlack
    clock: ManualClock
    database: Database
    api: str
    rates: Rates
    fails: list[tuple[str, Exception]] = field(default_factory=list)
    """Methods, each with the error that its next caller gets although the call was made."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Keys and codes of what could be delivered nowhere."""

    def courier(self, fuse: Fuse | None = None, database: Database | None = None) -> Courier:
        """A new process, so to say."""
        fuse = fuse or Fuse()
        renderers = {"card": card, "event": event, "blocks": bad_blocks, "nothing": nothing, "broken": broken}
        renderers |= {"buttons": buttons, "edged": edged}
        return Courier(
            cast("Database", FragileDatabase(database or self.database, fuse)),
            FragileClient(self, fuse),
            Renderers(renderers, self._undeliverable),
            self.clock,
            self.rates,
        )

    def _undeliverable(self, _connection: Connection, _now: datetime, entry: Entry, error: str) -> None:
        self.refused.append((entry.key, error))

    async def want(self, key: str, text: str = "", places: Sequence[str] = (DB_MOVES,), **more: Any) -> None:
        """Something should be in Slack, and reads `text`."""
        more = {"subject_kind": "card", "subject": {"text": text or key}} | more
        await self.database.write(want, self.clock.now(), Wanted(key=key, places=places, **more))

    async def event(self, key: str, thread_of: str | None = None, **more: Any) -> None:
        """Something happened, and is told with the words of its key."""
        more = {"subject_kind": "event", "priority": 1, "thread_of": thread_of, **more}
        await self.want(key, **more)

    async def settle(self, courier: Courier) -> None:
        """Let the courier work, and time pass, until nothing is left to do."""
        for _ in range(500):
            await courier.run_once()
            if courier.pause is None:
                return
            self.clock.advance(courier.pause)
        raise AssertionError

    def shown(self, channel: str = DB_MOVES) -> list[str]:
        """What is read in a channel, from the top."""
        return [self.slack.visible_text(message) for message in self.slack.messages(channel)]

    def find(self, text: str, channel: str = DB_MOVES) -> Message:
        """The one message that reads `text`."""
        (found,) = [m for m in self.slack.messages(channel) if self.slack.visible_text(m) == text]
        return found

    def times(self, method: str, channel: str | None = None) -> list[float]:
        """When `method` was called, in seconds since the beginning."""
        calls = [c for c in self.slack.calls_to(method) if channel in (None, c.arguments.get("channel"))]
        return [(call.at - ManualClock().now()).total_seconds() for call in calls]

    async def row(self, key: str) -> Mapping[str, Any]:
        """The board's row."""
        return await self.database.read(_row, key)

    async def reset(self) -> None:
        """An empty board and an empty Slack."""
        await self.database.write(_forget)
        self.slack.world.messages.clear()
        self.slack.calls.clear()
        self.slack.faults.heal()
        self.refused.clear()


def _row(connection: Connection, key: str) -> Mapping[str, Any]:
    return dict(connection.execute(select(messages).where(messages.c.key == key)).mappings().one())


def _forget(connection: Connection) -> None:
    connection.execute(delete(messages))


def card(connection: Connection, entry: Entry) -> Rendered | None:
    """Shows what the board says now, not what it said when the entry was chosen."""
    subject = connection.scalars(select(messages.c.subject).where(messages.c.key == entry.key)).one()
    return text_card((subject or {})["text"])


def text_card(text: str) -> Rendered:
    built = Card()
    built.line(text)
    return Rendered(built.message())


def event(_connection: Connection, entry: Entry) -> Rendered | None:
    return text_card((entry.subject or {})["text"])


def bad_blocks(_connection: Connection, _entry: Entry) -> Rendered | None:
    """Blocks that Slack refuses, and a plain text that it takes."""
    return Rendered(Shown(text="notice", blocks=({"type": "no-such-block"},), plain="All of it, plain"))


def buttons(connection: Connection, entry: Entry) -> Rendered | None:
    """A card that can be decided."""
    built = Card()
    built.line((entry.subject or {})["text"])
    built.actions(Button("Approve", "op_approve", "1"))
    return Rendered(built.message())


def edged(_connection: Connection, entry: Entry) -> Rendered | None:
    """A title, and beside a coloured edge what can be decided; without a colour there is no edge."""
    subject = entry.subject or {}
    built = Card()
    built.header(subject["text"])
    built.line("Beside it")
    built.actions(Button("Approve", "op_approve", "1"))
    return Rendered(built.message(edge=subject.get("edge")))


def nothing(_connection: Connection, _entry: Entry) -> Rendered | None:
    return None


def broken(_connection: Connection, _entry: Entry) -> Rendered | None:
    msg = "a bug"
    raise ZeroDivisionError(msg)


class StillClock(ManualClock):
    """Whoever sleeps is never woken by time."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.asleep.set()
        await asyncio.Event().wait()


@asynccontextmanager
async def open_stage(url: str, clock: ManualClock | None = None, **rates: Any) -> AsyncIterator[Stage]:
    """A small Slack on a real port, and the database at `url`."""
    clock = clock or ManualClock()
    slack = SmallSlack(clock)
    async with AsyncExitStack() as resources:
        base = await resources.enter_async_context(
            serve(Starlette(routes=[Mount("/s", routes=api_routes(slack))]))
        )
        slack.connect(public_url=f"{base}/s")
        resources.push_async_callback(slack.aclose)
        database = await resources.enter_async_context(
            Database(url, begin_within=30, guard=False, carries=CARRIES)
        )
        rates = {"jitter": lambda: 1.0} | rates
        yield Stage(slack, clock, database, f"{base}/s/api/", Rates(**rates))


def copy_of(template: Path, folder: Path) -> str:
    """The address of a fresh database."""
    return f"sqlite:///{shutil.copy(template, folder / 'bot.sqlite3')}"
