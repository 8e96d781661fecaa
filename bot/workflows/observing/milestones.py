"""What was reached between two reads, or taken back: told by PlanetScale's times, each time once.

A new time that nothing proves yet is kept waiting. Where a state or a flag proves what no time tells, the
time of the read stands in, and the real one is no news when it comes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.workflows.facts.states import TRANSITIONAL, State, state_of
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.observing.replica_lag import A_MOMENT
from bot.workflows.outcome.evidence_times import (
    COPIED_OR_LATER,
    SWITCHING,
    actor,
    moment_of,
    proven,
    reversed_between,
    stands,
    switched_by_flags,
    switched_off,
    waiting,
)

_SWITCHES = (Happening.REPLICAS_SWITCHED, Happening.PRIMARIES_SWITCHED)
_IMPLIES = {
    Happening.PRIMARIES_SWITCHED: frozenset({Happening.REPLICAS_SWITCHED}),
    Happening.CUT_OVER: frozenset(_SWITCHES),
    Happening.RULES_RESTORED: frozenset(_SWITCHES),
}
_TAKES_BACK = {
    Happening.REPLICAS_SWITCHED: frozenset({Happening.REVERSED}),
    Happening.PRIMARIES_SWITCHED: frozenset({Happening.REVERSED}),
    Happening.CUT_OVER: frozenset({Happening.RULES_RESTORED}),
    Happening.RULES_RESTORED: frozenset({Happening.CUT_OVER}),
}
CORRECTED_BY = timedelta(minutes=1)
"""PlanetScale may put a time right by less than this. What is later by more happened once more. But a
retry, which nothing takes back, may follow another one sooner: its time only becomes more precise."""


def milestones(before: ObservedState, now: ObservedState) -> tuple[ObservedState, list[Happened]]:
    """`now`, with what is known to be reached, and the news. `before` is the sight before this read."""
    tally = _Tally(now, dict(before.told), set(before.reached), set(before.timeless))
    _by_time(tally)
    _by_state(tally)
    _taken_back(tally)
    _broke_off(before, tally)
    return tally.sight(), tally.found


def from_the_start(sight: ObservedState) -> ObservedState:
    """`sight` as the first one: all that it shows counts as told, but what is just being done."""
    first, _ = milestones(sight, sight)
    if state_of(sight.workflow.state) in TRANSITIONAL:
        flagged = switched_by_flags(sight.workflow) - first.reached
        return replace(first, reached=first.reached | flagged, timeless=first.timeless | flagged)
    return replace(
        first, told={**first.told, **{what: at for at, what in waiting(first.workflow, first.told)}}
    )


@dataclass(slots=True)
class _Tally:
    """What is known while a read is gone through."""

    now: ObservedState
    told: dict[Happening, datetime]
    reached: set[Happening]
    timeless: set[Happening]
    found: list[Happened] = field(default_factory=list)

    def tell(self, what: Happening, at: datetime | None) -> None:
        """It happened: `at` PlanetScale's time, or, without one, as a state or flag proves."""
        known = at is not None or what is Happening.RULES_RESTORED
        self.found.append(self.now.news(what, at, by=actor(self.now.workflow, what) if known else None))
        self.drop(_TAKES_BACK.get(what, ()))
        implied = _IMPLIES.get(what, frozenset()) - self.reached
        self.reached |= {what, *implied}
        apart = {other for moment, other in waiting(self.now.workflow, self.told) if self._apart(at, moment)}
        self.timeless |= {what, *(implied - apart)}
        if at:
            self.settle(what, at)

    def _apart(self, at: datetime | None, moment: datetime) -> bool:
        """Whether what has a time of its own is more than a part of what was done `at` a time before it."""
        return at is None or moment <= at or reversed_between(self.now.workflow, at)

    def corrects(self, what: Happening, at: datetime) -> bool:
        """Whether that is only a better time of what was told, for nothing took it back in between."""
        told = self.told.get(what)
        within = A_MOMENT if what is Happening.RETRIED else CORRECTED_BY
        if told is None or what not in self.reached or at - told >= within:
            return False
        return what not in _SWITCHES or not reversed_between(self.now.workflow, told, at)

    def settle(self, what: Happening, at: datetime) -> None:
        """Its time is known, and no news any more."""
        self.told[what] = at
        self.timeless.discard(what)

    def drop(self, what: Iterable[Happening]) -> None:
        self.reached -= set(what)
        self.timeless -= set(what)

    def has_told(self, *what: Happening) -> bool:
        return any(news.what in what for news in self.found)

    def sight(self) -> ObservedState:
        reached, timeless = frozenset(self.reached), frozenset(self.timeless)
        return replace(self.now, told=self.told, reached=reached, timeless=timeless)


def _by_time(tally: _Tally) -> None:
    workflow = tally.now.workflow
    for at, what in waiting(workflow, tally.told):
        if what in tally.timeless or tally.corrects(what, at):
            tally.settle(what, at)
        elif proven(workflow, what, at, frozenset(tally.reached)):
            tally.tell(what, at)
            if what is Happening.REVERSED:
                _drop_reversed(tally, at)


def _drop_reversed(tally: _Tally, at: datetime) -> None:
    """Nothing is switched any more, unless replica reads stayed on the target."""
    switched = moment_of(tally.now.workflow, Happening.REPLICAS_SWITCHED)
    stay = stands(tally.now.workflow) is Happening.REPLICAS_SWITCHED and not (switched and switched > at)
    tally.drop({Happening.PRIMARIES_SWITCHED} if stay else _SWITCHES)


def _by_state(tally: _Tally) -> None:
    workflow = tally.now.workflow
    if workflow.data_copy_completed_at is None:
        state = state_of(workflow.state)
        if state in {State.PENDING, State.COPYING}:
            tally.drop({Happening.COPIED})
        elif state in COPIED_OR_LATER and Happening.COPIED not in tally.reached:
            tally.tell(Happening.COPIED, None)
    standing = stands(workflow)
    if standing and standing not in tally.reached:
        tally.tell(standing, None)


def _taken_back(tally: _Tally) -> None:
    """Traffic that was switched is with the source: reversed, also where no new time says so."""
    gone = [what for what in _SWITCHES if what in tally.reached and switched_off(tally.now.workflow, what)]
    if not gone:
        return
    by = tally.told.get(Happening.REVERSED)
    if by is None or any(what in tally.timeless or tally.told[what] > by for what in gone):
        tally.tell(Happening.REVERSED, None)
    tally.drop(gone)


def _broke_off(before: ObservedState, tally: _Tally) -> None:
    """A switch that was taken or seen moving, and no traffic of it: nothing but a reverse explains that."""
    workflow = tally.now.workflow
    open_times = {what: at for at, what in waiting(workflow, tally.told)}
    if Happening.REVERSED in open_times and _seen_back(before, tally, Happening.REVERSED):
        _reverse_broke_off(tally, open_times[Happening.REVERSED])
    if tally.has_told(Happening.REVERSED, *_SWITCHES):
        return
    off = [what for what in _SWITCHES if what not in tally.reached and switched_off(workflow, what)]
    tried = [
        what
        for what in off
        if state_of(before.workflow.state) is SWITCHING[what]
        or (what in open_times and _seen_back(before, tally, what))
    ]
    if tried:
        tally.found.append(tally.now.news(Happening.SWITCH_BROKE_OFF))
        for what in off:
            if what in open_times:
                tally.settle(what, open_times[what])


def _reverse_broke_off(tally: _Tally, at: datetime) -> None:
    """A reverse that left traffic where it was is no news, and must not pass for one that worked."""
    if stands(tally.now.workflow) in _SWITCHES:
        tally.settle(Happening.REVERSED, at)


def _seen_back(before: ObservedState, tally: _Tally, what: Happening) -> bool:
    """Whether its time was there at an earlier read: what was just taken may not have begun to move yet."""
    earlier = moment_of(before.workflow, what) == moment_of(tally.now.workflow, what)
    return earlier and before.read_at < tally.now.read_at
