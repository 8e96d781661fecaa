"""What people do meanwhile: each request is typed until it is taken, and approved by several at once."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from sqlalchemy import Connection, select

from bot.demo.slack.model import Delivery, Message
from bot.demo.slack.people import ANA, BEN, CHIOMA
from bot.operations.model import BEFORE_SENDING, State
from bot.store.engine.database import Database
from bot.store.errors import StoreError
from bot.store.schema import operations
from tests.processes.town import CHANNELS, Town

EVERYBODY: Final = (ANA, BEN, CHIOMA)
ASKED_IN_VAIN: Final = frozenset({State.BLOCKED})
"""Ends of which a person reads at once, and asks again."""
_A_LOOK: Final = 0.5
_PATIENCE: Final = 20.0
"""Seconds after which somebody who sees nothing happen does it again."""
APPROVE: Final = "op_approve"


@dataclass(slots=True)
class Move:
    """One workflow, and what people want of it."""

    database: str
    channel: str
    requester: str
    typed: list[Delivery] = field(default_factory=list)
    presses: list[Delivery] = field(default_factory=list)

    @property
    def others(self) -> list[str]:
        return [one for one in EVERYBODY if one != self.requester]


def moves(count: int) -> list[Move]:
    """As many, each in a database of its own, spread over channels and people."""
    return [
        Move(f"move{number:04d}", CHANNELS[number % len(CHANNELS)], EVERYBODY[number % len(EVERYBODY)])
        for number in range(count)
    ]


def taken(delivery: Delivery) -> bool:
    """Whether the ack says that a command was taken down: it says nothing then."""
    return delivery.ok and not delivery.body


class People:
    """All of them. They look at Slack, and (for the test) at the operations' rows."""

    def __init__(self, town: Town, database: Database, random: Random) -> None:
        self._town = town
        self._database = database
        self._random = random

    async def carry_out(self, all_moves: Sequence[Move], at_once: int) -> None:
        """Ask for everything and approve it. Returns once nobody has to do anything any more."""
        places = asyncio.Semaphore(at_once)

        async def one(move: Move) -> None:
            async with places:
                await self._carry_out(move)

        await asyncio.gather(*map(one, all_moves))

    async def _carry_out(self, move: Move) -> None:
        waits_until = 0.0
        while (state := await self._state(move)) in BEFORE_SENDING | ASKED_IN_VAIN | {None}:
            if state in ASKED_IN_VAIN | {None}:
                await self._ask(move)
            elif state is State.WAITING and time.monotonic() > waits_until and (cards := self._cards(move)):
                heard = await self._approve(move, cards[-1])
                waits_until = time.monotonic() + (_PATIENCE if heard else 0.0)
            await asyncio.sleep(_A_LOOK)

    async def _ask(self, move: Move) -> None:
        """Type it; whoever is told that it was not taken, or hears nothing for long, is back at the start."""
        text = f"switch-traffic {move.database} 1 --replicas-only"
        delivery = await self._town.slack.command(move.requester, move.channel, "/workflow", text)
        move.typed.append(delivery)
        waited = 0.0
        while taken(delivery) and waited < _PATIENCE and await self._state(move) in ASKED_IN_VAIN | {None}:
            await asyncio.sleep(_A_LOOK)
            waited += _A_LOOK

    async def _approve(self, move: Move, card: Message) -> bool:
        """Both others press, each twice, at the same moment; and Slack delivers one of these once more.

        Whether any press was acknowledged.
        """
        slack = self._town.slack
        pressed = await asyncio.gather(*(slack.press(one, card, APPROVE) for one in move.others * 2))
        again = await slack.redeliver(self._random.choice(pressed))
        move.presses += [*pressed, again]
        return any(one.ok for one in move.presses[-len(pressed) - 1 :])

    def _cards(self, move: Move) -> list[Message]:
        """The messages on which it can be approved, the oldest first."""
        seen = self._town.slack.messages(move.channel, move.others[0])
        blocks = [(one, json.dumps(one.all_blocks)) for one in seen]
        return [one for one, text in blocks if f'"{APPROVE}"' in text and move.database in text]

    async def _state(self, move: Move) -> State | None:
        """Where its operation stands: one that was not blocked, if there is one. `None`: nobody knows."""
        try:
            found = await self._database.read(_states, move.database)
        except StoreError:
            return None
        return next((state for state in found if state not in ASKED_IN_VAIN), next(iter(found), None))


def _states(connection: Connection, database: str) -> list[State]:
    query = select(operations.c.state).where(operations.c.database == database)
    return [State(state) for state in connection.scalars(query.order_by(operations.c.asked_at.desc()))]
