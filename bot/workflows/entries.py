"""Workflows of many databases as one list: each as it is known best, what needs somebody first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.planetscale.models import Workflow
from bot.workflows.attention import NOTHING, Attention, Beside, Waits, attention
from bot.workflows.facts.states import is_active
from bot.workflows.observing.duration_alerts import what_lasts
from bot.workflows.observing.observe import observe
from bot.workflows.observing.observed_state import ObservedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One workflow of such a list."""

    organization: str
    database: str
    workflow: Workflow
    read_at: datetime
    in_detail: bool
    """What a list does not carry (tables, streams, the verification) is known as well."""
    beside: Beside = NOTHING

    @property
    def key(self) -> tuple[str, str, int]:
        """What names it."""
        return self.organization, self.database, self.workflow.number

    @property
    def active(self) -> bool:
        """Whether it still occupies its branch."""
        return is_active(self.workflow.state)

    def attention(self, now: datetime) -> Attention | None:
        """Why somebody should look at it."""
        return attention(self.workflow, now, self.beside, in_detail=self.in_detail)


def watched_entry(organization: str, database: str, seen: ObservedState, waits: Waits | None) -> Entry:
    """A workflow as watching knows it."""
    return Entry(
        organization=organization,
        database=database,
        workflow=seen.workflow,
        read_at=seen.read_at,
        in_detail=True,
        beside=Beside(waits, what_lasts(seen)),
    )


def listed_entry(
    organization: str,
    database: str,
    listed: Workflow,
    read_at: datetime,
    *,
    seen: ObservedState | None = None,
    waits: Waits | None = None,
) -> Entry:
    """A workflow of a list that was read at a moment; with what watching knows of it, if it is watched."""
    if seen is not None:
        now, _ = observe(seen, listed, read_at, in_detail=False)
        return watched_entry(organization, database, now, waits)
    return Entry(
        organization=organization,
        database=database,
        workflow=listed,
        read_at=read_at,
        in_detail=False,
        beside=Beside(waits),
    )


def foremost(entries: Iterable[Entry], now: datetime) -> list[tuple[Entry, Attention | None]]:
    """Each with why somebody should look at it: the gravest first, then what is active, then what has ended;
    of a database the highest number first.
    """
    found = [(entry, entry.attention(now)) for entry in entries]
    return sorted(found, key=lambda one: (not one[0].active, _rank(one[1]), *_place(one[0])))


def _rank(why: Attention | None) -> int:
    return why.need if why else 99


def _place(entry: Entry) -> tuple[str, str, int]:
    return entry.organization, entry.database, -entry.workflow.number
