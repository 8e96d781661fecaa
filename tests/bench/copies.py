"""Copies to estimate: curves of rows over time, of which the end is known. Deterministic."""

import math
import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from bot.demo.planetscale.copying import INDEXING_PACE
from bot.workflows.observing.estimate import Sample

BEGUN = datetime(2026, 1, 5, tzinfo=UTC)
EVERY = 30.0
"""Seconds between two reads."""
PAUSE = 1200.0
"""Seconds for which the throttler holds a copy, on average."""
INDEXING_SEEN_AFTER = 300.0
"""An index step is only seen by rows that stand still for some time."""


@dataclass(frozen=True, slots=True)
class SimulatedCopy:
    """The true rows at each read, whether they are known to be held then, and the total as reported."""

    rows: tuple[int, ...]
    held: tuple[bool, ...]
    total: int

    @property
    def seconds(self) -> float:
        return (len(self.rows) - 1) * EVERY

    def at_share(self, share: float) -> int:
        """The first step at which this share of the rows is copied."""
        return next(step for step, rows in enumerate(self.rows) if rows >= share * self.rows[-1])

    def seen_at(self, step: int) -> list[Sample]:
        """What is kept by then: all of an hour, one in ten of a day, one in a hundred before."""
        return [
            Sample(moment(past), self.rows[past], self.total, self.held[past])
            for past in range(step + 1)
            if past % _thinned((step - past) * EVERY) == 0 or past == step
        ]


def moment(step: int) -> datetime:
    """The time of a step."""
    return BEGUN + timedelta(seconds=step * EVERY)


def _thinned(age: float) -> int:
    return 1 if age <= 3600 else 10 if age <= 86400 else 100


@dataclass(frozen=True, slots=True)
class Table:
    """Its rows, and how fast it goes beside others."""

    rows: int
    pace: float


def simulate(
    seed: int,
    tables: Sequence[Table],
    *,
    rate: float,
    slowed_by: float = 0.0,
    paused: float = 0.0,
    indexes: bool = False,
    total_as_reported: float = 1.0,
) -> SimulatedCopy:
    """A copy of one table after the other, at a rate that wobbles.

    It is slowed by up to `slowed_by` towards its end, and the throttler holds it for about the share `paused`
    of the time.
    """
    chance = random.Random(seed)
    ends = list(accumulate(table.rows for table in tables))
    whole, wobble = ends[-1], _wobble(chance)
    rows, held, done, busy, indexing, pause, standing = [0], [False], 0.0, 0.0, 0.0, 0.0, 0.0
    while done < whole or indexing > 0:
        fluke, throttled = next(wobble), False
        if indexing > 0:
            indexing, standing = indexing - EVERY, standing + EVERY
        elif pause > 0:
            pause, throttled = pause - EVERY, True
        else:
            table = bisect_right(ends, done)
            pace = rate * fluke * tables[table].pace * (1 - slowed_by * done / whole)
            done, busy, standing = min(done + pace * EVERY, ends[table]), busy + EVERY, 0.0
            if done >= ends[table] and indexes:
                indexing, busy = busy / INDEXING_PACE, 0.0
            if chance.random() < EVERY / PAUSE * paused / (1 - paused):
                pause = chance.expovariate(1 / PAUSE)
        rows.append(int(done))
        held.append(throttled or standing > INDEXING_SEEN_AFTER)
    return SimulatedCopy(tuple(rows), tuple(held), int(whole * total_as_reported))


def _wobble(chance: random.Random) -> Iterator[float]:
    """Around 1, by about 15 %, over some 20 minutes; and by as much again from one read to the next."""
    slow = 0.0
    while True:
        slow = 0.975 * slow + chance.gauss(0, 0.15 * math.sqrt(1 - 0.975**2))
        yield math.exp(slow + chance.gauss(0, 0.15))


def kinds(copies: int) -> dict[str, list[SimulatedCopy]]:
    """So many copies of each kind."""
    some = [(seed, _rate(seed)) for seed in range(copies)]
    return {
        "steady": [simulate(seed, [Table(10**9, 1)], rate=rate) for seed, rate in some],
        "three tables": [simulate(seed, _tables(seed, 3), rate=rate) for seed, rate in some],
        "slowing to 40 %": [
            simulate(seed, _tables(seed, 3), rate=rate, slowed_by=0.6) for seed, rate in some
        ],
        "throttled 30 %": [simulate(seed, _tables(seed, 3), rate=rate, paused=0.3) for seed, rate in some],
        "total half too low": [
            simulate(seed, _tables(seed, 3), rate=rate, total_as_reported=0.5) for seed, rate in some
        ],
        "total half too high": [
            simulate(seed, _tables(seed, 3), rate=rate, total_as_reported=1.5) for seed, rate in some
        ],
        "40 tables, indexes": [
            simulate(seed, _tables(seed, 40), rate=rate, indexes=True) for seed, rate in some
        ],
    }


def _tables(seed: int, number: int) -> list[Table]:
    """Tables of very different sizes and widths, a billion rows together."""
    chance = random.Random(seed * 1000 + number)
    sizes = [chance.lognormvariate(0, 1.2) for _ in range(number)]
    return [Table(max(1, int(1e9 * size / sum(sizes))), chance.lognormvariate(0, 0.3)) for size in sizes]


def _rate(seed: int) -> float:
    """Rows a second: the copies take between about 2 and 30 hours."""
    return float(1e9 / 3600 / (2 * 15 ** random.Random(seed).random()))
