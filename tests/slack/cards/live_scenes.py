"""The live message of shop #3 at every stage. What a person reads stands in `expected/live.txt`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.operations.model import State as OperationState
from bot.operations.model import Story
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.slack.cards.watch.live_view import LiveView
from bot.watch.model import Origin, Over, Watch
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.observing.estimate import Estimate, Trend
from bot.workflows.observing.observed_state import ObservedState
from tests.builders import NOW, REF, a_workflow, copying
from tests.slack.cards.stories import (
    COPIED,
    COPYING,
    CUT_OVER,
    NAMES,
    PRIMARIES_MOVED,
    REPLICAS_MOVED,
    RULES_BACK,
    a_story,
    an_operation,
    approved,
    at,
    now_in,
)

Scenes = Iterator[tuple[str, LiveView]]


def ago(minutes: float) -> datetime:
    """So long before 02:14, when everything was read."""
    return NOW - timedelta(minutes=minutes)


def a_view(workflow: Workflow | None, *, over: dict[str, Any] | None = None, **differs: Any) -> LiveView:
    """The view of a move of tables. `over` changes the view and its watch, the rest changes the sight."""
    usual: dict[str, Any] = {
        "read_at": NOW,
        "detail_at": NOW,
        "entered_at": ago(52),
        "kind": WorkflowKind.MOVE,
    }
    observed = None if workflow is None else ObservedState(workflow=workflow, **usual | differs)
    changes = over or {}
    of_view = {key: changes[key] for key in changes if key in LiveView.__dataclass_fields__}
    of_watch = {key: changes[key] for key in changes if key not in of_view}
    watch = Watch(
        id="w1", ref=REF, places=("C0DB",), origin=Origin.TOUCHED, created_at=ago(600), observed=observed
    )
    view: dict[str, Any] = {"watch": replace(watch, **of_watch), "now": NOW, "names": NAMES}
    return LiveView(**view | of_view)


def by_ana(call: WorkflowCall, seen: Workflow) -> Story:
    """Ana asked for it, Ben approved it."""
    return a_story(an_operation(call, seen, OperationState.SUCCEEDED, sent_at=at(0)), approved())


def diff(*reports: tuple[str, str, int, int, int], **differs: Any) -> dict[str, Any]:
    """A verification that ended at 00:12: rows that differ, are only in the source, only in the target."""
    keys = (
        "table_name",
        "shard",
        "mismatched_rows_count",
        "extra_source_rows_count",
        "extra_target_rows_count",
    )
    return {
        "state": "completed",
        "started_at": "2026-11-22T23:20:00Z",
        "completed_at": "2026-11-23T00:12:00Z",
        "has_mismatch": any(any(report[2:]) for report in reports),
        "table_reports": [dict(zip(keys, report, strict=True)) for report in reports],
    } | differs


SEVENTEEN = diff(
    ("line_items", "-80", 12, 0, 0),
    ("line_items", "80-", 3, 2, 0),
    ("orders", "-80", 0, 0, 0),
    ("orders", "80-", 0, 0, 0),
)
MANY = copying(
    *({"name": f"done_{n}", "rows_copied": 10_000_000, "rows_total": 10_000_000} for n in range(11)),
    {"name": "product_events", "rows_copied": 1_100_000_000, "rows_total": 3_200_000_000},
    {"name": "prices", "rows_copied": 210_000_000, "rows_total": 300_000_000},
    {"name": "media_assets", "rows_copied": 36_000_000, "rows_total": 300_000_000},
    *({"name": f"waits_{n}", "rows_copied": 0, "rows_total": 10_000_000} for n in range(26)),
)
HOURS = Estimate(
    rate=41_200,
    trend=Trend.STEADY,
    left=timedelta(hours=4, minutes=5),
    soonest=timedelta(hours=3, minutes=10),
    latest=timedelta(hours=6),
)
SAID = "Table 'orders' has been altered: DDL encountered"
ENDED = {"completed_at": "2026-11-23T02:10:00Z", "created_at": "2026-11-18T09:02:00Z"}


def the_copy() -> Scenes:
    """From the beginning until all rows are copied, and what can hold that up."""
    yield "pending", a_view(copying(state="pending"), entered_at=ago(2))
    yield "late to start", a_view(copying(state="pending"), entered_at=ago(11))
    yield "copying", a_view(COPYING, estimate=HOURS)
    yield "just begun", a_view(COPYING, over={"started_by": "U0ANA"})
    yield "copying an import", a_view(COPYING, kind=WorkflowKind.IMPORT)
    slower = replace(HOURS, trend=Trend.SLOWER, left=timedelta(hours=9))
    yield "40 tables", a_view(MANY, estimate=slower)
    five = copying(*({"name": name, "rows_copied": 5_000_000, "rows_total": 10_000_000} for name in "abcde"))
    yield "five tables", a_view(five, estimate=HOURS)
    over = copying({"name": "orders", "rows_copied": 700, "rows_total": 620})
    yield "more than estimated", a_view(over, estimate=Estimate(rate=12, trend=Trend.FASTER))
    yield "no tables", a_view(copying(tables=None, streams=None))
    full = copying(
        {"name": "orders", "rows_copied": 616_000_000, "rows_total": 620_000_000},
        {"name": "line_items", "rows_copied": 0, "rows_total": 390_000_000},
    )
    yield "building indexes", a_view(full, indexing="orders", indexing_since=ago(40))
    yield "catching up", a_view(copying())
    held = {
        "state": "Running",
        "target_shard": "-80",
        "component_throttled": "vreplication:-80:vplayer",
        "component_throttled_at": "2026-11-23T02:13:30Z",
    }
    throttled = COPYING.model_copy(update={"streams": a_workflow(streams=[held]).streams})
    yield "throttled", a_view(throttled, throttled_since=ago(12))
    yield "stuck", a_view(COPYING, moved_at=ago(52))
    stopped = now_in(COPYING, "stopped", workflow_errors=SAID)
    yield "stopped by a schema change", a_view(stopped, entered_at=ago(12))
    yield "stopped", a_view(now_in(COPYING, "stopped"), entered_at=ago(12))


def the_verification() -> Scenes:
    """From copied to verified, in every way in which a verification can come out."""
    never = a_workflow(verify_data_at=None, vdiff=None)
    yield "copied", a_view(never)
    running = {"state": "started", "started_at": "2026-11-22T23:20:00Z"}
    measured = running | {"progress_percentage": 38.9, "eta_seconds": 2_400}
    yield "verifying", a_view(a_workflow(state="verifying_data", vdiff=measured))
    yield "verifying, no percentage", a_view(a_workflow(state="verifying_data", vdiff=running))
    unread = a_view(COPIED, verifying_since=ago(170))
    yield "verification ended, not seen in full", unread
    yield "clean", a_view(COPIED)
    yield "clean import", a_view(COPIED, kind=WorkflowKind.IMPORT)
    yield "clean, perhaps an import", a_view(COPIED, kind=WorkflowKind.UNKNOWN)
    old = diff(completed_at="2026-11-22T00:10:00Z", has_mismatch=False)
    yield "stale", a_view(a_workflow(vdiff=old))
    yield "differs", a_view(a_workflow(vdiff=SEVENTEEN))
    broke = diff(state="error", completed_at="2026-11-22T23:58:00Z")
    yield "broke off", a_view(a_workflow(vdiff=broke))
    yield "outdated", a_view(a_workflow(retried_at="2026-11-23T01:10:00Z"))
    yield "no report", a_view(a_workflow(state="verified_data", vdiff=None))


def the_move() -> Scenes:
    """From the first switch of traffic to the end, completed or cancelled."""
    switching = now_in(REPLICAS_MOVED, "switching_primaries")
    story = {"story": by_ana(WorkflowCall.SWITCH_PRIMARIES, REPLICAS_MOVED)}
    yield "switching", a_view(switching, over=story, entered_at=ago(0.2))
    yield "switching for long", a_view(switching, over=story, entered_at=ago(2))
    dev = {"switch_primaries_by": a_workflow(actor={"display_name": "dev@acme"}).actor}
    yield (
        "switching, elsewhere",
        a_view(now_in(REPLICAS_MOVED, "switching_primaries", **dev), entered_at=ago(0.2)),
    )
    yield "cutting over for long", a_view(now_in(PRIMARIES_MOVED, "cutting_over"), entered_at=ago(2))
    yield "cancelling for long", a_view(now_in(COPYING, "cancelling"), entered_at=ago(31))
    yield "cancelling with traffic", a_view(now_in(REPLICAS_MOVED, "reversing_traffic_for_cancel"))
    replicas = {"story": by_ana(WorkflowCall.SWITCH_REPLICAS, COPIED)}
    yield "replicas", a_view(REPLICAS_MOVED, over=replicas)
    yield (
        "replicas, but the data differs",
        a_view(REPLICAS_MOVED.model_copy(update={"vdiff": a_workflow(vdiff=SEVENTEEN).vdiff})),
    )
    yield "primaries", a_view(PRIMARIES_MOVED, explicit_routing=False)
    yield "primaries, explicit routing", a_view(PRIMARIES_MOVED, explicit_routing=True)
    yield "primaries of an import", a_view(PRIMARIES_MOVED, kind=WorkflowKind.IMPORT)
    yield "primaries, perhaps an import", a_view(PRIMARIES_MOVED, kind=WorkflowKind.UNKNOWN)
    yield "cut over", a_view(CUT_OVER)
    yield "rules restored", a_view(RULES_BACK)
    done = a_workflow(state="completed", **ENDED)
    over: dict[str, Any] = {"over": Over.ENDED}
    yield "completed", a_view(done, over=over)
    yield "import completed", a_view(done, over=over, kind=WorkflowKind.IMPORT)
    gone = copying(state="cancelled", cancelled_at="2026-11-23T02:10:00Z")
    yield "cancelled", a_view(gone)


def in_trouble() -> Scenes:
    """In error, in a state that is not known, not read, or not watched any more."""
    error = now_in(COPYING, "error", workflow_errors="Duplicate entry for key 'line_items.PRIMARY'")
    may = error.model_copy(update={"may_retry": True})
    yield "error", a_view(may, previous="copying")
    never = error.model_copy(update={"may_retry": False})
    yield "error, no retry", a_view(never, previous="copying")
    yield "error, words kept out", a_view(may, previous="copying", over={"hide_errors": True})
    broken = now_in(REPLICAS_MOVED, "error", workflow_errors="context deadline exceeded", may_retry=True)
    yield "error in a switch", a_view(broken, previous="switching_primaries")
    yield "unknown state", a_view(now_in(COPIED, "resharding"))
    silence = {"silent_since": ago(6)}
    yield "silent", a_view(COPYING, over=silence)
    yield "silent, switched", a_view(PRIMARIES_MOVED, over=silence)
    yield "no such workflow", a_view(COPYING, over={"missing_since": ago(1)})
    yield "first reading", a_view(None)
    yield "first reading, silent", a_view(None, over=silence)
    stopped: dict[str, Any] = {"over": Over.STOPPED, "over_at": NOW, "stopped_by": "U0ANA"}
    yield "not watched any more", a_view(COPYING, over=stopped)
    yield "gone", a_view(COPYING, over={"over": Over.GONE, "over_at": NOW})
    yield "moved", a_view(COPYING, over={"moved_to": "https://acme.slack.com/archives/C0DB/p2"})
    yield "at the bottom", a_view(COPYING, over={"moved_from": "https://acme.slack.com/archives/C0DB/p1"})


def all_scenes() -> list[tuple[str, LiveView]]:
    """Every stage by its name."""
    return [scene for part in (the_copy, the_verification, the_move, in_trouble) for scene in part()]
