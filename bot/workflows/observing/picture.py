"""What a picture of a copy shows, as data: rows over time by table, and what happened meanwhile."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.planetscale.models import Workflow
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.verification import DataVerdict, verification

NAMED = 6
"""So many tables have their own colour; the rest is one."""
LATELY = timedelta(minutes=30)
HELD = "throttled or building indexes"

_TROUBLE = {State.ERROR: "error", State.STOPPED: "stopped"}
_VERIFIED = {
    DataVerdict.CLEAN: "verified clean",
    DataVerdict.STALE: "verified clean",
    DataVerdict.OUTDATED: "verified clean",
    DataVerdict.DIFFERS: "verified: rows differ",
    DataVerdict.BROKE_OFF: "verification broke off",
}


@dataclass(frozen=True, slots=True)
class TableSample:
    """The rows of a copy at a moment, by table."""

    at: datetime
    tables: Mapping[str, int]
    held: bool = False
    """Throttled or building indexes then."""
    state: str = ""
    """The workflow's state then, as PlanetScale names it."""


@dataclass(frozen=True, slots=True)
class Series:
    """The rows of one table over time, or of those that are not named, together."""

    name: str
    points: tuple[tuple[datetime, int], ...]
    tables: int = 1
    """How many tables it is the sum of."""

    @property
    def rows(self) -> int:
        """At the end."""
        return self.points[-1][1]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened, at a moment or for some time."""

    at: datetime
    what: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows over time and what happened. All series have the same moments, two at least."""

    title: str
    series: tuple[Series, ...]
    """The largest first, the unnamed rest last."""
    marks: tuple[Mark, ...] = ()
    """In the order of time."""

    @property
    def totals(self) -> tuple[tuple[datetime, int], ...]:
        """The rows of all tables together."""
        moments = [at for at, _ in self.series[0].points]
        return tuple(
            (at, sum(one.points[place][1] for one in self.series)) for place, at in enumerate(moments)
        )

    @property
    def begins(self) -> datetime:
        return self.series[0].points[0][0]

    @property
    def ends(self) -> datetime:
        return self.series[0].points[-1][0]

    def rate(self, lately: timedelta | None = None) -> float | None:
        """Rows a second, over all of it or `lately`. `None` where rows were copied anew meanwhile."""
        rows = self.totals[-1][1] - self._first(lately)[1]
        return rows / self.span(lately).total_seconds() if rows >= 0 else None

    def span(self, lately: timedelta | None = None) -> timedelta:
        """How much time that rate is really over: samples may be fewer, or further apart."""
        return self.ends - self._first(lately)[0]

    def gathered(self, most: int) -> "Picture":
        """The same with at most so many series, two at least: the largest stay, the others are summed."""
        kept = self.series if len(self.series) <= most else self.series[: most - 1]
        rest = self.series[len(kept) :]
        return replace(self, series=(*kept, _summed(rest))) if rest else self

    def thinned(self, most: int) -> "Picture":
        """The same with at most so many moments, two at least, as evenly over the time as samples allow.

        The first and the last stay, and every number is one that was read.
        """
        places = _spread([at for at, _ in self.totals], most)
        thinned = (replace(one, points=tuple(one.points[place] for place in places)) for one in self.series)
        return replace(self, series=tuple(thinned))

    def _first(self, lately: timedelta | None) -> tuple[datetime, int]:
        totals = self.totals
        since = self.begins if lately is None else self.ends - lately
        return next(point for point in totals if point[0] >= min(since, totals[-2][0]))


def picture(title: str, samples: Iterable[TableSample], workflow: Workflow) -> Picture | None:
    """The picture of a copy from samples with the newest last; `None` where they are too few for one."""
    kept: list[TableSample] = []
    for sample in samples:
        if sample.tables and (not kept or sample.at > kept[-1].at):
            kept.append(sample)
    if len(kept) < 2:
        return None
    marks = sorted([*_held(kept), *_trouble(kept), *_times(workflow, kept[-1].at)], key=lambda mark: mark.at)
    return Picture(title, tuple(_series(kept)), tuple(marks))


def _series(samples: Sequence[TableSample]) -> Iterator[Series]:
    """The largest tables, then the others summed. What a sample does not name is as it was before."""
    rows: dict[str, int] = {}
    known: list[dict[str, int]] = []
    for sample in samples:
        rows = rows | {name: max(0, copied) for name, copied in sample.tables.items()}
        known.append(rows)
    ordered = sorted(rows, key=lambda name: (-rows[name], name))
    named = ordered if len(ordered) <= NAMED + 1 else ordered[:NAMED]
    others = ordered[len(named) :]
    each = [Series(name, _points(samples, [one.get(name, 0) for one in known])) for name in ordered]
    yield from each[: len(named)]
    if others:
        yield _summed(each[len(named) :])


def _summed(series: Sequence[Series]) -> Series:
    """Several as one, which says of how many tables."""
    tables = sum(one.tables for one in series)
    rows = (sum(one.points[place][1] for one in series) for place in range(len(series[0].points)))
    points = zip((at for at, _ in series[0].points), rows, strict=True)
    return Series(f"{tables} more", tuple(points), tables)


def _spread(moments: Sequence[datetime], most: int) -> list[int]:
    """The places of at most so many moments, evenly over the time: of each part of it the last before."""
    if len(moments) <= most:
        return list(range(len(moments)))
    begins, length = moments[0], moments[-1] - moments[0]
    wanted = (begins + length * part / (most - 1) for part in range(most))
    return sorted({bisect_right(moments, at) - 1 for at in wanted})


def _points(samples: Sequence[TableSample], rows: Sequence[int]) -> tuple[tuple[datetime, int], ...]:
    return tuple((sample.at, copied) for sample, copied in zip(samples, rows, strict=True))


def _held(samples: Sequence[TableSample]) -> Iterator[Mark]:
    for begins, ends in _runs(samples, [sample.held for sample in samples]):
        yield Mark(begins, HELD, ends)


def _trouble(samples: Sequence[TableSample]) -> Iterator[Mark]:
    for state, what in _TROUBLE.items():
        for begins, _ in _runs(samples, [state_of(sample.state) is state for sample in samples]):
            yield Mark(begins, what)


def _runs(samples: Sequence[TableSample], holding: Sequence[bool]) -> Iterator[tuple[datetime, datetime]]:
    """Each time for which something holds: from the first sample of which it does to the next without."""
    begins: datetime | None = None
    for sample, holds in zip(samples, holding, strict=True):
        if holds:
            begins = begins or sample.at
        elif begins:
            yield begins, sample.at
            begins = None
    if begins:
        yield begins, samples[-1].at


def _times(workflow: Workflow, now: datetime) -> Iterator[Mark]:
    """What PlanetScale gives a time for."""
    verified = verification(workflow, now)
    moments = (
        ("retried", workflow.retried_at),
        ("copied", workflow.data_copy_completed_at),
        (_VERIFIED.get(verified.verdict), verified.at),
        ("replica reads switched", workflow.switch_replicas_at),
        ("writes switched", workflow.switch_primaries_at),
        ("traffic reversed", workflow.reversed_at),
        ("cut over", workflow.cutover_at),
    )
    for what, at in moments:
        if what and at:
            yield Mark(at, what)
