"""A second kind of subject, as small as can be: lamps, which are switched on and off.

It has nothing of PlanetScale's workflows: its own names, snapshots, checks, proofs, news and cards.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection

from bot.approvals.people import NamedPeople
from bot.approvals.policy import Policy, Rule
from bot.approvals.terms import Gate
from bot.operations.model import Operation, Story
from bot.operations.storage.attempt_rows import Attempt
from bot.operations.subject_kind import Checked, Found, Leave, Look, Own, RequestError, Seen, Unclear
from bot.slack.cards.blocks.rich import Card, Message
from bot.slack.delivery.subject_cards import LinkOf, Moved, Told
from bot.subjects.findings import Report, block, passed
from bot.subjects.model import MOVING, WAITING, WORKING, Observed, Ref, Snapshot
from bot.subjects.reading_plan import Reading
from bot.subjects.verdicts import NO_VERDICT, Proof, Verdict
from bot.watch.model import Watch
from bot.watch.notifications.loudness import LoudnessRules
from bot.watch.ports import Loudness, News
from bot.watch.watched_kind import Read, UnreadError

HOUSE = "house"
"""The database in which all lamps are: by it a row is told from a workflow's."""


@dataclass(frozen=True, slots=True)
class Lamp:
    """Its name: a socket, which stands in the column of numbers."""

    organization: str
    database: str
    socket: int

    @property
    def columns(self) -> Mapping[str, str | int]:
        return {"organization": self.organization, "database": self.database, "number": self.socket}

    def __str__(self) -> str:
        return f"lamp {self.socket}"


@dataclass(frozen=True, slots=True)
class Light:
    """A lamp as it was read."""

    state: str
    watts: int = 40

    def is_as(self, other: "Light") -> bool:
        return self.state == other.state


@dataclass(frozen=True, slots=True)
class Wish:
    """An action on a lamp."""

    name: str
    code: str
    leads_to: str
    goes_back: bool = False
    only_starts: bool = False
    starts_verification: bool = False
    creates: bool = False
    heard_by_all: bool = True


LIGHT = Wish("light", "LIGHT", "on")
DARKEN = Wish("darken", "DARKEN", "off", goes_back=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a watched lamp."""

    snapshot: Light
    read_at: datetime
    entered_at: datetime
    moved_at: datetime | None = None
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Flicker:
    """What happened to a lamp."""

    what: str
    at: datetime
    seen_at: datetime

    @property
    def details(self) -> tuple[str, ...]:
        return ()


@dataclass
class Lamps:
    """The lamps of the world, by socket; and what was asked of them."""

    lights: dict[int, Light] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    warms_up: bool = False
    """A lamp that is switched on is warm only some time later."""
    silent: bool = False
    """Nobody can read anything."""
    loses: bool = False
    """The answer to a request is lost, and so is the request."""

    def read(self, ref: object) -> Light:
        assert isinstance(ref, Lamp)
        if self.silent:
            raise TimeoutError
        return self.lights[ref.socket]


_KNOWN, _LIGHT, _FLICKER = TypeAdapter(Known), TypeAdapter(Light), TypeAdapter(Flicker)


class LampForms:
    """Lamps in rows."""

    def ref(self, row: Mapping[Any, Any]) -> Lamp | None:
        return None if row["number"] is None else Lamp(row["organization"], row["database"], row["number"])

    def action(self, row: Mapping[Any, Any]) -> Wish:
        return next(one for one in (LIGHT, DARKEN) if one.code == row["call"])

    def snapshot(self, data: Any) -> Light:
        return _LIGHT.validate_python(data)

    def observed(self, data: Any) -> Known:
        return _KNOWN.validate_python(data)

    def observed_json(self, observed: Observed) -> Any:
        assert isinstance(observed, Known)
        return _KNOWN.dump_python(observed, mode="json", exclude={"read_at"})

    def happened(self, data: Any) -> Flicker:
        return _FLICKER.validate_python(data)

    def urgency(self, observed: Observed | None) -> int:
        if observed is None:
            return WORKING
        return MOVING if observed.snapshot.state == "warming" else WAITING

    def with_history(self, connection: Connection, story: Story, *, as_of_now: bool) -> Story:
        return story


class LampKind:
    """Lamps as operations are about them."""

    errors: Collection[str] = ("broken",)

    def __init__(self, lamps: Lamps) -> None:
        self._lamps = lamps

    def rule(self, policy: Policy, operation: Operation, snapshot: Snapshot | None) -> Rule:
        terms = policy.terms_for(operation.organization, operation.database)
        gate = Gate.NONE if operation.action.goes_back else Gate.PEER
        return Rule(
            gate=gate,
            required=1 if gate is Gate.PEER else 0,
            expires_after=terms.expires_after,
            approvers=NamedPeople.of(terms.approvers),
            requesters=NamedPeople.of(terms.requesters),
            soak=terms.soak,
            channel=terms.channel,
            allow_shared_channels=terms.allow_shared_channels,
            hide_errors=terms.hide_errors,
            notify=terms.called,
            direct=terms.direct,
        )

    def ways_back(self) -> Collection[str]:
        return [DARKEN.name]

    async def read(self, operation: Operation, own: Own) -> Light:
        return self._lamps.read(operation.ref)

    def check(self, operation: Operation, own: Own, soak: timedelta, read: Light) -> Checked:
        light = read
        broken = light.state == "broken"
        found = block("bulb", "The bulb is broken.") if broken else passed("bulb", "The bulb is whole")
        return Checked(
            report=Report((found,)),
            snapshot=light,
            known=light,
            known_at=None,
            learned={"workflow_name": "reading lamp"},
            shown={"watts": light.watts, "state": light.state},
            before={"state": light.state},
        )

    async def why_missing(self, operation: Operation) -> str:
        return "There is no such lamp."

    async def find(self, operation: Operation) -> Found | Unclear:
        if len(self._lamps.lights) != 1:
            return Unclear("There is more than one lamp.")
        (socket,) = self._lamps.lights
        return Found(Lamp(operation.organization, operation.database, socket), "It was the only lamp.")

    def done_already(self, operation: Operation, report: Report) -> str | None:
        return None

    def difference(self, approved: Operation, now: Operation) -> str:
        return f"The lamp is {now.seen.state if now.seen else 'gone'} now."

    async def send(self, operation: Operation, leave: Leave) -> Light | None:
        await leave()
        assert isinstance(operation.action, Wish)
        assert isinstance(operation.ref, Lamp)
        self._lamps.requests.append(operation.action.name)
        if self._lamps.loses:
            raise RequestError("silent", "Nobody answers.", "nobody answers", "Look at the lamp.")
        warms = self._lamps.warms_up and operation.action is LIGHT
        light = Light("warming" if warms else operation.action.leads_to)
        self._lamps.lights[operation.ref.socket] = light
        return light

    async def look(self, attempt: Attempt, now: Callable[[], datetime]) -> Seen:
        try:
            return Seen(now(), self._lamps.read(attempt.operation.ref))
        except TimeoutError:
            return Seen(now())

    def named(self, attempt: Attempt, snapshot: Snapshot) -> None:
        """Nobody knows who switched a lamp."""

    def judge(self, attempt: Attempt, seen: Seen, own: Any) -> Look:
        action, now, snapshot = attempt.operation.action, seen.at, seen.snapshot
        if snapshot is None:
            return Look(Reading(now, NO_VERDICT))
        assert isinstance(action, Wish)
        if snapshot.state == action.leads_to:
            verdict = Verdict(Proof.HAPPENED)
        elif snapshot.state == "warming":
            verdict = Verdict(Proof.UNDER_WAY)
        elif snapshot.state == attempt.before["state"]:
            verdict = Verdict(Proof.NOT_SEEN)
        else:
            verdict = Verdict(Proof.CONFLICT)
        return Look(Reading(now, verdict, snapshot.state), snapshot, moving=snapshot.state == "warming")


CALLS = {"on": "LIGHT", "off": "DARKEN"}


class WatchedLamps:
    """Lamps as they are watched."""

    loudness = LoudnessRules(
        by_itself={"broken": Loudness.CALL},
        outside={"on": Loudness.POST, "off": Loudness.POST},
        calls_named=(),
        on_the_way=(),
        linked=("on", "off"),
        card_tells=(),
    )
    spare = 10

    def __init__(self, lamps: Lamps) -> None:
        self._lamps = lamps

    async def read(self, ref: Ref, known: Observed | None, *, in_full: bool) -> Read:
        try:
            return Read(self._lamps.read(ref))
        except TimeoutError:
            raise UnreadError("silent") from None

    async def listed(self, database: str) -> Mapping[Ref, Snapshot]:
        if self._lamps.silent:
            raise UnreadError("silent")
        return {Lamp("acme", database, socket): one for socket, one in self._lamps.lights.items()}

    def has_ended(self, snapshot: Snapshot) -> bool:
        return False

    def is_another(self, known: Snapshot, snapshot: Snapshot) -> bool:
        return False

    def differs(self, before: Snapshot, after: Snapshot) -> bool:
        return before != after

    def is_passing(self, snapshot: Snapshot) -> bool:
        return snapshot.state == "warming"

    def observe(
        self, connection: Connection, watch: Watch, read: Read, now: datetime, *, in_full: bool
    ) -> tuple[Known, tuple[Flicker, ...]]:
        light, before = read.snapshot, watch.observed
        assert isinstance(light, Light)
        if before is None:
            return Known(snapshot=light, read_at=now, entered_at=now), ()
        assert isinstance(before, Known)
        if light.state == before.snapshot.state:
            return replace(before, snapshot=light, read_at=now), ()
        news = () if light.state == "warming" else (Flicker(light.state, now, now),)
        return replace(before, snapshot=light, read_at=now, entered_at=now), news

    def essence(self, observed: Observed, now: datetime) -> str:
        return observed.snapshot.state

    def moved(self, before: Observed, after: Observed) -> bool:
        return False

    def goes_on(self, observed: Observed) -> bool:
        return False

    def may_close(self, before: Observed, after: Observed) -> bool:
        return False

    def remember(self, connection: Connection, watch_id: str, observed: Observed, now: datetime) -> None:
        """Nothing more is to be known later."""

    def gone(self, observed: Observed, since: datetime, now: datetime) -> Flicker:
        return Flicker("gone", since, now)

    def causes(self, happened: Any) -> Collection[str]:
        return [CALLS[happened.what]] if happened.what in CALLS else []

    def began(self, happened: Any, call: str) -> datetime | None:
        return None

    def is_others(self, happened: Any, call: str, own: Any) -> bool:
        return False


class LampCards:
    """How lamps read in Slack."""

    def card(self, story: Story, now: datetime) -> Message:
        operation = story.operation
        return _message(f"{operation.ref}: {operation.action.name}, {operation.state.value}")

    def event(self, subject: Mapping[str, Any], story: Story, now: datetime) -> Message:
        return _message(f"{story.operation.ref}: {subject['event']}")

    def parts(self, story: Story) -> int:
        return 0

    def live(
        self, connection: Connection, watch: Watch, now: datetime, moved: Moved, link_of: LinkOf
    ) -> Message:
        return _message(
            f"{watch.ref} is {watch.observed.snapshot.state if watch.observed else 'not read yet'}"
        )

    def news(self, connection: Connection, watch: Watch, told: Told, now: datetime) -> Message:
        by = "by the bot" if told.news.caused_by else "without the bot"
        return _message(f"{watch.ref} went {told.news.happened.what}, {by}")

    def nowhere(self, watch: Watch) -> Message:
        return _message(f"{watch.ref} is shown nowhere")

    def changed(
        self, connection: Connection, watch: Watch, before: Observed, told: Mapping[str, News]
    ) -> Iterator[str]:
        yield from ()


def _message(text: str) -> Message:
    card = Card()
    card.line(text)
    return card.message()
