"""What becomes news by time alone: what takes long, what goes on for a while, and that it is over."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.workflows.facts.progress import held_last
from bot.workflows.facts.states import COPIED, TRANSITIONAL, State, state_of
from bot.workflows.facts.traffic import anything_switched
from bot.workflows.facts.verification import DataVerdict, verification
from bot.workflows.observing.copy_progress import STREAMS_RUN, is_copying, stands_still
from bot.workflows.observing.happenings import LASTING, Happened, Happening
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.observing.stage import CANCELS_WITHIN, MOVES_WITHIN
from bot.workflows.observing.verifying import stands_since

THROTTLED_FOR = timedelta(minutes=30)
THROTTLED_LONG_FOR = timedelta(hours=4)
INDEXES_LONG = timedelta(hours=6)
STALE_WITHIN = timedelta(hours=2)
COMPLETED_WITHIN = timedelta(days=7)
SLOWER_AT_LEAST = timedelta(minutes=30)
"""An estimate that has doubled within less than this is not worth a word."""
SLOWER_NO_MORE = 1.5
"""The copy takes at most this many times as long as first expected: then it is not slower any more."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """Something that is so now, for long enough to be told."""

    what: Happening
    since: datetime
    at: datetime | None = None


def lasting(now: ObservedState) -> tuple[ObservedState, list[Happened]]:
    """`now`, and what time made news of it."""
    over = [what for what in LASTING if what in now.told and _is_over(now, what)]
    news = [_going_on(now, what) for what in sorted(over) if _is_told_as_over(now, what)]
    told = {what: at for what, at in now.told.items() if what not in over}
    for one in _conditions(now):
        if one.what not in told or one.since > told[one.what]:
            told[one.what] = one.since
            news.append(_news(now, one))
    return replace(now, told=told), news


def what_lasts(now: ObservedState) -> frozenset[Happening]:
    """What is so at this read for longer than it should be, told or not."""
    return frozenset(one.what for one in _conditions(now))


def known_from_the_start(sight: ObservedState) -> ObservedState:
    """`sight` as the first one: that a verification is old is no news of somebody who just came."""
    old = {one.what: one.since for one in _verification_ages(sight)}
    return replace(sight, told={**sight.told, **old})


def _conditions(now: ObservedState) -> Iterator[Lasting]:
    yield from _transitions(now)
    yield from _verification_ages(now)
    if now.throttled_since and now.detail_at - now.throttled_since >= THROTTLED_FOR:
        yield Lasting(Happening.THROTTLED, now.throttled_since)
    if now.throttled_since and now.detail_at - now.throttled_since >= THROTTLED_LONG_FOR:
        yield Lasting(Happening.THROTTLED_LONG, now.throttled_since)
    if now.indexing_since and now.detail_at - now.indexing_since >= INDEXES_LONG:
        yield Lasting(Happening.INDEXING_LONG, now.indexing_since)
    if now.moved_at and stands_still(now):
        yield Lasting(Happening.STANDING, now.moved_at)
    if stands := stands_since(now):
        yield Lasting(Happening.VERIFICATION_STANDS, stands)
    if now.first_estimate_on and (_stretched(now) or 0) >= 2:
        yield Lasting(Happening.SLOWER, now.first_estimate_on)


def _transitions(now: ObservedState) -> Iterator[Lasting]:
    state, age = state_of(now.workflow.state), now.read_at - now.entered_at
    if state is State.CANCELLING:
        if age > CANCELS_WITHIN:
            yield Lasting(Happening.CANCELLING_LONG, now.entered_at)
    elif state in TRANSITIONAL and age > MOVES_WITHIN:
        yield Lasting(Happening.MOVING_LONG, now.entered_at)
    cut_over = now.workflow.cutover_at or now.entered_at
    if state in {State.CUTOVER, State.REVERSED_CUTOVER} and now.read_at - cut_over >= COMPLETED_WITHIN:
        yield Lasting(Happening.NOT_COMPLETED, cut_over)


def _verification_ages(now: ObservedState) -> Iterator[Lasting]:
    if state_of(now.workflow.state) not in COPIED or anything_switched(now.workflow) or now.verifying_since:
        return
    found = verification(now.workflow, now.read_at)
    if found.at is None or found.fresh_until is None:
        return
    if found.verdict is DataVerdict.CLEAN and now.read_at >= found.fresh_until - STALE_WITHIN:
        yield Lasting(Happening.STALE_SOON, found.at, found.fresh_until - STALE_WITHIN)
    if found.verdict is DataVerdict.STALE:
        yield Lasting(Happening.STALE, found.at, min(now.read_at, found.fresh_until))


def _stretched(now: ObservedState) -> float | None:
    """How much longer the copy takes than first expected: 2.0 is twice as long from the first estimate on.

    Less than half an hour more counts as nothing.
    """
    left = now.estimate.left if now.estimate else None
    if left is None or now.first_estimate_at is None or now.first_estimate_on is None:
        return None
    ends = now.read_at + left
    first = max(now.first_estimate_at - now.first_estimate_on, timedelta(minutes=1))
    return 1.0 if ends - now.first_estimate_at < SLOWER_AT_LEAST else (ends - now.first_estimate_on) / first


def _is_over(now: ObservedState, what: Happening) -> bool:
    match what:
        case Happening.THROTTLED | Happening.THROTTLED_LONG:
            return now.throttled_since is None
        case Happening.VERIFICATION_STANDS:
            return stands_since(now) is None
        case Happening.SLOWER:
            stretched = _stretched(now)
            return not is_copying(now.workflow) or (stretched is not None and stretched < SLOWER_NO_MORE)
        case _:
            moved = now.moved_at is not None and now.moved_at > now.told[what]
            return moved or not is_copying(now.workflow)


def _is_told_as_over(now: ObservedState, what: Happening) -> bool:
    """What ended because the workflow went on to something else is told as that."""
    if what is Happening.THROTTLED_LONG:
        return False
    if what is Happening.VERIFICATION_STANDS:
        return state_of(now.workflow.state) is State.VERIFYING_DATA
    if what is Happening.THROTTLED:
        return state_of(now.workflow.state) in STREAMS_RUN
    return is_copying(now.workflow)


def _going_on(now: ObservedState, what: Happening) -> Happened:
    moved = now.moved_at if what in {Happening.STANDING, Happening.INDEXING_LONG} else None
    return now.news(Happening.GOING_ON, moved, since=now.told[what], was=what)


def _news(now: ObservedState, one: Lasting) -> Happened:
    if one.what in {Happening.THROTTLED, Happening.THROTTLED_LONG}:
        stream = held_last(now.workflow)
        shard, component = (stream.target_shard, stream.component_throttled) if stream else (None, None)
        return now.news(one.what, one.at, since=one.since, subject=shard, said=component)
    subject = now.indexing if one.what is Happening.INDEXING_LONG else None
    return now.news(one.what, one.at, since=one.since, subject=subject)
