"""Which states allow an action (`None`), and the sentence that says why another one does not."""

from collections.abc import Callable

from bot.planetscale.models import Workflow
from bot.workflows.checks.facts import Facts, source, target
from bot.workflows.checks.words import quote, since
from bot.workflows.kind import Kind
from bot.workflows.progress import copy_of
from bot.workflows.states import State, state_of

Reason = Callable[[Facts, Workflow], str | None]

_COPYING = frozenset({State.PENDING, State.COPYING})
_BROKEN = frozenset({State.STOPPED, State.ERROR})
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
    if state in _BROKEN:
        return f"{_it_is(facts, workflow)[:-1]}. Retry first."
    if state in _AS:
        return _it_is(facts, workflow)
    if state is State.SWITCHED_PRIMARIES or workflow.primaries_switched:
        return f"Writes are on {target(workflow)} already."
    return None


def to_switch_replicas(facts: Facts, workflow: Workflow) -> str | None:
    """`switch-traffic --replicas-only`."""
    reason = to_switch(facts, workflow)
    if reason is None and _replicas_moved(workflow):
        at = since(workflow.switch_replicas_at, facts.now)
        return f"Replica reads are on {target(workflow)} already{',' if at else ''}{at}."
    return reason


def to_cut_over(facts: Facts, workflow: Workflow) -> str | None:
    """`cutover`, also once more after the routing rules were restored."""
    state = state_of(workflow.state)
    if state is State.REVERSED_CUTOVER:
        return None
    if state in _AS and state is not State.STOPPED:
        return _it_is(facts, workflow)
    if workflow.primaries_switched is False or not _primaries_moved(workflow):
        return f"Writes are still on {source(workflow)}. Switch first."
    if state is not State.SWITCHED_PRIMARIES:
        return _it_is(facts, workflow)
    if workflow.replicas_switched is False:
        return f"Replica reads are still on {source(workflow)}. Switch them first."
    return None


def to_complete(facts: Facts, workflow: Workflow) -> str | None:
    """`complete`. An import is completed without a cutover."""
    state = state_of(workflow.state)
    imported = facts.kind(workflow) is Kind.IMPORT
    if state is State.CUTOVER or (imported and state is State.SWITCHED_PRIMARIES):
        return None
    if state is State.REVERSED_CUTOVER:
        at = since(facts.state_since, facts.now)
        are = f"have been back{at}" if at else "are back"
        return f"The routing rules {are}: the application still needs them. Cut over again first."
    if (state in _AS and state is not State.STOPPED) or (imported and _primaries_moved(workflow)):
        return _it_is(facts, workflow)
    if imported:
        return "Writes are still on the external database."
    return f"{facts.ref} is not cut over yet; there is nothing to complete."


def to_cancel(facts: Facts, workflow: Workflow) -> str | None:
    """`cancel`: not once traffic is, or may be, on the copies."""
    state = state_of(workflow.state)
    if state in {State.COMPLETED, State.CANCELLED}:
        return _it_is(facts, workflow)
    if state is State.ERROR:
        return _switch_broke(facts, workflow)
    if state in _CUT_OVER or workflow.cutover_at:
        only = f"the tables in {source(workflow)} are gone, {target(workflow)} is the only copy"
        return f"{facts.ref} is cut over: {only}."
    what = "Writes are" if _primaries_moved(workflow) else "Replica reads are"
    if _primaries_moved(workflow) or _replicas_moved(workflow):
        back = f"/workflow reverse-traffic {facts.ref.database} {facts.ref.number}"
        return f"{what} on {target(workflow)}. Reverse first: {back}"
    return None


def to_verify(facts: Facts, workflow: Workflow) -> str | None:
    """`verify-data`: as long as the forward replication runs."""
    state = state_of(workflow.state)
    if state in _COPYING:
        return _still_copying(workflow)
    if state in _BROKEN:
        return f"{_it_is(facts, workflow)[:-1]}. Retry first."
    if state in _AS:
        return _it_is(facts, workflow)
    if _primaries_moved(workflow):
        paused = "the forward replication is paused, and there is nothing to compare with"
        return f"Writes are on {target(workflow)}: {paused}."
    return None


def to_retry(facts: Facts, workflow: Workflow) -> str | None:
    """`retry`."""
    if state_of(workflow.state) not in _BROKEN:
        return f"{_it_is(facts, workflow)[:-1]}: there is nothing to retry."
    offered = (workflow.may_retry, workflow.may_restart)
    if state_of(workflow.state) is State.ERROR and True not in offered and False in offered:
        return "PlanetScale says that this cannot be retried. Cancel and create again."
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
    if not (_replicas_moved(workflow) or _primaries_moved(workflow)):
        return "No traffic is switched."
    if state is State.ERROR:
        doubt = "which keyspace serves writes is not certain. PlanetScale support."
        return f"{_it_is(facts, workflow)[:-1]}: {doubt}"
    return None


def to_reverse_cutover(facts: Facts, workflow: Workflow) -> str | None:
    """`reverse-cutover`."""
    match state_of(workflow.state):
        case State.CUTOVER:
            return None
        case State.COMPLETED:
            instead = "the routing rules cannot be restored. Point the application at @primary."
            return f"{facts.ref} is completed: {instead}"
        case State.REVERSED_CUTOVER:
            at = since(facts.state_since, facts.now)
            return f"The routing rules are back already{',' if at else ''}{at}."
        case _:
            return f"{facts.ref} is not cut over."


def _still_copying(workflow: Workflow) -> str:
    if state_of(workflow.state) is State.PENDING:
        return "Waiting to start; nothing is copied yet."
    copy = copy_of(workflow)
    percent = copy.percent if copy else None
    return "Still copying." if percent is None else f"Still copying, about {percent} %."


def _switch_broke(facts: Facts, workflow: Workflow) -> str | None:
    times = (
        workflow.switch_replicas_at,
        workflow.switch_primaries_at,
        workflow.cutover_at,
        facts.switch_tried_at,
    )
    tried = max((time for time in times if time), default=None)
    if tried is None and not (_replicas_moved(workflow) or _primaries_moved(workflow)):
        return None
    at = since(tried, facts.now).replace(" since ", " at ")
    doubt = "Which keyspace serves writes is not certain; deleting the copies could delete live data."
    return f"{facts.ref} is in error and a switch was tried{at}. {doubt} PlanetScale support."


def _replicas_moved(workflow: Workflow) -> bool:
    if state_of(workflow.state) in {State.SWITCHED_REPLICAS, State.SWITCHED_PRIMARIES}:
        return True
    return bool(workflow.replicas_switched)


def _primaries_moved(workflow: Workflow) -> bool:
    """By the state and the flag; where no flag is reported, by what the streams say."""
    if state_of(workflow.state) is State.SWITCHED_PRIMARIES or workflow.primaries_switched:
        return True
    unreported = workflow.primaries_switched is None and workflow.replicas_switched is None
    return unreported and any(stream.primary_serving for stream in workflow.streams or ())


def _it_is(facts: Facts, workflow: Workflow) -> str:
    state = state_of(workflow.state)
    if state in _AS:
        return f"{facts.ref} is {_AS[state]}."
    return f"{facts.ref} is in the state {quote(workflow.state)}."
