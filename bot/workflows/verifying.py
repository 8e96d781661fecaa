"""What is news of a verification: that it began, and how it ended.

How it ended is told only from a read in full. A clean end that a retry or a reverse has already overtaken is
not told as clean: the retry or the reverse is told, and the live message says that it was overtaken.
"""

from dataclasses import replace
from datetime import datetime

from bot.planetscale.models import Workflow
from bot.workflows.happenings import Happened, Happening
from bot.workflows.sight import Sight
from bot.workflows.states import State, state_of
from bot.workflows.verification import Difference, Verdict, Verification, verification

_ENDS = {
    Verdict.CLEAN: Happening.CLEAN,
    Verdict.STALE: Happening.CLEAN,
    Verdict.OUTDATED: Happening.CLEAN,
    Verdict.DIFFERS: Happening.DIFFERS,
    Verdict.BROKE_OFF: Happening.VERIFICATION_BROKE_OFF,
    Verdict.NO_REPORT: Happening.NO_REPORT,
}
ENDS = frozenset(_ENDS.values())
"""The ways in which a verification can end."""


def verifying(before: Sight, now: Sight) -> tuple[Sight, list[Happened]]:
    """`now` and the news of its verification."""
    if state_of(now.workflow.state) is State.VERIFYING_DATA:
        return _running(before, now)
    if now.detail_at != now.read_at:
        return now, []
    return _ended(before, now)


def end_of(workflow: Workflow, now: datetime) -> str | None:
    """Names the end of the last verification: another run or another end has another name."""
    verdict = verification(workflow, now).verdict
    if verdict not in _ENDS:
        return None
    vdiff = workflow.vdiff
    run = (vdiff.id, vdiff.completed_at) if vdiff else (None, workflow.verify_data_at)
    return f"{run[0] or '-'} {run[1].isoformat() if run[1] else '-'} {_ENDS[verdict]}"


def _running(before: Sight, now: Sight) -> tuple[Sight, list[Happened]]:
    already = state_of(before.workflow.state) is State.VERIFYING_DATA
    if already and not _another(before.workflow, now.workflow):
        return now, []
    asked, known = now.workflow.verify_data_at, before.workflow.verify_data_at
    at = asked if asked and (known is None or asked > known) else None
    news = now.news(Happening.VERIFICATION_STARTED, at, by=_by(now.workflow) if at else None)
    return replace(now, verifying_since=news.at), [news]


def _another(before: Workflow, after: Workflow) -> bool:
    """Whether the one that was running has been replaced by another one."""
    if before.vdiff is None or after.vdiff is None or before.vdiff.completed_at:
        return False
    return None not in (before.vdiff.id, after.vdiff.id) and before.vdiff.id != after.vdiff.id


def _ended(before: Sight, now: Sight) -> tuple[Sight, list[Happened]]:
    sight = replace(now, verifying_since=None)
    found = verification(now.workflow, now.read_at)
    end = end_of(now.workflow, now.read_at)
    if found.verdict is Verdict.NEVER and before.verifying_since:
        return sight, [now.news(Happening.NO_REPORT)]
    if end is None or end == before.verified or not _supported(before, now.workflow):
        return sight, []
    sight = replace(sight, verified=end)
    if found.verdict is Verdict.OUTDATED:
        return sight, []
    return sight, [_news(now, found)]


def _supported(before: Sight, workflow: Workflow) -> bool:
    """A report that is only missing is no end of anything, unless a verification ran since."""
    if workflow.vdiff is not None or before.verifying_since is not None:
        return True
    if state_of(workflow.state) is State.VERIFIED_DATA and before.verified is None:
        return True
    asked, known = workflow.verify_data_at, before.workflow.verify_data_at
    return asked is not None and (known is None or asked > known)


def _news(now: Sight, found: Verification) -> Happened:
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
