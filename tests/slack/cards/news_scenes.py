"""All that can happen to a workflow, as it is told. What a person reads stands in `expected/news.txt`."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.kinds.workflow.news_loudness import LOUDNESS
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import VDiff, Workflow
from bot.slack.cards.watch.live_view import LiveView
from bot.watch.notifications.loudness import tell
from bot.watch.ports import News
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.observing.happenings import Happened, Happening
from tests.builders import NOW, a_workflow, copying
from tests.slack.cards.live_scenes import HOURS, SAID, SEVENTEEN, a_view, ago, by_ana, diff
from tests.slack.cards.stories import (
    COPIED,
    COPYING,
    CUT_OVER,
    PRIMARIES_MOVED,
    REPLICAS_MOVED,
    RULES_BACK,
    now_in,
)

H = Happening
Scene = tuple[str, News, LiveView]

UNVERIFIED = a_workflow(verify_data_at=None, vdiff=None)
STALE = a_workflow(vdiff=diff(completed_at="2026-11-22T02:12:00Z", has_mismatch=False))
COMPLETED = a_workflow(state="completed", completed_at="2026-11-23T02:10:00Z")
CANCELLED = copying(state="cancelled", cancelled_at="2026-11-23T02:10:00Z")
ERROR = now_in(COPYING, "error", may_retry=True)
DIFFERS = a_workflow(vdiff=SEVENTEEN)
BROKE_OFF = a_workflow(vdiff=diff(state="error"))
NO_REPORT = a_workflow(state="verified_data", vdiff=None)
REVERSED = a_workflow(reversed_at="2026-11-23T02:13:00Z")
REVERSING_FOR_CANCEL = now_in(REPLICAS_MOVED, "reversing_traffic_for_cancel")
TRAFFIC_IS_BACK = now_in(REPLICAS_MOVED, "cancelling", replicas_switched=False)


def some(
    what: Happening,
    workflow: Workflow,
    *,
    by_bot: bool = False,
    observed: dict[str, Any] | None = None,
    **differs: Any,
) -> tuple[News, LiveView]:
    """News of `workflow` as `tell` lets it through; `observed` changes what is known, the rest the event."""
    view = a_view(workflow, **observed or {})
    usual: dict[str, Any] = {"at": ago(1), "seen_at": ago(1)}
    happened = Happened(what=what, workflow=workflow, **usual | differs)
    watch = replace(view.watch, mention="U0ANA")
    causes: dict[str, str] = {what: "op1"} if by_bot else {}
    (news,) = tell([happened], watch, causes, LOUDNESS, ("S0DBAS",))
    return news, view


def usual() -> Iterator[Scene]:
    """By itself, or asked of the bot."""
    yield "copied", *some(H.COPIED, UNVERIFIED)
    yield "copied, import", *some(H.COPIED, UNVERIFIED, observed={"kind": WorkflowKind.IMPORT})
    yield "clean", *some(H.CLEAN, COPIED, by_bot=True)
    yield "clean, import", *some(H.CLEAN, COPIED, by_bot=True, observed={"kind": WorkflowKind.IMPORT})
    yield "differs", *some(H.DIFFERS, DIFFERS, by_bot=True)
    yield "broke off", *some(H.VERIFICATION_BROKE_OFF, BROKE_OFF, by_bot=True)
    yield "no report", *some(H.NO_REPORT, NO_REPORT, by_bot=True)
    yield "stale soon", *some(H.STALE_SOON, COPIED)
    yield "stale", *some(H.STALE, STALE)
    yield "not completed", *some(H.NOT_COMPLETED, CUT_OVER)
    yield "gone", *some(H.GONE, COPIED)


def moving_long() -> Iterator[Scene]:
    """Traffic that has been on its way for more than a minute."""
    switching = now_in(REPLICAS_MOVED, "switching_primaries")
    yield "moving for long", *some(H.MOVING_LONG, switching, since=ago(1) - timedelta(seconds=61))
    yield "moving for long, read late", *some(H.MOVING_LONG, switching, since=ago(46))
    yield "moving back for long, to be cancelled", *some(H.MOVING_LONG, REVERSING_FOR_CANCEL, since=ago(2))


def in_trouble() -> Iterator[Scene]:
    """What stands still or goes slowly."""
    stopped = now_in(COPYING, "stopped", workflow_errors=SAID)
    yield "stopped", *some(H.STOPPED, stopped, said=SAID, was_state="copying")
    words = "Duplicate entry for key 'line_items.PRIMARY'"
    yield "error", *some(H.ERROR, ERROR, said=words, was_state="copying")
    hidden: dict[str, Any] = {"over": {"hide_errors": True}}
    yield "error, words kept out", *some(H.ERROR, ERROR, said=words, was_state="copying", observed=hidden)
    broken = now_in(REPLICAS_MOVED, "error")
    yield "error in a switch", *some(H.ERROR, broken, said=words, was_state="switching_primaries")
    yield "stream error", *some(H.STREAM_ERROR, COPYING, subject="-80", said=words)
    held: dict[str, Any] = {"since": ago(31), "subject": "-80"}
    yield "throttled", *some(H.THROTTLED, COPYING, observed={"throttled_since": ago(31)}, **held)
    yield (
        "throttled for long",
        *some(
            H.THROTTLED_LONG, COPYING, observed={"throttled_since": ago(241)}, **held | {"since": ago(241)}
        ),
    )
    expected: dict[str, Any] = {"estimate": HOURS, "first_estimate_at": NOW + timedelta(hours=2)}
    yield "slower", *some(H.SLOWER, COPYING, observed=expected)
    yield "standing", *some(H.STANDING, COPYING, since=ago(46))
    report = VDiff.model_validate(diff(state="started", progress_percentage=38.9, completed_at=None))
    stands: dict[str, Any] = {"since": ago(121), "observed": {"compared_at": ago(121)}}
    verifies = now_in(COPIED, "verifying_data", vdiff=report)
    yield "verification stands", *some(H.VERIFICATION_STANDS, verifies, **stands)
    verifies = now_in(REPLICAS_MOVED, "verifying_data", vdiff=report)
    yield "verification stands, replica reads switched", *some(H.VERIFICATION_STANDS, verifies, **stands)
    yield "indexing for long", *some(H.INDEXING_LONG, COPYING, since=ago(361), subject="orders")
    yield "cancelling for long", *some(H.CANCELLING_LONG, now_in(COPYING, "cancelling"), since=ago(31))
    yield "going on", *some(H.GOING_ON, COPYING, since=ago(131), was=H.THROTTLED)


def outside() -> Iterator[Scene]:
    """Without the bot."""
    dev: dict[str, Any] = {"by": "dev@acme"}
    yield "clean", *some(H.CLEAN, COPIED, **dev)
    yield "differs", *some(H.DIFFERS, DIFFERS, **dev)
    yield "broke off", *some(H.VERIFICATION_BROKE_OFF, BROKE_OFF, **dev)
    yield "no report", *some(H.NO_REPORT, NO_REPORT, **dev)
    yield "switch broke off", *some(H.SWITCH_BROKE_OFF, REPLICAS_MOVED)
    yield "replicas", *some(H.REPLICAS_SWITCHED, REPLICAS_MOVED, **dev)
    yield "primaries", *some(H.PRIMARIES_SWITCHED, PRIMARIES_MOVED, **dev)
    yield "cut over", *some(H.CUT_OVER, CUT_OVER, **dev)
    yield "completed", *some(H.COMPLETED, COMPLETED, **dev)
    yield "cancelled", *some(H.CANCELLED, CANCELLED, **dev)
    yield "reversed", *some(H.REVERSED, REVERSED, **dev)
    yield "rules restored", *some(H.RULES_RESTORED, RULES_BACK, **dev)
    yield "retried", *some(H.RETRIED, COPYING, **dev)
    yield "cancelling with traffic", *some(H.CANCELLING_WITH_TRAFFIC, REVERSING_FOR_CANCEL, **dev)
    yield "cancelling, traffic is back", *some(H.CANCELLING_WITH_TRAFFIC, TRAFFIC_IS_BACK, **dev)
    still_there = now_in(REPLICAS_MOVED, "cancelling")
    yield "cancelling, traffic is not back", *some(H.CANCELLING_WITH_TRAFFIC, still_there, **dev)


def by_the_bot() -> Iterator[Scene]:
    """Its card tells it; under the live message stands a link to that."""
    story: dict[str, Any] = {"over": {"story": by_ana(WorkflowCall.SWITCH_PRIMARIES, REPLICAS_MOVED)}}
    yield "replicas", *some(H.REPLICAS_SWITCHED, REPLICAS_MOVED, by_bot=True)
    yield "primaries", *some(H.PRIMARIES_SWITCHED, PRIMARIES_MOVED, by_bot=True, observed=story)
    yield "cut over", *some(H.CUT_OVER, CUT_OVER, by_bot=True)
    yield "completed", *some(H.COMPLETED, COMPLETED, by_bot=True)
    yield "cancelled", *some(H.CANCELLED, CANCELLED, by_bot=True)
    yield "reversed", *some(H.REVERSED, REVERSED, by_bot=True)
    yield "rules restored", *some(H.RULES_RESTORED, RULES_BACK, by_bot=True)
    yield "cancelling with traffic", *some(H.CANCELLING_WITH_TRAFFIC, REVERSING_FOR_CANCEL, by_bot=True)
    yield "cancelling, traffic is back", *some(H.CANCELLING_WITH_TRAFFIC, TRAFFIC_IS_BACK, by_bot=True)


def late() -> Iterator[Scene]:
    """Slack, PlanetScale or the bot could not be reached."""
    stopped = now_in(COPYING, "stopped")
    yield "late", *some(H.STOPPED, stopped, was_state="copying", at=ago(20), seen_at=ago(1))
    yield "late, since long", *some(H.COPIED, UNVERIFIED, at=ago(1_500), seen_at=ago(1_400))
    clean, _ = some(H.CLEAN, COPIED, by_bot=True, at=ago(20), seen_at=ago(20))
    yield "the state is another one now", clean, a_view(PRIMARIES_MOVED)


def all_news() -> list[Scene]:
    """Every piece of news by its name."""
    found = [*usual(), *moving_long(), *in_trouble()]
    found += [(f"outside: {name}", news, view) for name, news, view in outside()]
    found += [(f"by the bot: {name}", news, view) for name, news, view in by_the_bot()]
    return [*found, *late()]
