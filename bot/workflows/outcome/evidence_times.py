"""Where PlanetScale keeps the time of what happened to a workflow, and what proves that it was really done.

Whether PlanetScale sets a time when it takes an action or when it has done it is not documented. A new time
therefore proves nothing alone; together with a state, a flag or a later time it does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.planetscale.models import Actor, Workflow
from bot.workflows.actions.registry import TOLD_AS
from bot.workflows.facts.states import AFTER_CUTOVER, COPIED, State, state_of
from bot.workflows.observing.happenings import Happening


@dataclass(frozen=True, slots=True)
class Trace:
    """Where something leaves its time and its actor: names of fields of `Workflow`."""

    at: str | None
    by: str | None = None


_LIFE = (
    Happening.RETRIED,
    Happening.REPLICAS_SWITCHED,
    Happening.PRIMARIES_SWITCHED,
    Happening.REVERSED,
    Happening.CUT_OVER,
    Happening.RULES_RESTORED,
    Happening.COMPLETED,
    Happening.CANCELLED,
)
TRACES = {Happening.COPIED: Trace("data_copy_completed_at")} | {
    what: Trace(TOLD_AS[what].traces.at, TOLD_AS[what].traces.by) for what in _LIFE
}
"""In the order of a workflow's life, which is the order of what happened at one moment."""

REVERSING = frozenset({State.REVERSING_TRAFFIC, State.REVERSING_TRAFFIC_FOR_CANCEL})
SWITCHING = {
    Happening.REPLICAS_SWITCHED: State.SWITCHING_REPLICAS,
    Happening.PRIMARIES_SWITCHED: State.SWITCHING_PRIMARIES,
}
SOURCE_SERVES = frozenset({State.PENDING, State.COPYING, *COPIED})
COPIED_OR_LATER = (
    COPIED
    | AFTER_CUTOVER
    | REVERSING
    | {State.SWITCHING_REPLICAS, State.SWITCHED_REPLICAS}
    | {State.SWITCHING_PRIMARIES, State.SWITCHED_PRIMARIES, State.CUTTING_OVER}
)
"""States in which all rows are on the target."""

_ON_TARGET = AFTER_CUTOVER | {State.SWITCHED_PRIMARIES, State.CUTTING_OVER}
_PROOFS = {
    Happening.REPLICAS_SWITCHED: _ON_TARGET | REVERSING | {State.SWITCHED_REPLICAS},
    Happening.PRIMARIES_SWITCHED: _ON_TARGET,
    Happening.CUT_OVER: AFTER_CUTOVER,
    Happening.COMPLETED: frozenset({State.COMPLETED}),
    Happening.CANCELLED: frozenset({State.CANCELLED}),
}
"""The states that prove what a new time says."""

_STANDS = {
    State.SWITCHED_REPLICAS: Happening.REPLICAS_SWITCHED,
    State.SWITCHED_PRIMARIES: Happening.PRIMARIES_SWITCHED,
    State.CUTOVER: Happening.CUT_OVER,
    State.REVERSED_CUTOVER: Happening.RULES_RESTORED,
    State.COMPLETED: Happening.COMPLETED,
    State.CANCELLED: Happening.CANCELLED,
}


def actor(workflow: Workflow, what: Happening) -> str | None:
    """Who did it, as PlanetScale names them."""
    by = TRACES[what].by
    who: Actor | None = getattr(workflow, by) if by else None
    return who.display_name if who else None


def moment_of(workflow: Workflow, what: Happening) -> datetime | None:
    """PlanetScale's time of it."""
    at = TRACES[what].at
    moment: datetime | None = getattr(workflow, at) if at else None
    return moment


def waiting(workflow: Workflow, told: Mapping[Happening, datetime]) -> list[tuple[datetime, Happening]]:
    """The times that are newer than what was told, in their order."""
    found = [(moment_of(workflow, what), what) for what in TRACES]
    new = [(at, what) for at, what in found if at and (what not in told or at > told[what])]
    return sorted(new, key=lambda entry: entry[0])


def reversed_between(workflow: Workflow, begin: datetime, end: datetime | None = None) -> bool:
    """Whether traffic was reversed after `begin`, and by `end`."""
    moment = workflow.reversed_at
    return moment is not None and moment > begin and (end is None or moment <= end)


def proven(workflow: Workflow, what: Happening, at: datetime, reached: frozenset[Happening]) -> bool:
    """Whether what was taken `at` that time is also done, as far as `workflow` can tell."""
    state = state_of(workflow.state)
    match what:
        case Happening.COPIED | Happening.RETRIED:
            return True
        case Happening.REVERSED:
            return _switched_after(workflow, at) or _went_back(workflow, reached)
        case Happening.REPLICAS_SWITCHED | Happening.PRIMARIES_SWITCHED:
            reversed_later = workflow.reversed_at is not None and workflow.reversed_at > at
            return reversed_later or what in switched_by_flags(workflow) or state in _PROOFS[what]
        case _:
            return state in _PROOFS[what]


def stands(workflow: Workflow) -> Happening | None:
    """The furthest thing that state and flags prove. In an error or a move, flags prove nothing."""
    state = state_of(workflow.state)
    if state in COPIED and workflow.primaries_switched:
        return Happening.PRIMARIES_SWITCHED
    if state in COPIED and workflow.replicas_switched:
        return Happening.REPLICAS_SWITCHED
    return _STANDS.get(state) if state else None


def switched_by_flags(workflow: Workflow) -> frozenset[Happening]:
    """What the flags say is switched, but for what is just being switched."""
    flags = {
        Happening.REPLICAS_SWITCHED: workflow.replicas_switched,
        Happening.PRIMARIES_SWITCHED: workflow.primaries_switched,
    }
    state = state_of(workflow.state)
    return frozenset(what for what, flag in flags.items() if flag and state is not SWITCHING[what])


def switched_off(workflow: Workflow, what: Happening) -> bool:
    """Whether that traffic certainly is with the source, and nothing moves."""
    state = state_of(workflow.state)
    if workflow.primaries_switched is not False:
        return False
    if what is Happening.PRIMARIES_SWITCHED and state is State.SWITCHED_REPLICAS:
        return True
    return state in SOURCE_SERVES and (
        what is Happening.PRIMARIES_SWITCHED or workflow.replicas_switched is False
    )


def _switched_after(workflow: Workflow, at: datetime) -> bool:
    return any(
        moment and moment > at for moment in (workflow.switch_replicas_at, workflow.switch_primaries_at)
    )


def _went_back(workflow: Workflow, reached: frozenset[Happening]) -> bool:
    if state_of(workflow.state) in REVERSING:
        return False
    both = workflow.replicas_switched is False and workflow.primaries_switched is False
    primaries = Happening.PRIMARIES_SWITCHED
    return both or (primaries in reached and switched_off(workflow, primaries))
