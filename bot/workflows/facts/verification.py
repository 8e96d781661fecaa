"""What is really known about the data: a verification that ended is not a clean one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.planetscale.models import TableReport, VDiff, Workflow
from bot.workflows.facts.states import State, state_of

FRESH_FOR = timedelta(hours=24)
"""PlanetScale counts an older verification as stale."""


class DataVerdict(Enum):
    """What the last verification proves."""

    NEVER = "never"
    RUNNING = "running"
    CLEAN = "clean"
    STALE = "stale"
    DIFFERS = "differs"
    BROKE_OFF = "broke off"
    OUTDATED = "outdated"
    NO_REPORT = "no report"


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of one table on one shard that are not the same on both sides. Counts only, never rows."""

    table: str
    shard: str
    differ: int
    only_in_source: int
    only_in_target: int

    @property
    def rows(self) -> int:
        return self.differ + self.only_in_source + self.only_in_target


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict and what it rests on."""

    verdict: DataVerdict
    at: datetime | None = None
    """When the comparison ended; for a running one, when it began."""
    differences: tuple[Difference, ...] = ()
    overtaken_by: str | None = None
    """For `OUTDATED`: what happened afterwards, `retry` or `reverse`."""
    overtaken_at: datetime | None = None
    percent: int | None = None
    seconds_left: float | None = None
    ended_as: str | None = None
    """For `BROKE_OFF`: the state PlanetScale gives the comparison."""

    @property
    def rows(self) -> int:
        """How many rows are known to differ, over all tables and shards."""
        return sum(difference.rows for difference in self.differences)

    @property
    def overtaken(self) -> str:
        """For `OUTDATED`: what happened afterwards, after "before"."""
        return "the retry" if self.overtaken_by == "retry" else "traffic was reversed"

    @property
    def fresh_until(self) -> datetime | None:
        return self.at + FRESH_FOR if self.at else None


def verification(workflow: Workflow, now: datetime) -> Verification:
    """The verdict on `workflow` as read, at the moment `now`."""
    vdiff = workflow.vdiff
    if state_of(workflow.state) is State.VERIFYING_DATA:
        return _running(workflow)
    if vdiff is None:
        if workflow.verify_data_at is None and state_of(workflow.state) is not State.VERIFIED_DATA:
            return Verification(DataVerdict.NEVER)
        return Verification(DataVerdict.NO_REPORT, workflow.verify_data_at)
    at = vdiff.completed_at or workflow.verify_data_at
    differences = _differences(vdiff)
    if vdiff.has_mismatch or differences:
        return Verification(DataVerdict.DIFFERS, at, differences)
    if vdiff.completed_at is None or _failed(vdiff):
        return Verification(DataVerdict.BROKE_OFF, at, ended_as=vdiff.state)
    if vdiff.has_mismatch is None or not all(_counted(report) for report in vdiff.table_reports or ()):
        return Verification(DataVerdict.NO_REPORT, at)
    return _clean(workflow, at, now)


def _running(workflow: Workflow) -> Verification:
    vdiff = workflow.vdiff
    if vdiff is None or vdiff.completed_at is not None:
        return Verification(DataVerdict.RUNNING, workflow.verify_data_at)
    percent = vdiff.progress_percentage
    return Verification(
        DataVerdict.RUNNING,
        vdiff.started_at or workflow.verify_data_at,
        percent=None if percent is None else max(0, min(99, int(percent))),
        seconds_left=vdiff.eta_seconds if vdiff.eta_seconds and vdiff.eta_seconds > 0 else None,
    )


def _clean(workflow: Workflow, at: datetime | None, now: datetime) -> Verification:
    for what, moment in (("retry", workflow.retried_at), ("reverse", workflow.reversed_at)):
        if at and moment and moment > at:
            return Verification(DataVerdict.OUTDATED, at, overtaken_by=what, overtaken_at=moment)
    old = at is not None and now - at >= FRESH_FOR
    return Verification(DataVerdict.STALE if workflow.verified_data_stale or old else DataVerdict.CLEAN, at)


def _counted(report: TableReport) -> bool:
    """Whether every count is there. One that is not reported could be any number."""
    counts = (report.mismatched_rows_count, report.extra_source_rows_count, report.extra_target_rows_count)
    return None not in counts


def _failed(vdiff: VDiff) -> bool:
    return vdiff.state is not None and vdiff.state.lower() != "completed"


def _differences(vdiff: VDiff) -> tuple[Difference, ...]:
    found = (_difference(report) for report in vdiff.table_reports or ())
    return tuple(difference for difference in found if difference.rows)


def _difference(report: TableReport) -> Difference:
    return Difference(
        report.table_name or "a table that is not named",
        report.shard or "-",
        report.mismatched_rows_count or 0,
        report.extra_source_rows_count or 0,
        report.extra_target_rows_count or 0,
    )
