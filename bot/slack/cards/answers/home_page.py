"""The App Home of one person: what waits for them, what they asked for, what runs, what was done lately.

Pure: the same page gives the same view. Nothing is decided here: an approval is given on its card, where
everything is said that it is about. All that can be pressed is Refresh.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bot.operations.model import Story
from bot.planetscale.models import Workflow
from bot.slack.cards.answers.registers import LEFT_OUT
from bot.slack.cards.blocks.addressing import typed
from bot.slack.cards.blocks.bars import total_bar
from bot.slack.cards.blocks.controls import Button
from bot.slack.cards.blocks.rich import (
    At,
    Block,
    Card,
    Link,
    Message,
    Part,
    blocks,
    bold,
    code,
    one_line,
    shorten,
)
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.blocks.words import plural
from bot.slack.cards.operation.card import title, view_of
from bot.slack.cards.operation.status_line import stage_line
from bot.slack.cards.workflow.list_rows import state_cell
from bot.slack.cards.workflow.overview_card import Everything, gaps
from bot.watch.model import Watch
from bot.workflows.attention import Attention
from bot.workflows.entries import Entry
from bot.workflows.facts.progress import copy_of
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.traffic import traffic

WAITING_SHOWN: Final = 10
ASKED_SHOWN: Final = 5
RUNNING_SHOWN: Final = 20
RECENT_SHOWN: Final = 6
DATABASES_SHOWN: Final = 3
_NAME: Final = 40
_ANY_HISTORY: Final = "/workflow history <database>"
_MOVING_NUMBERS: Final = frozenset({State.COPYING, State.VERIFYING_DATA})


REFRESH: Final = "ho_refresh"


@dataclass(frozen=True, slots=True)
class Shown:
    """An active workflow, as it is known."""

    key: tuple[str, str, int]
    """Organization, database, number."""
    watch: Watch | None = None
    """Where it is watched."""
    entry: Entry | None = None
    """`None` until it was first read."""
    why: Attention | None = None
    """Why somebody should look at it."""


@dataclass(frozen=True, slots=True)
class HomeRead:
    """What was read of the databases of an organization, of what this person may read."""

    organization: str
    read: int = 0
    """How many databases."""
    oldest: datetime | None = None
    """When the one that was read longest ago was read."""
    failed: Mapping[str, str] = field(default_factory=dict)
    not_read: Sequence[str] = ()
    unlisted: str | None = None
    known: bool = False
    """Whether they were read at all since the bot was started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """All that one person's Home shows, the most important first in each part."""

    waits: Sequence[Story]
    """What this person could approve, or settle."""
    asked: Sequence[Story]
    """Their own requests: those that are open, and those of the last day."""
    running: Sequence[Shown]
    """As many active workflows as are shown."""
    hidden: Mapping[tuple[str, str], int]
    """How many more there are, by organization and database."""
    recent: Sequence[Story]
    """Requests that ended, but for those that are shown above."""
    links: Mapping[str, str]
    """The addresses of cards and live messages, by the id of their operation or watch."""
    now: datetime
    default: str
    """The organization that commands are for where they name none."""
    reads: Sequence[HomeRead] = ()
    """What was read beside what is watched, by organization."""
    is_whole: bool = True
    """Whether the policy lets them read everything."""


@dataclass(frozen=True, slots=True)
class HomeView:
    """A Home as Slack takes it."""

    blocks: tuple[Block, ...]
    essence: str
    """A hash of what it says, without numbers that move all the time, and without its own time."""
    content: str
    """A hash that covers these numbers, too."""

    def payload(self) -> dict[str, Any]:
        """The `view` of `views.publish`."""
        return {"type": "home", "blocks": list(self.blocks)}


def home_view(page: HomePage) -> HomeView:
    """The whole Home."""
    card = _card(page, still=False)
    essence, content = _hash(_card(page, still=True).plain), _hash(card.plain)
    card.divider()
    card.line("As of ", At(page.now, "{time}"), " · all commands: ", code("/workflow help"))
    if not page.is_whole:
        card.line(LEFT_OUT)
    card.actions(Button("Refresh", REFRESH, "all"))
    return HomeView(blocks(card.body), essence, content)


def told_view(message: Message) -> HomeView:
    """A Home that says one thing only: why there is nothing to see."""
    said = _hash(message.plain)
    return HomeView(message.blocks, said, said)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _card(page: HomePage, *, still: bool) -> Card:
    """`still`: without numbers that move all the time."""
    card = Card()
    _waits(card, page)
    _asked(card, page)
    _running(card, page, still=still)
    _recent(card, page)
    return card


def _waits(card: Card, page: HomePage) -> None:
    card.header(_counted("Waits for you", len(page.waits)))
    if not page.waits:
        card.line("Nothing waits for you. What needs a second person stands here, with a link to its card.")
    for story in page.waits[:WAITING_SHOWN]:
        view = view_of(story, page.now)
        link = _link(page, story.operation.id) or (" · its card is not in Slack yet",)
        card.line(bold(title(view) + _elsewhere(page, story.operation.organization)))
        card.line(*stage_line(view), " · asked by ", view.who, *link)
    if len(page.waits) > WAITING_SHOWN:
        card.line(f"and {len(page.waits) - WAITING_SHOWN} more: ", code("/workflow approvals"))


def _asked(card: Card, page: HomePage) -> None:
    card.header(_counted("You asked for", len(page.asked)))
    if not page.asked:
        card.line("Nothing in the last day. What you can ask for: ", code("/workflow help"))
    for story in page.asked[:ASKED_SHOWN]:
        view = view_of(story, page.now)
        card.line(bold(title(view) + _elsewhere(page, story.operation.organization)))
        card.line(*stage_line(view), *_link(page, story.operation.id))
    hidden = page.asked[ASKED_SHOWN:]
    if hidden:
        history = _history(page, hidden)
        card.line(f"and {len(hidden)} more", *((": ", history) if history else ()))


def _running(card: Card, page: HomePage, *, still: bool) -> None:
    card.header(_counted("Active workflows", len(page.running) + sum(page.hidden.values())))
    if not (page.running or page.hidden):
        _none_runs(card, page)
    for shown in page.running:
        _workflow(card, page, shown, still=still)
    most = sorted(page.hidden.items(), key=lambda one: (-one[1], one[0]))
    for (organization, database), number in most[:DATABASES_SHOWN]:
        command = typed(f"/workflow list {database}", organization, page.default)
        card.line(f"and {number} more in {_cut(database)}: ", code(command))
    rest = most[DATABASES_SHOWN:]
    if rest:
        places = "another database" if len(rest) == 1 else f"{len(rest)} other databases"
        card.line(f"and {sum(number for _, number in rest)} more in {places}: ", code("/workflow list"))
    for read in page.reads:
        _read(card, page, read, still=still)


def _none_runs(card: Card, page: HomePage) -> None:
    if any(read.known and read.read for read in page.reads):
        card.line("None, as far as databases were read. A new one: ", code("/workflow create"))
        return
    card.line("None is watched. What somebody asks for here is watched by itself; others:")
    card.line(code("/workflow list <database>"), ", then ", code("/workflow watch <database> <number>"))


def _workflow(card: Card, page: HomePage, shown: Shown, *, still: bool) -> None:
    organization, database, number = shown.key
    ref, elsewhere = f"{_cut(database)} #{number}", _elsewhere(page, organization)
    link = _link(page, shown.watch.id) if shown.watch else ()
    if shown.entry is None:
        card.line(bold(f"First reading … · {ref}{elsewhere}"))
        card.line("Writes: not read yet", *link)
        return
    workflow = shown.entry.workflow
    copying = state_of(workflow.state) is State.COPYING
    state = _state(shown.entry, shown.why, page.now, still=still)
    card.line(bold(f"{state} · {ref} {_cut(workflow.name)}{elsewhere}"))
    card.line(*_writes(workflow), *_last_known(shown, shown.entry, page.now), *link)
    copy = copy_of(workflow) if copying and not still else None
    if copy and not copy.finished:
        card.monospaced([total_bar(copy)])


def _read(card: Card, page: HomePage, read: HomeRead, *, still: bool) -> None:
    """How far all databases are in this; nothing that was not read may look as if it were not there."""
    where = _elsewhere(page, read.organization)
    if not read.known:
        card.line(f"These are the watched ones; all databases are being read …{where}")
        return
    if read.oldest and not still:
        card.line(f"{plural(read.read, 'database')} read, as of ", At(read.oldest), where or None)
    missing = Everything(
        organization=read.organization,
        entries=(),
        read=read.read,
        failed=read.failed,
        not_read=read.not_read,
        unlisted=read.unlisted,
    )
    for line in gaps(missing):
        card.line(typed(line, read.organization, page.default))


def _state(entry: Entry, why: Attention | None, now: datetime, *, still: bool) -> str:
    said = shorten(one_line(state_cell(entry, why, now)), 2 * _NAME)
    if still and state_of(entry.workflow.state) in _MOVING_NUMBERS:
        return "".join(sign for sign in said if not sign.isdigit())
    return said


def _writes(workflow: Workflow) -> Parts:
    found = traffic(workflow)
    if found.doubt:
        return ("❓ Writes: not certain",)
    return (f"Writes: {_cut(found.writes) if found.writes else 'not reported by PlanetScale'}",)


def _last_known(shown: Shown, entry: Entry, now: datetime) -> Parts:
    """Where PlanetScale does not answer: from when that is."""
    if shown.watch is None or not shown.watch.is_silent(now):
        return ()
    return (" · ❓ last known, read ", At(entry.read_at))


def _recent(card: Card, page: HomePage) -> None:
    card.header("Lately")
    if not page.recent:
        nothing = "Nothing else yet." if page.asked else "Nothing yet."
        card.line(f"{nothing} All requests on a database: ", code(_ANY_HISTORY))
    for story in page.recent[:RECENT_SHOWN]:
        operation, view = story.operation, view_of(story, page.now)
        ended: tuple[Part, ...] = (" · ", At(operation.ended_at)) if operation.ended_at else ()
        card.line(bold(title(view) + _elsewhere(page, story.operation.organization)), *ended)
        link = _link(page, operation.id)
        card.line(*stage_line(view), " · asked by ", view.who, *link)
    older = page.recent[RECENT_SHOWN:]
    if older:
        card.line("Older ones: ", _history(page, older) or code(_ANY_HISTORY))


def _history(page: HomePage, stories: Sequence[Story]) -> Part | None:
    """The command that shows them all, where they are of one database."""
    places = {(one.operation.organization, one.operation.database) for one in stories}
    if len(places) != 1:
        return None
    [(organization, database)] = places
    return code(typed(f"/workflow history {database}", organization, page.default))


def _elsewhere(page: HomePage, organization: str) -> str:
    """The organization's name, unless it is the default one."""
    return "" if organization == page.default else f" · {_cut(organization)}"


def _counted(text: str, number: int) -> str:
    return f"{text} · {number}" if number else text


def _link(page: HomePage, key: str) -> Parts:
    link = page.links.get(key)
    return (" · ", Link(link)) if link else ()


def _cut(text: str) -> str:
    return shorten(one_line(text), _NAME)
