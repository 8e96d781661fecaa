"""A whole bot between the two stand-ins, on a real port."""

import re
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from inspect import cleandoc
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zlib import crc32

import pytest
from starlette.types import ASGIApp

from bot.app import build
from bot.demo.clock import ManualClock
from bot.demo.house import House
from bot.demo.slack.model import Message
from bot.demo.slack.people import ANA, BEN
from bot.metrics.process import ProcessFigures
from bot.process import Bot
from bot.settings import Settings
from bot.slack.delivery.watch_board import WatchBoard
from bot.slack.handlers import questions
from bot.slack.lists import reading
from tests.serve import serve
from tests.store.databases import new_file
from tests.tls import no_tls

__all__ = ["no_tls"]

MOVES = "C0DBMOVES"
A_DAY = 26 * 3600.0
POSTING_PAUSE = 2.0
"""Seconds: the courier posts about once a second in a channel."""


class Stage:
    """The stand-ins, the bot, and the questions that a scenario asks."""

    def __init__(self, house: House, bot: Bot, settings: Settings, clock: ManualClock, url: str) -> None:
        self.house, self.bot, self.settings, self.clock, self.url = house, bot, settings, clock, url
        self.slack, self.planetscale = house.slack, house.planetscale
        self.unanswered = False
        """PlanetScale holds an answer: nobody waits for it."""
        self.watches = False
        """Whether the watcher is at work too; without it a channel holds operations' messages alone: there is
        no live message, and all is told as where Slack takes none."""

    async def settle(self) -> None:
        """Let the bot do everything that there is to do at this moment."""
        await self.bot.working.timekeeper.compare()
        while True:
            await self.bot.tasks.idle()
            await self.bot.working.worker.settle(answered=not self.unanswered)
            if self.watches:
                await self.bot.working.pollers.settle()
            if await self.bot.working.courier.run_once():
                continue
            pause = self.bot.working.courier.pause
            if pause is None or pause > POSTING_PAUSE:
                break
            self.clock.advance(pause)

    async def pass_time(self, seconds: float, step: float = 5.0) -> None:
        """Let time pass, with the bot at work after each step: a shorter one where it matters what happens
        from second to second."""
        passed = 0.0
        while passed < seconds:
            self.clock.advance(min(step, seconds - passed))
            passed += step
            await self.settle()

    def cards(self, channel: str = MOVES) -> list[str]:
        """What a person reads in a channel, oldest first: each message that is not a reply, and each reply
        that the channel is shown too."""
        return [self.slack.visible_text(message) for message in self.shown(channel)]

    def card(self, channel: str = MOVES) -> Message:
        """The newest of them."""
        return self.shown(channel)[-1]

    def shown(self, channel: str = MOVES) -> list[Message]:
        """What the channel shows, oldest first."""
        return [one for one in self.slack.messages(channel) if not one.thread_ts or one.broadcast]

    async def press(self, user: str, action_id: str, message: Message | None = None, **how: str) -> str:
        """Somebody presses a button; what that person alone then reads."""
        before = len(self.slack.ephemeral_for(user))
        delivery = await self.slack.press(user, message or self.card(), action_id, **how)
        assert delivery.problem is None, delivery
        await self.settle()
        news = self.slack.ephemeral_for(user)[before:]
        return "\n".join(self.slack.visible_text(one, user) for one in news)

    async def type(self, text: str, user: str = ANA, channel: str = MOVES) -> str:
        """Somebody types `/workflow …`; what that person alone then reads, once the bot is done."""
        before = len(self.slack.ephemeral_for(user))
        delivery = await self.slack.command(user, channel, "/workflow", text)
        assert delivery.problem is None, delivery
        await self.settle()
        news = self.slack.ephemeral_for(user)[before:]
        return "\n".join(self.slack.visible_text(message, user) for message in news)

    async def approved(
        self, asked: str, state: str, trouble: str, *, said: str | None = None, seconds: float = 5.0
    ) -> None:
        """Ana asks for something on shop #3, Ben approves, and something goes wrong with the request."""
        ago = A_DAY if state == "switched_primaries" else None
        self.planetscale.add_workflow("shop", 3, state, ago=ago)
        await self.type(asked)
        self.planetscale.trouble(trouble, on="mutation", text=said, seconds=seconds)
        await self.press(BEN, "op_approve")

    @property
    def first(self) -> Message:
        """The oldest message in the usual channel: the card of what was asked first."""
        return self.slack.messages(MOVES)[0]

    def read(self, message: Message | None = None) -> str:
        """What everybody reads in a message as it is now; without one, in the first card."""
        wanted = message or self.first
        now = [one for one in self.slack.messages(wanted.channel) if one.ts == wanted.ts]
        return self.slack.visible_text(now[0])

    def replies(self, channel: str = MOVES) -> list[str]:
        """What stands in the threads of a channel and nowhere else, oldest first."""
        found = [one for one in self.slack.messages(channel) if one.thread_ts and not one.broadcast]
        return [self.slack.visible_text(one) for one in found]

    def private(self, user: str = ANA) -> Message:
        """The newest message that only this person sees."""
        return self.slack.ephemeral_for(user)[-1]

    def value(self, action_id: str) -> str:
        """What a button of the newest card carries."""
        return str(self._button(action_id)["value"])

    def style(self, action_id: str) -> str | None:
        """The colour of a button of the newest card."""
        return self._button(action_id).get("style")

    def _button(self, action_id: str, message: Message | None = None) -> dict[str, Any]:
        elements = _elements(message or self.card())
        return next(element for element in elements if element["action_id"] == action_id)

    def dialog(self, action_id: str, message: Message | None = None) -> str:
        """What Slack asks before the press of a button is sent; without a message, of the newest card."""
        asks = self._button(action_id, message)["confirm"]
        labels = [f"[{asks[name]['text']}]" for name in ("confirm", "deny")]
        return "\n".join([asks["title"]["text"], asks["text"]["text"], " ".join(labels), asks["style"]])

    @property
    def changes(self) -> list[str]:
        """What the bot asked of PlanetScale that changes something: `PATCH shop/workflows/3/cutover`."""
        return [
            f"{method} {path.partition('/databases/')[2]}" for method, path in self.asked if method != "GET"
        ]

    @property
    def asked(self) -> list[tuple[str, str]]:
        """What the bot asked of PlanetScale: method and path."""
        return [
            (request.method, request.path.removeprefix("/planetscale"))
            for request in self.planetscale.requests
        ]


def _elements(message: Message) -> list[dict[str, Any]]:
    rows = [block["elements"] for block in message.all_blocks if block["type"] == "actions"]
    return [element for row in rows for element in row]


def waits_until(card: str) -> str | None:
    """Until when a card says that it can be approved; `None`: it does not wait."""
    found = re.search(r"\bapproves?, until (.+?) · ", card)
    return found[1] if found else None


def titled(card: str, title: str) -> bool:
    """Whether a card has that title, after the sign and the word of its weight."""
    return card.partition(" · ")[2].startswith(title)


def text(literal: str) -> str:
    """A text as a person reads it: the source may indent it, and break its lines with a backslash."""
    return re.sub(r" {2,}", " ", cleandoc(literal))


Open = Callable[..., AbstractAsyncContextManager[Stage]]


def _write(file: Path, content: str) -> str:
    file.write_text(content, encoding="utf-8")
    return str(file)


@asynccontextmanager
async def open_stage(
    *,
    socket_mode: bool = False,
    policy: str | None = None,
    watches: bool = False,
    others: Mapping[str, str] = MappingProxyType({}),
    far: Callable[[ASGIApp], ASGIApp] = lambda near: near,
    **settings: str,
) -> AsyncIterator[Stage]:
    """`policy`: the text of the policy file. `watches`: with the watcher at work.

    `others`: more organizations at PlanetScale, and `ID:TOKEN` of each. `far`: what stands before the
    stand-ins.
    """
    clock = ManualClock()
    house = House(clock, others=others)
    for simulator in (house.planetscale, *house.others.values()):
        simulator.rate_limit = 100_000
    async with serve(far(house.app)) as url:
        with tempfile.TemporaryDirectory() as folder:
            own = {"DATABASE_URL": f"sqlite:///{new_file(Path(folder))}"}
            if policy is not None:
                own["WORKFLOW_BOT_POLICY"] = _write(Path(folder, "policy.toml"), policy)
            given = house.move_in(url, socket_mode=socket_mode, **own | settings)
            async with _running(house, given, clock, watches=watches) as bot:
                stage = Stage(house, bot, given, clock, url)
                stage.watches = watches
                yield stage


@asynccontextmanager
async def _running(
    house: House, settings: Settings, clock: ManualClock, *, watches: bool
) -> AsyncIterator[Bot]:
    """The bot, at work only when a test says so: a manual clock and its own loops would chase each other."""
    with pytest.MonkeyPatch.context() as patch:
        if not watches:
            patch.setattr(WatchBoard, "root", _no_root)
        async with _built(house, settings, clock) as bot:
            yield bot


def _no_root(*_: object) -> None:
    """No live message is begun with a card."""


@asynccontextmanager
async def _built(house: House, settings: Settings, clock: ManualClock) -> AsyncIterator[Bot]:
    bot = await build(settings, clock, figures=ProcessFigures(clock))
    house.admit(bot.web)
    await bot.connect()
    if settings.socket_mode:
        await house.slack.sockets.until_connected()
    clock.advance(10)  # the request budget is empty at start
    try:
        yield bot
    finally:
        await house.close()
        await bot.stop()


@pytest.fixture(autouse=True)
def _no_machine_is_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer comes with "still asking" before it because the machine has other work."""
    monkeypatch.setattr(questions, "STILL_ASKING_AFTER", 60.0)
    monkeypatch.setattr(reading, "PATIENCE", 60.0)
    monkeypatch.setattr(reading, "SECONDS", 60.0)


@pytest.fixture
async def stage(request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """Over signed HTTP or over Socket Mode, by the scenario's name: half of them over either. That all that
    Slack sends is taken over both is tested in `test_transports.py`."""
    async with open_stage(socket_mode=bool(crc32(request.node.name.encode()) % 2)) as opened:
        yield opened


@pytest.fixture
async def http_stage() -> AsyncIterator[Stage]:
    async with open_stage() as opened:
        yield opened


@pytest.fixture
async def watching_stage() -> AsyncIterator[Stage]:
    """With the watcher at work."""
    async with open_stage(watches=True) as opened:
        yield opened
