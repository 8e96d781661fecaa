"""One view of all databases: what was read now, and what the bot's rows know of the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.kinds.workflow.known import Known
from bot.slack.lists.reading import Lists, MayRead
from bot.workflows.entries import Entry, listed_entry, watched_entry
from bot.workflows.facts.states import is_active


@dataclass(frozen=True, slots=True)
class Overview:
    """The active workflows of one organization, as far as one person may read about them."""

    organization: str
    entries: tuple[Entry, ...]
    lists: Lists
    """What was read for it, and what was not."""

    @property
    def read(self) -> int:
        """How many databases were read."""
        return len(self.lists.listed)


def overview(organization: str, lists: Lists, known: Known, may_read: MayRead) -> Overview:
    """All that is active: by the lists, and, of databases that were not read, as watching knows it."""
    found = (*_listed(organization, lists, known), *_watched(organization, lists, known, may_read))
    return Overview(organization, tuple(one for one in found if one.active), lists)


def _listed(organization: str, lists: Lists, known: Known) -> Iterator[Entry]:
    for database, listed in lists.listed.items():
        for workflow in listed.workflows:
            if is_active(workflow.state):
                place = (database, workflow.number)
                seen, waits = known.seen.get(place), known.waits.get(place)
                yield listed_entry(organization, database, workflow, listed.read_at, seen=seen, waits=waits)


def _watched(organization: str, lists: Lists, known: Known, may_read: MayRead) -> Iterator[Entry]:
    for (database, number), seen in known.seen.items():
        if database not in lists.listed and may_read(database):
            yield watched_entry(organization, database, seen, known.waits.get((database, number)))


def with_details(entries: Iterable[Entry], details: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries, with those that were read in full in their places."""
    full = {one.key: one for one in details}
    return tuple(full.get(one.key, one) for one in entries)
