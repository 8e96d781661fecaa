"""How many answers are waited for one after the other: the stand-ins answer nothing until all is asked that
need not wait for each other."""

import asyncio
from collections import Counter
from collections.abc import Collection, Coroutine, Iterable
from typing import Any, TypeVar

from starlette.types import ASGIApp, Receive, Scope, Send

T = TypeVar("T")

SECONDS = 20.0
"""Of a real clock, and only where what is expected never comes: then the scenario fails."""

_SLACK, _PLANETSCALE = "/chat/", "/planetscale/"


class RoundTrips:
    """Between the bot and the stand-ins. All passes, until a scenario says what is `expected`."""

    def __init__(self) -> None:
        self._trips: list[Counter[str]] = []
        self._answered: list[asyncio.Event] = []
        self._beside: frozenset[str] = frozenset()
        self.astray: list[str] = []
        """What was asked without being expected, or before its turn."""

    def over(self, app: ASGIApp) -> ASGIApp:
        """The stand-ins, with this before them."""

        async def held(scope: Scope, receive: Receive, send: Send) -> None:
            if name := _name(scope):
                await self._turn(name)
            await app(scope, receive, send)

        return held

    def expect(self, *trips: Iterable[str], beside: Collection[str] = ()) -> None:
        """From now on each of `trips` is answered once all of it was asked, and the one before was answered.

        `beside`: what may come at any time, because nobody waits for it.
        """
        self._trips = [Counter(trip) for trip in trips]
        self._answered = [asyncio.Event() for _ in trips]
        self._beside, self.astray = frozenset(beside), []

    async def during(self, what: Coroutine[Any, Any, T]) -> T:
        """What comes of it; all of them are made meanwhile, in this order, and nothing else is asked."""
        doing = asyncio.create_task(what)
        try:
            async with asyncio.timeout(SECONDS):
                for answered in self._answered:
                    await answered.wait()
            assert self.astray == []
            return await doing
        finally:
            for answered in self._answered:
                answered.set()  # a scenario that fails ends, too
            doing.cancel()
            await asyncio.wait({doing})

    async def _turn(self, name: str) -> None:
        number = next((i for i, one in enumerate(self._answered) if not one.is_set()), None)
        if number is None or name in self._beside:
            return
        trip, answered = self._trips[number], self._answered[number]
        if not trip[name]:
            self.astray.append(name)
            return
        trip[name] -= 1
        if not trip.total():
            answered.set()
        await answered.wait()


def _name(scope: Scope) -> str | None:
    """What is asked, as a scenario calls it; `None` for what is not asked of a stand-in by the bot."""
    path = str(scope.get("path", ""))
    if scope["type"] != "http" or not path.startswith((_SLACK, _PLANETSCALE)):
        return None
    *_, kind, last = path.rstrip("/").split("/")
    if path.startswith(_SLACK):
        return "response_url" if kind == "response" else last
    if scope["method"] != "GET":
        return f"{scope['method']} {last}"
    return "workflow" if kind == "workflows" else last
