"""What the live message of a workflow, and the news of it, are written from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.operations.model import Story
from bot.planetscale.models import Actor, Workflow
from bot.planetscale.refs import WorkflowRef
from bot.slack.cards.blocks.rich import At, Part, PersonMention, code, one_line, shorten
from bot.slack.cards.blocks.templates import Parts, TemplateFields
from bot.slack.cards.blocks.words import first_line, names
from bot.slack.cards.move.move_story import MoveStory
from bot.slack.cards.operation.view import View, people_behind
from bot.watch.model import Watch
from bot.workflows.actions.registry import brought_by
from bot.workflows.checks.facts import branch, source, target
from bot.workflows.facts.kind import WorkflowKind, kind_of
from bot.workflows.facts.progress import Copy, copy_of
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.traffic import Traffic, traffic
from bot.workflows.facts.verification import Verification, verification
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.observing.troubles import said
from bot.workflows.own import observed_of, ref_of


@dataclass(frozen=True, slots=True)
class Room:
    """How much may be said: what does not fit is said again with less."""

    name: int = 64
    """How long a single name may be."""
    quote: int = 300
    """How long PlanetScale's words may be."""
    rows: int = 5
    """How many lines a table may have."""


ROOMS = (Room(), Room(32, 200), Room(20, 120), Room(12, 80, 3), Room(8, 40, 1))
"""Tried in turn until a message is short enough."""


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A request that waits for people."""

    story: Story
    link: str | None = None
    """To its card, once that is in Slack where others can open it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView(TemplateFields):
    """One watched workflow at one moment."""

    watch: Watch
    now: datetime
    story: Story | None = None
    """The bot's operation that brought it where it is; `None`: done elsewhere, or not known."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What people and groups are called, by their Slack ids."""
    switch_tried_at: datetime | None = None
    """When the bot last sent a switch of it, whatever came of that."""
    hide_errors: bool = False
    """The policy keeps PlanetScale's words out of channels."""
    outcome_open: bool = False
    """What the bot sent there has not ended: whatever else is asked for is refused meanwhile."""
    moved_to: str | None = None
    """The link to the newer live message: then this one is only that."""
    moved_from: str | None = None
    """The link to the one before it, in whose thread stands what was told until then."""
    waiting: tuple[WaitingRequest, ...] = ()
    """What waits for people, the oldest first."""
    move: MoveStory | None = None
    """All that is known of it, once it has ended."""
    room: Room = ROOMS[0]

    def within(self, room: Room) -> "LiveView":
        """The same with less room."""
        return replace(self, room=room)

    def cut(self, text: str) -> str:
        return shorten(one_line(text), self.room.name)

    # what it is

    @property
    def observed(self) -> ObservedState:
        """What is known of it. Not to be asked for before it was first read."""
        known = observed_of(self.watch.observed)
        if known is None:
            msg = "it was not read yet"
            raise ValueError(msg)
        return known

    @property
    def named(self) -> WorkflowRef:
        """Which workflow it is."""
        return ref_of(self.watch.ref)

    @property
    def workflow(self) -> Workflow:
        return self.observed.workflow

    @property
    def state(self) -> State | None:
        return state_of(self.workflow.state)

    @property
    def traffic(self) -> Traffic:
        return traffic(self.workflow)

    @property
    def verification(self) -> Verification:
        return verification(self.workflow, self.now)

    @property
    def copy(self) -> Copy | None:
        return copy_of(self.workflow)

    @property
    def kind(self) -> WorkflowKind:
        """As the source keyspace says, else the workflow itself."""
        told = self.observed.kind
        return kind_of(self.workflow) if told is WorkflowKind.UNKNOWN else told

    @property
    def silent(self) -> bool:
        """Whether what is known may be out of date."""
        return self.watch.is_silent(self.now)

    # names

    @property
    def place(self) -> str:
        """The workflow in a command; never cut, because it is there to be pasted."""
        return f"{self.watch.ref.database} {self.named.number}"

    @property
    def database(self) -> str:
        """The database in a command; never cut."""
        return self.watch.ref.database

    @property
    def ref(self) -> str:
        return f"{self.cut(self.watch.ref.database)} #{self.named.number}"

    @property
    def it(self) -> str:
        """`shop #3`, and for an import what it is."""
        return f"import {self.ref}" if self.kind is WorkflowKind.IMPORT else self.ref

    @property
    def title(self) -> str:
        """`shop #3 orders-to-customer`"""
        return f"{self.ref} {self.cut(self.workflow.name)}"

    @property
    def source(self) -> str:
        return self.cut(source(self.workflow))

    @property
    def target(self) -> str:
        return self.cut(target(self.workflow))

    @property
    def branch(self) -> str:
        return self.cut(branch(self.workflow))

    @property
    def table_list(self) -> tuple[str, ...]:
        return tuple(table.name for table in self.workflow.tables or ())

    @property
    def tables(self) -> str:
        most = min(self.room.rows, 5)
        return names([self.cut(name) for name in self.table_list], most) or "the moved tables"

    @property
    def are(self) -> str:
        return "is" if len(self.table_list) == 1 else "are"

    @property
    def lives(self) -> str:
        return "lives" if len(self.table_list) == 1 else "live"

    # moments

    def at(self, moment: datetime | None) -> Part:
        """A moment with its day: a live message is read for days."""
        return At(moment) if moment else "a time that is not reported"

    @property
    def entered(self) -> Parts:
        """Since when it is in its state; `before 02:14` where nobody knows how long before."""
        known = At(self.observed.entered_at)
        return ("before ", known) if self.observed.only_seen else (known,)

    @property
    def since(self) -> Parts:
        """` since 02:14`; `, first seen 02:14` where nobody knows how long before."""
        return (", first seen " if self.observed.only_seen else " since ", At(self.observed.entered_at))

    @property
    def read_at(self) -> Part:
        return At(self.observed.read_at)

    @property
    def rows_read_at(self) -> Part:
        """When rows, streams and the verification were read last."""
        return At(self.observed.detail_at)

    # people

    def called(self, user: str) -> Part:
        """Somebody by name; a mention only where no name is known."""
        name = self.names.get(user) or self.watch.names.get(user)
        return self.cut(name) if name else PersonMention(user)

    @property
    def by(self) -> Parts:
        """`Ana, approved by Ben`; of what was done elsewhere the account at PlanetScale, if it names one."""
        if self.story is None:
            account = self.account
            return (self.cut(account), " at PlanetScale") if account else ()
        names = {**self.story.operation.names, **self.names}
        return people_behind(View(self.story, self.now, names, self.room.name))

    @property
    def account(self) -> str | None:
        """Who brought it into its state, as PlanetScale names them."""
        action = brought_by(self.state) if self.state else None
        actor: Actor | None = getattr(self.workflow, action.traces.by) if action else None
        return actor.display_name if actor else None

    # PlanetScale's words

    @property
    def errors(self) -> str:
        """What PlanetScale says of the trouble; empty where it says nothing."""
        return first_line(said(self.workflow) or "")

    def it_said(self, words: str) -> Parts:
        """PlanetScale's own words, where this channel may read them."""
        if not words:
            return ("It gave no reason.",)
        if self.hide_errors:
            return ("What it said is kept out of channels.",)
        return ("It said: ", code(shorten(one_line(words), self.room.quote)))
