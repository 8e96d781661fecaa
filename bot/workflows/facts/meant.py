"""Which workflow is meant where its number was left out, or a name was typed in its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from bot.planetscale.models import Workflow
from bot.workflows.facts.states import is_active

MOST_CHOICES: Final = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A workflow of the database that may be meant."""

    number: int
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class Meant:
    """The one that is meant."""

    number: int
    name: str
    sentence: str
    """What was typed and what it was taken for: for everybody."""
    exact: bool
    """The whole name was typed, and no other workflow has it: nothing was assumed."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """None can be taken to be meant."""

    cause: str
    """A sentence."""
    choices: tuple[Candidate, ...] = ()
    """Those that may be, the likeliest first; not all of many."""
    question: str = "Which one?"
    """What is said between the two."""


def candidates(workflows: Iterable[Workflow]) -> list[Candidate]:
    """The workflows of a list, as those that may be meant."""
    return [Candidate(one.number, one.name, is_active(one.state)) for one in workflows]


def the_one_meant(database: str, named: str | None, workflows: Iterable[Candidate]) -> Meant | Doubt:
    """The only active workflow where nothing was `named`; else the one of that name, or that begins so.

    Upper and lower case are the same in a name. A whole name goes before a beginning, and an active workflow
    before those that have ended: only among these does it have to be the only one.
    """
    known = sorted(workflows, key=lambda one: (not one.active, -one.number))
    return _only_active(database, known) if named is None else _of_name(database, named, known)


def _only_active(database: str, known: Sequence[Candidate]) -> Meant | Doubt:
    active = [one for one in known if one.active]
    if len(active) == 1:
        only = f"#{active[0].number} {active[0].name}"
        said = f"You did not say which: {database} has one active workflow, {only}."
        return Meant(active[0].number, active[0].name, said, exact=False)
    if not active:
        return Doubt(f"{database} has no active workflow.")
    return Doubt(f"{database} has {len(active)} active workflows.", tuple(active[:MOST_CHOICES]))


def _of_name(database: str, named: str, known: Sequence[Candidate]) -> Meant | Doubt:
    typed = named.casefold()
    same = [one for one in known if one.name.casefold() == typed]
    begun = [one for one in known if one.name.casefold().startswith(typed)]
    for found in (same, begun):
        foremost = [one for one in found if one.active] or found
        if len(foremost) == 1:
            return _meant(named, foremost[0], found)
        if foremost:
            verb = "are called" if found is same else "begin with"
            kind = "active workflows" if foremost[0].active else "workflows"
            said = f"{len(foremost)} {kind} of {database} {verb} “{named}”."
            return Doubt(said, tuple(foremost[:MOST_CHOICES]))
    nearest = _nearest(typed, known)
    there_are = "Active:" if nearest and nearest[0].active else "There are:"
    cause = f"No workflow of {database} is known that is called “{named}” or begins so."
    return Doubt(cause, nearest, there_are)


def _meant(named: str, one: Candidate, found: Sequence[Candidate]) -> Meant:
    whole = one.name.casefold() == named.casefold()
    if whole and len(found) == 1:
        said = f"“{named}” was typed, which is the name of #{one.number}."
    elif whole:
        said = f"“{named}” was typed: #{one.number} is the only active workflow of that name."
    else:
        only = "the only active workflow" if one.active else "the only workflow"
        said = f"“{named}” was typed: #{one.number} {one.name} is {only} that begins so."
    return Meant(one.number, one.name, said, exact=whole and len(found) == 1)


def _nearest(typed: str, known: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Active ones; without any, the others. What is written most like it goes first."""
    offered = [one for one in known if one.active] or list(known)

    def likeness(one: Candidate) -> float:
        return SequenceMatcher(None, typed, one.name.casefold()).ratio()

    return tuple(sorted(offered, key=likeness, reverse=True)[:MOST_CHOICES])
