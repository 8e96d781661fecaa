"""How far a copy is after so many seconds: one table after the other on each stream. Pure.

A stream leads from one source shard to one target shard and copies one table at a time; after each table its
secondary indexes are built where they were deferred, during which no row moves. When all streams are through,
the changes made meanwhile are applied, and only then the workflow runs.
Source: the public description of VReplication's copy phase.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.demo.planetscale.world import Workflow

INDEXING_PACE = 4
"""Building a table's indexes takes the time of copying it, divided by this."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One table on one stream, in seconds of copying: its start, its rows copied, its indexes built."""

    table: str
    rows: int
    starts: float
    copied: float
    ends: float

    def rows_at(self, seconds: float) -> int:
        """How many of its rows are copied after `seconds`."""
        if seconds >= self.copied:
            return self.rows
        if seconds <= self.starts:
            return 0
        return int(self.rows * (seconds - self.starts) / (self.copied - self.starts))


@dataclass(frozen=True, slots=True)
class Stream:
    """The way from one source shard to one target shard."""

    id: int
    source_shard: str
    target_shard: str
    legs: tuple[Leg, ...]

    def rows_at(self, seconds: float) -> int:
        """How many rows it has copied after `seconds`."""
        return sum(leg.rows_at(seconds) for leg in self.legs)

    @property
    def ends(self) -> float:
        return self.legs[-1].ends if self.legs else 0.0


def streams(workflow: Workflow) -> tuple[Stream, ...]:
    """The streams of a workflow. They share the rows evenly and are not equally fast."""
    pairs = [(source, target) for source in workflow.source_shards for target in workflow.target_shards]
    return tuple(
        Stream(index + 1, source, target, tuple(_legs(workflow, index, len(pairs))))
        for index, (source, target) in enumerate(pairs)
    )


def _legs(workflow: Workflow, index: int, of: int) -> Iterator[Leg]:
    pace = workflow.rows_per_second / of * (1 - 0.08 * (index % 4))
    clock = 0.0
    for table in workflow.tables:
        rows = table.rows // of + (index < table.rows % of)
        copied = clock + rows / pace
        ends = copied + ((copied - clock) / INDEXING_PACE if workflow.defer_secondary_keys else 0.0)
        yield Leg(table.name, rows, clock, copied, ends)
        clock = ends


def copy_seconds(workflow: Workflow) -> float:
    """How long the whole copy takes, catching up included, if nothing holds it back."""
    return max((stream.ends for stream in streams(workflow)), default=0.0) + workflow.catch_up_seconds


def rows_copied(lines: tuple[Stream, ...], seconds: float) -> dict[str, int]:
    """The rows of each table that these streams have copied after `seconds`."""
    copied: dict[str, int] = {}
    for stream in lines:
        for leg in stream.legs:
            copied[leg.table] = copied.get(leg.table, 0) + leg.rows_at(seconds)
    return copied


def seconds_to(workflow: Workflow, percent: float) -> float:
    """After how many seconds `percent` of the estimated rows are copied (the whole copy, if never)."""
    wanted = sum(table.estimate for table in workflow.tables) * percent / 100
    lines = streams(workflow)
    low, high = 0.0, copy_seconds(workflow)
    for _ in range(50):
        middle = (low + high) / 2
        if sum(stream.rows_at(middle) for stream in lines) < wanted:
            low = middle
        else:
            high = middle
    return high
