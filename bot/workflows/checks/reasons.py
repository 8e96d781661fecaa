"""Which states allow an action (`None`), and the sentence that says why another one does not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.checks.common import is_under_way
from bot.workflows.checks.facts import Facts, source, target
from bot.workflows.checks.words import quote
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.moments import since
from bot.workflows.facts.progress import copy_of
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.traffic import replicas_moved, writes_moved
from bot.workflows.recovery import (
    BROKEN,
    NOT_OFFERED,
    NoRetry,
    OnTarget,
    Step,
    can_reverse,
    no_retry,
    on_target,
    recovery,
)

Reason = Callable[[Facts, Workflow], str | None]

_COPYING = frozenset({State.PENDING, State.COPYING})
_CUT_OVER = frozenset({State.CUTOVER, State.REVERSED_CUTOVER})
_AS = {
    State.CUTOVER: "cut over",
    State.REVERSED_CUTOVER: "cut over",
    State.COMPLETED: "completed",
    State.CANCELLED: "cancelled",
    State.STOPPED: "stopped",
    State.ERROR: "in error",
}


def to_switch(facts: Facts, workflow: Workflow) -> str | None:
    """Both forms of `switch-traffic`."""
    state = state_of(workflow.state)
    if state in _COPYING:
        return _still_copying(workflow)
    if state in BROKEN:
        return f"{_it_is(facts, workflow)} {_first(facts, workflow)}"
    if state in _AS:
        return _it_is(facts, workflow)
    if writes_moved(workflow):
        return f"Writes are on {target(workflow)} already."
    return None


def to_switch_replicas(facts: Facts, workflow: Workflow) -> str | None:
    """`switch-traffic --replicas-only`."""
    reason = to_switch(facts, workflow)
    if reason is None and replicas_moved(workflow):
        at = since(workflow.switch_replicas_at)
        return f"Replica reads are on {target(workflow)} already{',' if at else ''}{at}."
    return reason


def to_cut_over(facts: Facts, workflow: Workflow) -> str | None:
    """`cutover`, also once more after the routing rules were restored."""
    state = state_of(workflow.state)
    if state is State.REVERSED_CUTOVER:
        return None
    if state in _AS and state is not State.STOPPED:
        return _it_is(facts, workflow)
    if workflow.primaries_switched is False or not writes_moved(workflow):
        first = " Switch first." if to_switch(facts, workflow) is None else ""
        return f"Writes are still on {source(workflow)}.{first}"
    if state is not State.SWITCHED_PRIMARIES:
        return _it_is(facts, workflow)
    if workflow.replicas_switched is False:
        return f"Replica reads are still on {source(workflow)} although writes moved. PlanetScale support."
    return None


def to_complete(facts: Facts, workflow: Workflow) -> str | None:
    """`complete`. An import is completed without a cutover."""
    state = state_of(workflow.state)
    imported = facts.kind(workflow) is WorkflowKind.IMPORT
    if state is State.CUTOVER or (imported and state is State.SWITCHED_PRIMARIES):
        return None
    if state is State.REVERSED_CUTOVER:
        at = since(facts.state_since)
        are = f"have been back{at}" if at else "are back"
        return f"The routing rules {are}: the application still needs them. Cut over again first."
    if (state in _AS and state is not State.STOPPED) or (imported and writes_moved(workflow)):
        return _it_is(facts, workflow)
    if imported:
        return "Writes are still on the external database."
    return f"{facts.ref} is not cut over yet; there is nothing to complete."


def to_cancel(facts: Facts, workflow: Workflow) -> str | None:
    """`cancel`: not once traffic is, or may be, on the copies."""
    state = state_of(workflow.state)
    if state in {State.COMPLETED, State.CANCELLED}:
        return _it_is(facts, workflow)
    served = on_target(workflow, facts.switch_tried_at)
    if served is OnTarget.NOTHING:
        return None
    if served is OnTarget.ONLY_COPY and state not in _CUT_OVER:
        return _cutover_broke(facts, workflow)
    if state is State.ERROR or served is OnTarget.PERHAPS:
        return _switch_broke(facts, workflow)
    if served is OnTarget.ONLY_COPY:
        only = f"the tables in {source(workflow)} are gone, {target(workflow)} is the only copy"
        return f"{facts.ref} is cut over: {only}."
    what = "Writes are" if served is OnTarget.WRITES else "Replica reads are"
    return f"{what} on {target(workflow)}.{_reverse_first(facts, workflow, state)}"


def _reverse_first(facts: Facts, workflow: Workflow, state: State | None) -> str:
    """The way back, where it is open: a verification is in its way, though not in that of `cancel`."""
    if to_reverse(facts, workflow) is not None:
        return ""
    back = replace(facts, call=WorkflowCall.REVERSE_TRAFFIC)
    if state is not None and is_under_way(back, state):
        return " Wait until nothing is under way, then reverse first."
    return f" Reverse first: {_back(facts)}"


def to_verify(facts: Facts, workflow: Workflow) -> str | None:
    """`verify-data`: as long as the forward replication runs."""
    state = state_of(workflow.state)
    if state in _COPYING:
        return _still_copying(workflow)
    if state in BROKEN:
        return f"{_it_is(facts, workflow)} {_first(facts, workflow)}"
    if state in _AS:
        return _it_is(facts, workflow)
    if writes_moved(workflow):
        paused = "the forward replication is paused, and there is nothing to compare with"
        return f"Writes are on {target(workflow)}: {paused}."
    return None


def to_retry(facts: Facts, workflow: Workflow) -> str | None:
    """`retry`: not where it may start over and throw away what serves traffic."""
    if state_of(workflow.state) not in BROKEN:
        return f"{_it_is(facts, workflow)[:-1]}: there is nothing to retry."
    match no_retry(workflow, facts.switch_tried_at):
        case NoRetry.NOT_OFFERED:
            first = _first(facts, workflow)
            return first if first.startswith(NOT_OFFERED) else f"{NOT_OFFERED} {first}"
        case NoRetry.MAY_START_OVER:
            gone = f"A retry may start over: it would throw away the tables in {target(workflow)}."
            return f"{gone} {_first(facts, workflow)}"
        case None:
            return None


def to_reverse(facts: Facts, workflow: Workflow) -> str | None:
    """`reverse-traffic`. In an error nobody knows which way traffic would move."""
    state = state_of(workflow.state)
    if state in _CUT_OVER:
        gone = f"{facts.ref} is cut over: the tables in {source(workflow)} are gone."
        more = "reverse-cutover restores the routing rules."
        return f"{gone} {more}" if state is State.CUTOVER else gone
    if state in {State.COMPLETED, State.CANCELLED}:
        return _it_is(facts, workflow)
    if can_reverse(workflow):
        return None
    in_doubt = state in BROKEN and on_target(workflow, facts.switch_tried_at) is not OnTarget.NOTHING
    if in_doubt:
        doubt = "which keyspace serves writes is not certain. PlanetScale support."
        return f"{_it_is(facts, workflow)[:-1]}: {doubt}"
    return "No traffic is switched."


def to_reverse_cutover(facts: Facts, workflow: Workflow) -> str | None:
    """`reverse-cutover`."""
    match state_of(workflow.state):
        case State.CUTOVER:
            return None
        case State.COMPLETED:
            instead = "the routing rules cannot be restored. Point the application at @primary."
            return f"{facts.ref} is completed: {instead}"
        case State.REVERSED_CUTOVER:
            at = since(facts.state_since)
            return f"The routing rules are back already{',' if at else ''}{at}."
        case _:
            return f"{facts.ref} is not cut over."


def _still_copying(workflow: Workflow) -> str:
    if state_of(workflow.state) is State.PENDING:
        return "Waiting to start; nothing is copied yet."
    copy = copy_of(workflow)
    percent = copy.percent if copy else None
    return "Still copying." if percent is None else f"Still copying, about {percent} %."


def _switch_broke(facts: Facts, workflow: Workflow) -> str:
    times = (workflow.switch_replicas_at, workflow.switch_primaries_at, facts.switch_tried_at)
    tried = max((time for time in times if time), default=None)
    doubt = "Which keyspace serves writes is not certain; deleting the copies could delete live data."
    return f"{_broken_after(facts, workflow, 'switch', tried)} {doubt} PlanetScale support."


def _cutover_broke(facts: Facts, workflow: Workflow) -> str:
    """It was begun. Whether it deleted the tables in the source is not known."""
    why = recovery(workflow, facts.switch_tried_at).why_keep(target(workflow))
    return f"{_broken_after(facts, workflow, 'cutover', workflow.cutover_at)} {why}. PlanetScale support."


def _broken_after(facts: Facts, workflow: Workflow, what: str, tried: datetime | None) -> str:
    at = since(tried).replace(" since ", " at ")
    return f"{_it_is(facts, workflow)[:-1]} and a {what} was tried{at}."


def _first(facts: Facts, workflow: Workflow) -> str:
    """What has to come first, or instead: never what would be refused."""
    found = recovery(workflow, facts.switch_tried_at)
    first = "Retry first." if found.step is Step.RETRY else found.instead(_back(facts))
    return " ".join(filter(None, (found.warning(target(workflow)), first)))


def _back(facts: Facts) -> str:
    return f"/workflow reverse-traffic {facts.ref.database} {facts.ref.number}"


def _it_is(facts: Facts, workflow: Workflow) -> str:
    state = state_of(workflow.state)
    if state in _AS:
        return f"{facts.ref} is {_AS[state]}."
    return f"{facts.ref} is in the state {quote(workflow.state)}."
