"""All that can happen to a workflow, as it is told. What a person reads stands in `expected/news.txt`."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.slack.cards.live_view import LiveView
from bot.watch.ports import Loudness, News
from bot.workflows.happenings import Happened, Happening
from bot.workflows.kind import Kind
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
CALL, POST, THREAD = Loudness.CALL, Loudness.POST, Loudness.THREAD
Scene = tuple[str, News, LiveView]

UNVERIFIED = a_workflow(verify_data_at=None, vdiff=None)
STALE = a_workflow(vdiff=diff(completed_at="2026-11-22T02:12:00Z", has_mismatch=False))
COMPLETED = a_workflow(state="completed", completed_at="2026-11-23T02:10:00Z")
CANCELLED = copying(state="cancelled", cancelled_at="2026-11-23T02:10:00Z")
ERROR = now_in(COPYING, "error", may_retry=True)
LOUD: Mapping[Happening, Loudness] = {
    **dict.fromkeys(
        (H.VERIFICATION_STARTED, H.STALE_SOON, H.STALE, H.REPLICAS_SWITCHED, H.THROTTLED), THREAD
    ),
    **dict.fromkeys((H.INDEXING_LONG, H.CANCELLING_LONG, H.GOING_ON, H.NOT_COMPLETED), THREAD),
    **dict.fromkeys((H.COMPLETED, H.CANCELLED), THREAD),
    **dict.fromkeys((H.PRIMARIES_SWITCHED, H.REVERSED, H.CUT_OVER, H.RULES_RESTORED, H.RETRIED), POST),
    **dict.fromkeys((H.THROTTLED_LONG, H.SLOWER, H.GONE), POST),
}


def some(
    what: Happening, workflow: Workflow, *, sight: dict[str, Any] | None = None, **differs: Any
) -> tuple[News, LiveView]:
    """News of `workflow` that is told at once; `sight` changes what is known, the rest what happened."""
    of_news = {key: differs.pop(key) for key in list(differs) if key in News.__dataclass_fields__}
    usual: dict[str, Any] = {"at": ago(1), "seen_at": ago(1)}
    happened = Happened(what=what, workflow=workflow, **usual | differs)
    loudness = of_news.pop("loudness", LOUD.get(what, CALL))
    mentions = ("U0ANA",) if loudness is CALL else ()
    news = News(happened=happened, loudness=loudness, **{"mentions": mentions} | of_news)
    return news, a_view(workflow, **sight or {})


def usual() -> Iterator[Scene]:
    """By itself, or through the bot."""
    yield "copied", *some(H.COPIED, UNVERIFIED)
    yield "copied, import", *some(H.COPIED, UNVERIFIED, sight={"kind": Kind.IMPORT})
    yield (
        "verification started",
        *some(H.VERIFICATION_STARTED, a_workflow(state="verifying_data", vdiff=None)),
    )
    yield "clean", *some(H.CLEAN, COPIED)
    yield "clean, import", *some(H.CLEAN, COPIED, sight={"kind": Kind.IMPORT})
    yield "differs", *some(H.DIFFERS, a_workflow(vdiff=SEVENTEEN))
    yield "broke off", *some(H.VERIFICATION_BROKE_OFF, a_workflow(vdiff=diff(state="error")))
    yield "no report", *some(H.NO_REPORT, a_workflow(state="verified_data", vdiff=None))
    yield "stale soon", *some(H.STALE_SOON, COPIED)
    yield "stale", *some(H.STALE, STALE)
    yield "replicas", *some(H.REPLICAS_SWITCHED, REPLICAS_MOVED)
    yield "primaries", *some(H.PRIMARIES_SWITCHED, PRIMARIES_MOVED)
    yield "reversed", *some(H.REVERSED, a_workflow(reversed_at="2026-11-23T02:13:00Z"))
    yield "cut over", *some(H.CUT_OVER, CUT_OVER)
    yield "rules restored", *some(H.RULES_RESTORED, RULES_BACK)
    yield "completed", *some(H.COMPLETED, COMPLETED)
    yield "cancelled", *some(H.CANCELLED, CANCELLED)
    yield "retried", *some(H.RETRIED, COPYING)
    yield "switch broke off", *some(H.SWITCH_BROKE_OFF, REPLICAS_MOVED)
    yield "moving for long", *some(H.MOVING_LONG, now_in(REPLICAS_MOVED, "switching_primaries"))
    yield (
        "cancelling with traffic",
        *some(H.CANCELLING_WITH_TRAFFIC, now_in(REPLICAS_MOVED, "reversing_traffic_for_cancel")),
    )
    yield "not completed", *some(H.NOT_COMPLETED, CUT_OVER)
    yield "gone", *some(H.GONE, COPIED)


def in_trouble() -> Iterator[Scene]:
    """What stands still or goes slowly."""
    stopped = now_in(COPYING, "stopped", workflow_errors=SAID)
    yield "stopped", *some(H.STOPPED, stopped, said=SAID, was_state="copying")
    words = "Duplicate entry for key 'line_items.PRIMARY'"
    yield "error", *some(H.ERROR, ERROR, said=words, was_state="copying")
    hidden: dict[str, Any] = {"over": {"hide_errors": True}}
    yield "error, words kept out", *some(H.ERROR, ERROR, said=words, was_state="copying", sight=hidden)
    broken = now_in(REPLICAS_MOVED, "error")
    yield "error in a switch", *some(H.ERROR, broken, said=words, was_state="switching_primaries")
    yield "stream error", *some(H.STREAM_ERROR, COPYING, subject="-80", said=words)
    held: dict[str, Any] = {"since": ago(31), "subject": "-80"}
    yield "throttled", *some(H.THROTTLED, COPYING, **held)
    yield "throttled for long", *some(H.THROTTLED_LONG, COPYING, **held | {"since": ago(241)})
    expected: dict[str, Any] = {"estimate": HOURS, "first_estimate_at": NOW + timedelta(hours=2)}
    yield "slower", *some(H.SLOWER, COPYING, sight=expected)
    yield "standing", *some(H.STANDING, COPYING, since=ago(46))
    yield "indexing for long", *some(H.INDEXING_LONG, COPYING, since=ago(361), subject="orders")
    yield "cancelling for long", *some(H.CANCELLING_LONG, now_in(COPYING, "cancelling"), since=ago(31))
    yield "going on", *some(H.GOING_ON, COPYING, since=ago(131), was=H.THROTTLED)


def outside() -> Iterator[Scene]:
    """Without the bot."""
    dev: dict[str, Any] = {"outside": True, "by": "dev@acme"}
    approvers = dev | {"loudness": CALL, "mentions": ("U0ANA", "S0DBAS")}
    yield (
        "verification",
        *some(H.VERIFICATION_STARTED, a_workflow(state="verifying_data"), loudness=POST, **dev),
    )
    yield "clean", *some(H.CLEAN, COPIED, loudness=POST, **dev)
    yield "switch broke off", *some(H.SWITCH_BROKE_OFF, REPLICAS_MOVED, outside=True)
    yield "replicas", *some(H.REPLICAS_SWITCHED, REPLICAS_MOVED, **approvers)
    yield "primaries", *some(H.PRIMARIES_SWITCHED, PRIMARIES_MOVED, **approvers)
    yield "cut over", *some(H.CUT_OVER, CUT_OVER, **approvers)
    yield "completed", *some(H.COMPLETED, COMPLETED, **approvers)
    yield "cancelled", *some(H.CANCELLED, CANCELLED, **approvers)
    yield "reversed", *some(H.REVERSED, a_workflow(reversed_at="2026-11-23T02:13:00Z"), **dev)
    yield "rules restored", *some(H.RULES_RESTORED, RULES_BACK, **dev)
    yield "retried", *some(H.RETRIED, COPYING, **dev)
    cancelling = now_in(REPLICAS_MOVED, "reversing_traffic_for_cancel")
    yield "cancelling with traffic", *some(H.CANCELLING_WITH_TRAFFIC, cancelling, **approvers)


def told_specially() -> Iterator[Scene]:
    """Late, and by a card."""
    late: dict[str, Any] = {"at": ago(20), "seen_at": ago(1)}
    yield "late", *some(H.STOPPED, now_in(COPYING, "stopped"), was_state="copying", **late)
    yield "late, since long", *some(H.COPIED, UNVERIFIED, at=ago(1_500), seen_at=ago(1_400))
    yield (
        "the state is another one now",
        (
            News(
                happened=Happened(what=H.CLEAN, workflow=COPIED, at=ago(20), seen_at=ago(20)),
                loudness=CALL,
                mentions=("U0ANA",),
            )
        ),
        a_view(PRIMARIES_MOVED),
    )
    caused: dict[str, Any] = {"caused_by": "op1", "loudness": THREAD}
    story: dict[str, Any] = {"over": {"story": by_ana(WorkflowCall.SWITCH_PRIMARIES, REPLICAS_MOVED)}}
    yield "by the bot", *some(H.PRIMARIES_SWITCHED, PRIMARIES_MOVED, **caused, sight=story)
    yield "by the bot, long ago", *some(H.CUT_OVER, CUT_OVER, **caused)


def all_news() -> list[Scene]:
    """Every piece of news by its name."""
    found = [(name, news, view) for name, news, view in usual()]
    found += in_trouble()
    found += [(f"outside: {name}", news, view) for name, news, view in outside()]
    return found + list(told_specially())
