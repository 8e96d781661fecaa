"""The answer to `list`: the workflows of one database, what needs somebody first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from bot.planetscale.models import Workflow
from bot.slack.cards.blocks.rich import At, Card, Message, Part, bold, code
from bot.slack.cards.workflow.list_rows import WIDEST, cells
from bot.workflows.attention import Attention
from bot.workflows.entries import Entry, foremost
from bot.workflows.facts.states import is_active

ACTIVE_SHOWN = 20
ROWS_SHOWN = 8
"""Ended ones fill the list up to this many rows."""
_HEADER = ("#", "Name", "Writes", "State")
"""The most important first: a phone shows about forty columns."""

Found = tuple[Entry, Attention | None]


class Only(Enum):
    """Which workflows are wanted. The values are the flags that say so."""

    ALL = ""
    ACTIVE = "--active"
    NEEDY = "--needs-attention"


@dataclass(frozen=True, slots=True)
class _List:
    """What is shown, and beside what else."""

    database: str
    now: datetime
    stands: bool
    found: Sequence[Found]
    active: int
    ended: int

    @property
    def counts(self) -> str:
        needy = sum(why is not None for _, why in self.found)
        attention = f" · {needs_attention(needy)}" if needy else ""
        return f"{self.active} active, {self.ended} ended{attention}"


def list_card(
    database: str,
    entries: Sequence[Entry],
    now: datetime,
    *,
    stands: bool = False,
    only: Only = Only.ALL,
) -> Message:
    """The workflows of `database`. `now` is in the reader's zone, and so are all times.

    `stands`: it is read by many and for days, so times are UTC, with their date, and say so.
    """
    now = now.astimezone(UTC) if stands else now
    found = foremost(entries, now)
    active = sum(entry.active for entry in entries)
    listed = _List(database, now, stands, found, active, len(entries) - active)
    card = Card()
    wanted = [one for one in found if is_wanted(one, only)]
    if wanted:
        _table(card, listed, wanted, only)
    else:
        _nothing(card, listed, only)
    return card.message(f"Workflows in {database}: {listed.counts.replace(' · ', ', ')}.")


def is_wanted(found: Found, only: Only) -> bool:
    """Whether a workflow is among those that were asked for."""
    entry, why = found
    return only is Only.ALL or (entry.active if only is Only.ACTIVE else why is not None)


def since_heading(now: datetime) -> str:
    """Times are in the zone of `now`; where the reader's own is not known, that is UTC, and is said."""
    return "Since (UTC)" if now.tzinfo is UTC else "Since"


def needs_attention(number: int) -> str:
    """`1 needs attention`, `3 need attention`."""
    return f"{number} {'needs' if number == 1 else 'need'} attention"


def in_order(workflows: Sequence[Workflow]) -> list[Workflow]:
    """Active ones first, each group with the highest number first."""
    return sorted(workflows, key=lambda workflow: (not is_active(workflow.state), -workflow.number))


def _nothing(card: Card, listed: _List, only: Only) -> None:
    database = listed.database
    if not listed.found:
        create = code(f"/workflow create {database} main -i")
        card.line(f"No workflows in {database} yet. Start one: ", create)
        return
    what = "is active" if only is Only.ACTIVE else "needs attention"
    card.line(bold(f"Nothing in {database} {what}"), f" · {listed.counts}")
    card.line("All: ", code(f"/workflow list {database}"))


def _table(card: Card, listed: _List, wanted: Sequence[Found], only: Only) -> None:
    active = sum(entry.active for entry, _ in wanted)
    most = max(min(active, ACTIVE_SHOWN), ROWS_SHOWN)
    shown, hidden = wanted[:most], wanted[most:]
    now, stands = listed.now, listed.stands
    read: tuple[Part, ...] = (" · read ", At(now)) if stands else ()
    card.line(bold(f"Workflows in {listed.database}"), f" · {listed.counts}", *read)
    header = (*_HEADER, since_heading(now))
    card.table([header, *(cells(*one, now, stands=stands) for one in shown)], WIDEST, numbers=0)
    if hidden:
        card.line(*_hidden(listed.database, [entry for entry, _ in hidden], only))
    card.line("Next: ", code(f"/workflow show {listed.database} {shown[0][0].workflow.number}"))


def _hidden(database: str, hidden: Sequence[Entry], only: Only) -> tuple[Part, ...]:
    active = sum(entry.active for entry in hidden)
    which = "older" if not active else f"more ({active} of them active)"
    flag = f" {only.value}" if only.value else ""
    return (f"and {len(hidden)} {which}: ", code(f"/workflow list {database}{flag} --format csv"))
