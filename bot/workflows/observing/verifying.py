"""What is news of a verification: that it began, and how it ended.

How it ended is told only from a read in full. The report can lag behind the state: that there is none, or
only that of the verification before, is told only if another read in full says so a minute later.

A clean end that a retry or a reverse has already overtaken is not told as clean: the retry or the reverse is
told, and the live message says that it was overtaken.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.planetscale.models import Workflow
from bot.workflows.facts.states import ENDED, State, state_of
from bot.workflows.facts.verification import DataVerdict, Difference, Verification, verification
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.observing.observed_state import ObservedState

_ENDS = {
    DataVerdict.CLEAN: Happening.CLEAN,
    DataVerdict.STALE: Happening.CLEAN,
    DataVerdict.OUTDATED: Happening.CLEAN,
    DataVerdict.DIFFERS: Happening.DIFFERS,
    DataVerdict.BROKE_OFF: Happening.VERIFICATION_BROKE_OFF,
    DataVerdict.NO_REPORT: Happening.NO_REPORT,
}
ENDS = frozenset(_ENDS.values())
"""The ways in which a verification can end."""
STANDS_AFTER = timedelta(hours=2)
"""A verification of which nothing more was compared for so long stands still."""
STANDS_UNREPORTED = timedelta(hours=6)
"""The same, where PlanetScale reports no percentage."""
UNCLEAR_FOR = timedelta(seconds=60)
"""A report that is missing for so long will not come."""
UNFINISHED_FOR = timedelta(minutes=10)
"""One that PlanetScale calls verified, and that by its own report goes on, may be behind for so long."""
_OVER = ENDED | {State.CANCELLING, State.REVERSING_TRAFFIC_FOR_CANCEL}
"""A verification ends with its workflow, and then it is no news."""
_UNFINISHED = frozenset({None, "pending", "started", "completed"})
"""What a report says of itself before it has ended, or when it is not whole."""


def verifying(before: ObservedState, now: ObservedState) -> tuple[ObservedState, list[Happened]]:
    """`now` and the news of its verification."""
    if state_of(now.workflow.state) is State.VERIFYING_DATA:
        return _running(before, getting_on(now))
    now = replace(now, compared=None, compared_at=None)
    if now.detail_at != now.read_at:
        return now, []
    return _ended(before, now)


def stands_since(sight: ObservedState | None, workflow: Workflow | None = None) -> datetime | None:
    """Since when the verification that runs does not get on; `None` while it does, or may.

    `workflow`: a later read, that must not show more than the sight does.
    """
    if (
        sight is None
        or sight.compared_at is None
        or state_of(sight.workflow.state) is not State.VERIFYING_DATA
    ):
        return None
    if workflow is not None and _how_far(workflow) != sight.compared:
        return None
    vdiff = sight.workflow.vdiff
    reported = vdiff is not None and vdiff.progress_percentage is not None
    patience = STANDS_AFTER if reported else STANDS_UNREPORTED
    return sight.compared_at if sight.detail_at - sight.compared_at >= patience else None


def getting_on(now: ObservedState) -> ObservedState:
    """`now` with when its verification was last seen to get on; only a read in full tells."""
    if now.compared_at is not None and now.detail_at != now.read_at:
        return now
    how_far = _how_far(now.workflow)
    if now.compared_at is not None and how_far == now.compared:
        return now
    return replace(now, compared=how_far, compared_at=now.read_at)


def _how_far(workflow: Workflow) -> str:
    """Names how far it is. An estimate that changes is no progress."""
    vdiff = workflow.vdiff
    if vdiff is None:
        return "-"
    return f"{vdiff.id} {vdiff.state} {vdiff.progress_percentage} {len(vdiff.table_reports or ())}"


def end_of(workflow: Workflow, now: datetime) -> str | None:
    """Names the end of the last verification: another run or another end has another name."""
    verdict = verification(workflow, now).verdict
    if verdict not in _ENDS:
        return None
    vdiff = workflow.vdiff
    name, began = (vdiff.id, vdiff.started_at) if vdiff else (None, None)
    if name is None:
        began = began or workflow.verify_data_at
    return f"{name or '-'} {began.isoformat(timespec='seconds') if began else '-'} {_ENDS[verdict]}"


def _running(before: ObservedState, now: ObservedState) -> tuple[ObservedState, list[Happened]]:
    already = state_of(before.workflow.state) is State.VERIFYING_DATA
    if already and not _another(before.workflow, now.workflow):
        return now, []
    asked, known = now.workflow.verify_data_at, before.workflow.verify_data_at
    at = asked if asked and (known is None or asked > known) else None
    news = now.news(Happening.VERIFICATION_STARTED, at, by=_by(now.workflow) if at else None)
    return replace(now, verifying_since=news.at, unclear_since=None, called_verified=False), [news]


def _another(before: Workflow, after: Workflow) -> bool:
    """Whether the one that was running has been replaced by another one."""
    if before.vdiff is None or after.vdiff is None or before.vdiff.completed_at:
        return False
    return None not in (before.vdiff.id, after.vdiff.id) and before.vdiff.id != after.vdiff.id


def _ended(before: ObservedState, now: ObservedState) -> tuple[ObservedState, list[Happened]]:
    sight = replace(now, verifying_since=None, unclear_since=None, called_verified=False)
    found = verification(now.workflow, now.read_at)
    end = end_of(now.workflow, now.read_at)
    lost = found.verdict is DataVerdict.NEVER and before.verifying_since
    still = end is not None and end == before.verified
    behind = still and before.verifying_since is not None
    known = end is None or still or not _supported(before, now.workflow)
    if known and not (lost or behind):
        return sight, []
    if behind or _is_unclear(now.workflow, found):
        return _unclear(now, sight, found, end)
    sight = replace(sight, verified=end)
    if found.verdict is DataVerdict.OUTDATED:
        return sight, []
    return sight, [_news(now, found)]


def _is_unclear(workflow: Workflow, found: Verification) -> bool:
    """Whether the report is missing, or does not say how it ended."""
    if found.verdict in {DataVerdict.NEVER, DataVerdict.NO_REPORT}:
        return True
    vdiff = workflow.vdiff
    if found.verdict is not DataVerdict.BROKE_OFF or vdiff is None or vdiff.completed_at:
        return False
    return (vdiff.state.lower() if vdiff.state else None) in _UNFINISHED


def _unclear(
    now: ObservedState, ended: ObservedState, found: Verification, end: str | None
) -> tuple[ObservedState, list[Happened]]:
    state, since = state_of(now.workflow.state), now.unclear_since or now.read_at
    verified = now.called_verified or state is State.VERIFIED_DATA
    behind = verified and found.verdict is DataVerdict.BROKE_OFF
    if state not in _OVER and now.read_at - since < (UNFINISHED_FOR if behind else UNCLEAR_FOR):
        return replace(now, unclear_since=since, called_verified=verified), []
    ended = replace(ended, verified=end or ended.verified)
    if state in _OVER:
        return ended, []
    what = Happening.NO_REPORT if verified and not behind else Happening.VERIFICATION_BROKE_OFF
    return ended, [now.news(what, said=found.ended_as)]


def _supported(before: ObservedState, workflow: Workflow) -> bool:
    """A report that is only missing is no end of anything, unless a verification ran since."""
    if workflow.vdiff is not None or before.verifying_since is not None or before.unclear_since is not None:
        return True
    if state_of(workflow.state) is State.VERIFIED_DATA and before.verified is None:
        return True
    asked, known = workflow.verify_data_at, before.workflow.verify_data_at
    return asked is not None and (known is None or asked > known)


def _news(now: ObservedState, found: Verification) -> Happened:
    vdiff = now.workflow.vdiff
    worst = max(found.differences, key=lambda difference: difference.rows, default=None)
    return now.news(
        _ENDS[found.verdict],
        vdiff.completed_at if vdiff else None,
        by=_by(now.workflow),
        said=found.ended_as,
        subject=_table(worst),
    )


def _table(difference: Difference | None) -> str | None:
    return difference.table if difference else None


def _by(workflow: Workflow) -> str | None:
    return workflow.verify_data_by.display_name if workflow.verify_data_by else None
