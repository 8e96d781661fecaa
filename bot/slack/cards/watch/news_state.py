"""The state of a workflow when something happened, in the words of news."""

from collections.abc import Mapping
from dataclasses import replace

from bot.slack.cards.watch.live_view import LiveView
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.traffic import BEING_MOVED, anything_switched
from bot.workflows.observing.happenings import Happened, Happening
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.own import observed_of

_STILL: Mapping[State | None, str] = {
    State.REVERSING_TRAFFIC: "Still reversing",
    State.REVERSING_TRAFFIC_FOR_CANCEL: "Still reversing",
    State.CUTTING_OVER: "Still cutting over",
    State.CANCELLING: "Still cancelling",
}
_WAS: Mapping[Happening | None, str] = {
    Happening.THROTTLED: "was throttled",
    Happening.THROTTLED_LONG: "was throttled",
    Happening.SLOWER: "was slower than expected",
    Happening.STANDING: "made no progress",
    Happening.VERIFICATION_STANDS: "was not getting on",
    Happening.INDEXING_LONG: "was probably building indexes",
}


def still(view: LiveView) -> str:
    """`Still switching`"""
    return _STILL.get(view.state, "Still switching")


def waiting(view: LiveView) -> str:
    """What the application may feel of it."""
    if view.state is State.CUTTING_OVER:
        return "Queries may be failing."
    replicas = view.state is State.SWITCHING_REPLICAS or view.traffic.replica_reads == BEING_MOVED
    return "Replica reads may be failing." if replicas else "Writes may be waiting."


def may_cancel(view: LiveView) -> str:
    """What a cancel would do while traffic moves, or does."""
    if view.state is not State.REVERSING_TRAFFIC_FOR_CANCEL:
        return "Do not cancel."
    return f"It is being cancelled: once traffic is back, the copies in {view.target} are deleted."


def moves_back(view: LiveView) -> str:
    """What a cancel does with traffic before it deletes the copies; or did, when it was seen later."""
    has_moved = view.state is State.CANCELLING and not anything_switched(view.workflow)
    return f"moved back to {view.source}" if has_moved else "moves back"


def was_so(happened: Happened) -> str:
    """What is over now: `was throttled`."""
    return _WAS.get(happened.was, "stood still")


def as_it_was(view: LiveView, happened: Happened) -> LiveView:
    """The view with the workflow as it was read when this happened."""
    then, known = happened.workflow, observed_of(view.watch.observed)
    if known is None:
        observed = ObservedState(
            workflow=then, read_at=happened.seen_at, detail_at=happened.seen_at, entered_at=happened.at
        )
    else:
        before = happened.was_state or (known.previous if state_of(then.state) == view.state else None)
        observed = replace(known, workflow=then, read_at=happened.seen_at, previous=before)
    return replace(view, watch=replace(view.watch, observed=observed))
