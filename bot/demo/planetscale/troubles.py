"""The things that can be made to go wrong, and which of them strikes a request."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, TypedDict

from bot.demo.planetscale.world import Mutation

ANY, READ, MUTATION = "any", "read", "mutation"
"""Which requests a trouble strikes; or the name of one operation (`list`, `get`, `cutover`, …)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of trouble, as the demo's panel offers it."""

    id: str
    label: str
    help: str
    scope: Literal["api", "workflow"] = "api"
    kind: Literal["once", "switch"] = "switch"
    on: str = ANY
    seconds: float = 0.0
    """How long, where it is about time: see `help`."""


def _once(id_: str, label: str, text: str, seconds: float = 0.0) -> Kind:
    return Kind(id_, label, text, "api", "once", MUTATION, seconds)


def _fate(id_: str, label: str, text: str, on: str = MUTATION) -> Kind:
    return Kind(id_, label, text, "workflow", "once", on)


_KINDS = (
    Kind("rate-limited", "Too many requests", "429 with Retry-After", seconds=5),
    Kind("rate-limited-silent", "Too many requests, no hint", "429 without Retry-After"),
    Kind("unauthorized", "Token refused", "401, as for a token that was revoked"),
    Kind("forbidden", "Token may not do this", "403; for most accesses PlanetScale says 404"),
    Kind("server-error", "Server error", "500 with a JSON body"),
    Kind("down", "Down", "Every connection is closed without an answer"),
    Kind("unavailable", "Unavailable", "503 with a proxy's HTML page"),
    Kind("bad-gateway", "Bad gateway", "502 with a proxy's HTML page"),
    Kind("not-json", "Not JSON", "200 with an HTML page"),
    Kind("empty", "Empty answers", "200 without a body"),
    Kind("malformed", "Broken JSON", "200 with half an answer"),
    Kind("half-body", "Half a body", "200, and the connection is lost in the middle"),
    Kind("surprising", "Surprising JSON", "200 with JSON of another shape"),
    Kind("redirect", "Redirects", "302 to another address of this server"),
    Kind("slow", "Slow answers", "Every answer takes 5 s longer", seconds=5),
    Kind("hang", "Hang", "Requests are held, and done only when this is switched off"),
    _once("cut-off", "Connection lost", "The next change is not taken; the connection closes"),
    _once("lost-answer", "Answer lost", "The next change is taken; the connection closes"),
    _once("silent", "No answer", "The next change is taken; its answer is held until this is switched off"),
    _once("late", "Taken late", "The connection closes; the change is taken 30 s later", seconds=30),
    _once("refuse", "Refused", "422 to the next change"),
    _fate("go-back", "Goes back", "The next change is accepted, and goes back"),
    _fate("ends-in-error", "Ends in error", "The next change is accepted, and ends in error"),
    _fate("mismatch", "Data differs", "The next verification finds 17 rows", Mutation.VERIFY_DATA),
    _fate("breaks-off", "Verification breaks off", "The next one ends in an error", Mutation.VERIFY_DATA),
    _fate("error", "Error", "It fails now; a retry goes on"),
    _fate("error-for-good", "Error, no retry", "It fails now, and no retry is on offer"),
    _fate("ddl", "Schema change", "A schema change stops it now"),
    Kind("throttle", "Throttled", "The throttler holds the copy back", "workflow"),
    Kind("throttle-slow", "Slowed down", "The throttler lets a tenth of the rows through", "workflow"),
    Kind("stall", "Stalled", "The copy stands still without a word", "workflow"),
    Kind("not-found", "Not found", "404: unknown, or the token lacks the access", "workflow"),
    Kind("unknown-state", "Unknown state", "It shows a state that nobody knows", "workflow"),
    Kind("missing-parts", "Parts missing", "No tables, streams or verification in the answer", "workflow"),
    Kind("wrong-types", "Wrong types", "Numbers and flags that are words", "workflow"),
    Kind("wrong-totals", "Row totals wrong", "Statistics know half of the rows", "workflow"),
)
KINDS = {kind.id: kind for kind in _KINDS}


class How(TypedDict, total=False):
    """The details of a trouble; see `Trouble`."""

    on: str
    times: int | None
    database: str | None
    number: int | None
    seconds: float
    text: str | None
    status: int | None


@dataclass(eq=False, kw_only=True)
class Trouble:
    """One trouble that was asked for."""

    kind: str
    on: str = ANY
    """Which requests it strikes: `any`, `read`, `mutation`, or one operation."""
    seconds: float = 0.0
    times: int | None = 1
    """How often it strikes in all; `None`: until it is lifted."""
    database: str | None = None
    number: int | None = None
    """Where it strikes, if not everywhere."""
    text: str | None = None
    """What it says: the refusal, the error, the target of a redirect, the unknown state."""
    status: int | None = None
    """Another status than the usual one, for those that answer with one."""
    hits: int = 0
    struck: asyncio.Event = field(default_factory=asyncio.Event)
    lifted: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def pending(self) -> bool:
        """Whether it can still strike."""
        return not self.lifted.is_set() and (self.times is None or self.hits < self.times)

    def concerns(self, operation: str, database: str | None, number: int | None) -> bool:
        """Whether this request is one that it strikes."""
        is_mutation = operation in set(Mutation)
        wanted = {ANY: True, READ: not is_mutation, MUTATION: is_mutation}.get(self.on, operation == self.on)
        return wanted and self.database in {None, database} and self.number in {None, number}


class Troubles:
    """All that were asked for, oldest first."""

    def __init__(self) -> None:
        self.asked: list[Trouble] = []

    def add(self, trouble: Trouble) -> Trouble:
        self.asked.append(trouble)
        return trouble

    def strike(
        self, kinds: Collection[str], operation: str, database: str | None, number: int | None
    ) -> Trouble | None:
        """The first of these kinds that hits this request. It counts as a hit."""
        for trouble in self.asked:
            if trouble.pending and trouble.kind in kinds and trouble.concerns(operation, database, number):
                trouble.hits += 1
                trouble.struck.set()
                return trouble
        return None

    def on(self, kind: str) -> list[Trouble]:
        """Those of this kind that can still strike, or that still hold a request."""
        held = {"hang", "silent"}
        return [
            t for t in self.asked if t.kind == kind and not t.lifted.is_set() and (t.pending or kind in held)
        ]
