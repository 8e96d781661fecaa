"""How long a copy will still take, from what was seen of it: an estimate that says how uncertain it is.

The rate is looked at over a half hour, over a day, and between: where these agree, the range is narrow. The
day also tells which share of the time rows stand (throttled, index steps), and that is taken to go on.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

SILENT_FOR = timedelta(minutes=10)
"""The beginning of a copy says nothing of the rest. The same when its rows were started over."""
STILL_AFTER = timedelta(minutes=10)
"""Rows that have stood for so long: nobody knows when they go on."""
LONGEST = timedelta(days=60)
"""More than that is no estimate."""
STEADY_WITHIN = 0.15
HOUR = timedelta(hours=1)
SPANS = (HOUR / 2, 1.5 * HOUR, 4 * HOUR, 24 * HOUR)
"""The rate is taken over each, the first being "lately": short ones follow changes, long ones are calm."""
WITH_STANDSTILLS = SPANS[1]
"""From this span on its standstills are no chance, and a rate that includes them counts for the range."""
ENOUGH = timedelta(minutes=5)
"""A rate over less is chance."""
RESTART = 0.01
"""Counts are statistics and may drop a little; a larger drop means that rows are copied again."""
TOTAL_OFF = 0.03
"""By how much the total of the rows, a statistic, is easily wrong: the nearer the end, the more that is."""
LEAST_FREE = 0.5
"""However long a copy was held so far, it is not expected to be held for more than half of the rest."""
AHEAD_SOONEST, AHEAD_LATEST = 0.25, 0.5
"""By how much what lies ahead may be unlike what was seen. Copies slow down more often than they speed up."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows of a copy at a moment, all tables together."""

    at: datetime
    copied: int
    total: int | None
    """`None` where the total of any table is not reported."""
    held: bool = False
    """Throttled or building indexes then: rows that stand still for a known reason."""


class Trend(StrEnum):
    """The rate beside that of an hour before."""

    STEADY = "steady"
    FASTER = "faster"
    SLOWER = "slower"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is left. `None` where nothing honest can be said; never negative, infinite or NaN."""

    rate: float | None
    """Rows a second, lately."""
    trend: Trend | None = None
    left: timedelta | None = None
    expected: float | None = None
    """Rows a second, standstills included, that `left` goes by: lately it may have been faster or slower."""
    soonest: timedelta | None = None
    latest: timedelta | None = None
    grounds: timedelta = timedelta()
    """For how long of the last day rows were seen while nothing held them."""


@dataclass(frozen=True, slots=True)
class _Pace:
    """What was copied in some span of time: in all, and while nothing held it."""

    rows: float
    seconds: float
    free_rows: float
    free_seconds: float

    @property
    def overall(self) -> float | None:
        """Rows a second, standstills included."""
        return _rate(self.rows, self.seconds)

    @property
    def free(self) -> float | None:
        """Rows a second while nothing held it."""
        return _rate(self.free_rows, self.free_seconds)

    @property
    def share_free(self) -> float:
        """What holding costs: the rate overall as a share of the free one."""
        if not self.overall or not self.free:
            return 1.0
        return max(LEAST_FREE, min(1.0, self.overall / self.free))


def estimate(samples: Sequence[Sample], now: datetime, started_at: datetime | None) -> Estimate | None:
    """What can be said at `now` of a copy that began at `started_at`, from samples with the newest last.

    `None` while it is too new, and while its rows stand still. Where the total is not known, or passed, or
    the end too far away, there is a rate and no time.
    """
    seen = _since_restart(one for one in samples if (started_at or one.at) <= one.at <= now)
    if not seen or now - max(seen[0].at, started_at or seen[0].at) < SILENT_FOR:
        return None
    paces = [_pace(seen, now - span, now) for span in SPANS]
    rate = paces[0].free or paces[0].overall
    if not rate or _pace(seen, now - STILL_AFTER, now).rows <= 0:
        return None
    earlier = _pace(seen, now - HOUR - SPANS[0], now - HOUR)
    grounds = timedelta(seconds=paces[-1].free_seconds)
    known = Estimate(rate, _trend(rate, earlier.free), grounds=grounds)
    total, copied = seen[-1].total, seen[-1].copied
    if total is None or copied >= total:
        return known
    return _with_time(known, paces, total - copied, total, now - seen[0].at)


def _with_time(
    known: Estimate, paces: Sequence[_Pace], rows: int, total: int, seen_for: timedelta
) -> Estimate:
    """`known` with the time that `rows` will take, if that can be said."""
    rates = [pace.free * paces[-1].share_free for pace in paces if pace.free] or [known.rate or 0]
    expected = median(rates)
    seconds = rows / expected
    fastest, slowest = _extremes(rates, paces)
    ahead = seconds / (seconds + seen_for.total_seconds())
    total_off = 1 + TOTAL_OFF * total / rows
    soonest = min(seconds, rows / fastest) / (1 + AHEAD_SOONEST * ahead) / total_off
    latest = max(seconds, rows / slowest) * (1 + AHEAD_LATEST * ahead) * total_off
    if latest > LONGEST.total_seconds():
        return known
    left, soon, late = (timedelta(seconds=one) for one in (seconds, soonest, latest))
    return replace(known, left=left, expected=expected, soonest=soon, latest=late)


def _extremes(rates: Sequence[float], paces: Sequence[_Pace]) -> tuple[float, float]:
    """The highest and lowest rate that what was seen gives reason to expect."""
    goes_on = rates[0] * math.sqrt(rates[0] / rates[-1])  # half of the change so far, once more
    held_no_more = rates[0] / paces[-1].share_free
    held_as_lately = [
        pace.overall
        for span, pace in zip(SPANS, paces, strict=True)
        if span >= WITH_STANDSTILLS and pace.overall
    ]
    expected = [*rates, goes_on, held_no_more, *held_as_lately]
    return max(expected), min(expected)


def _since_restart(samples: Iterable[Sample]) -> list[Sample]:
    """Samples whose times and counts never fall: from the last restart on, without what contradicts it."""
    kept: list[Sample] = []
    for sample in samples:
        if kept and sample.copied < kept[-1].copied * (1 - RESTART):
            kept = [sample]
        elif not kept or (sample.at > kept[-1].at and sample.copied >= kept[-1].copied):
            kept.append(sample)
    return kept


def _pace(seen: Sequence[Sample], since: datetime, until: datetime) -> _Pace:
    """The pace between two moments; between two samples rows are taken to have come evenly."""
    rows = seconds = free_rows = free_seconds = 0.0
    for before, after in pairwise(seen):
        share = (min(after.at, until) - max(before.at, since)) / (after.at - before.at)
        if share <= 0:
            continue
        some = (after.copied - before.copied) * share
        time = (after.at - before.at).total_seconds() * share
        rows, seconds = rows + some, seconds + time
        if not (before.held or after.held):
            free_rows, free_seconds = free_rows + some, free_seconds + time
    return _Pace(rows, seconds, free_rows, free_seconds)


def _rate(rows: float, seconds: float) -> float | None:
    return rows / seconds if rows > 0 and seconds >= ENOUGH.total_seconds() else None


def _trend(rate: float, before: float | None) -> Trend | None:
    if before is None:
        return None
    if abs(rate / before - 1) <= STEADY_WITHIN:
        return Trend.STEADY
    return Trend.FASTER if rate > before else Trend.SLOWER
