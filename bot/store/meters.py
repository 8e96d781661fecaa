"""What all processes on one PostgreSQL may do only so often: a row for each limit.

The database's clock counts, for machines' clocks differ. Each count is one statement and a transaction by
itself, so that a process that is stopped half-way holds up no other.
"""

from collections.abc import Mapping
from math import ceil
from typing import Any, Final

from sqlalchemy import Connection, TextClause, text

from bot.runtime.metering import Flow, NotCountedError, Portion, Rank
from bot.store.engine.database import Database
from bot.store.engine.lane import WorkPriority
from bot.store.errors import StoreError

MARK_SECONDS: Final = 1.5
"""So long whoever got nothing is waited for by those behind it; it asks again more often than that."""
WITHIN: Final = 1.5
"""Seconds in which a statement has to begin."""

# The clock is looked at once the row is locked: nobody can have counted later. If it shows less all the same,
# the database's clock was set back, or another server has taken over: what waits for a moment goes back too.
_TAKE: Final = text("""
WITH held AS MATERIALIZED (
    SELECT * FROM meters WHERE name = :name FOR UPDATE
), seen AS MATERIALIZED (
    SELECT held.*, CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint) AS now FROM held
), moved AS MATERIALIZED (
    SELECT seen.*, greatest(counted_at - now, 0) AS back FROM seen
), filled AS MATERIALIZED (
    SELECT now, back,
        least(:most, level + greatest(now - counted_at, 0) / 1000000.0 * :a_second) AS level,
        greatest(
            coalesce(closed_until - back, 0),
            coalesce((SELECT closed_until FROM meters WHERE name = :closed_with AND name <> :name), 0)
        ) AS closed_until,
        (:rank > 0 AND coalesce(first_until - back, 0) > now)
            OR (:rank > 1 AND coalesce(second_until - back, 0) > now) AS behind
    FROM moved
), given AS MATERIALIZED (
    SELECT now, back, level, closed_until, CASE
        WHEN behind OR closed_until > now THEN 0
        ELSE least(:wanted, greatest(0, floor(level - :kept)))
    END AS granted
    FROM filled
)
UPDATE meters SET
    level = given.level - given.granted,
    counted_at = given.now,
    closed_until = meters.closed_until - given.back,
    first_until = CASE
        WHEN :rank = 0 AND given.granted = 0 THEN given.now + :mark ELSE meters.first_until - given.back
    END,
    second_until = CASE
        WHEN :rank = 1 AND given.granted = 0 THEN given.now + :mark ELSE meters.second_until - given.back
    END
FROM given WHERE meters.name = :name
RETURNING given.granted, given.level - given.granted, greatest(0, given.closed_until - given.now) / 1000000.0
""")
_BEGIN: Final = text("""
INSERT INTO meters (name, level, counted_at)
VALUES (:name, :at_first, CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint))
ON CONFLICT DO NOTHING
""")
_CLOSE: Final = text("""
INSERT INTO meters (name, level, counted_at, closed_until)
SELECT CAST(:name AS text), 0, now, now + :closed
FROM (SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint) AS now) AS seen
ON CONFLICT (name) DO UPDATE SET closed_until = greatest(meters.closed_until, excluded.closed_until)
""")


class SharedMeters:
    """`bot.runtime.metering.Meters`, in the rows of a PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def named(self, name: str, *, closed_with: str | None = None) -> "SharedMeter":
        """The count of that name, which is closed while that of `closed_with` is."""
        return SharedMeter(self._database, name, closed_with or name)


class SharedMeter:
    """`bot.runtime.metering.Meter`, in a row."""

    def __init__(self, database: Database, name: str, closed_with: str) -> None:
        self._database = database
        self._name = name
        self._closed_with = closed_with

    async def take(
        self, flow: Flow, *, wanted: int = 1, kept: float = 0.0, rank: Rank = Rank.LAST
    ) -> Portion:
        """As the protocol says."""
        given = {
            "name": self._name,
            "closed_with": self._closed_with,
            "most": flow.most,
            "a_second": flow.a_second,
            "wanted": wanted,
            "kept": kept,
            "rank": int(rank),
            "mark": _microseconds(MARK_SECONDS),
        }
        priority = WorkPriority.TICK if rank is Rank.LAST else WorkPriority.PERSON
        begun = {"name": self._name, "at_first": flow.at_first}
        try:
            return await self._database.write_alone(
                _take, given, begun, priority=priority, begin_within=WITHIN
            )
        except StoreError as error:
            raise NotCountedError(str(error)) from None

    async def close(self, seconds: float) -> None:
        """As the protocol says."""
        given = {"name": self._name, "closed": _microseconds(seconds)}
        try:
            await self._database.write_alone(_run, _CLOSE, given, begin_within=WITHIN)
        except StoreError as error:
            raise NotCountedError(str(error)) from None


def _take(connection: Connection, given: Mapping[str, Any], begun: Mapping[str, Any]) -> Portion:
    row = connection.execute(_TAKE, given).first()
    if row is None:
        _run(connection, _BEGIN, begun)
        row = connection.execute(_TAKE, given).one()
    return Portion(int(row[0]), float(row[1]), float(row[2]))


def _run(connection: Connection, statement: TextClause, given: Mapping[str, Any]) -> None:
    connection.execute(statement, given)


def _microseconds(seconds: float) -> int:
    return ceil(seconds * 1_000_000)
