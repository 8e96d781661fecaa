"""The checks that every action on a workflow has."""

from bot.planetscale.models import Workflow
from bot.subjects.findings import Finding, block, note, passed
from bot.workflows.actions.model import Action
from bot.workflows.checks.check_words import quote
from bot.workflows.checks.facts import Facts, source, target
from bot.workflows.facts.moments import since, stamp
from bot.workflows.facts.states import TRANSITIONAL, State, in_words, state_of
from bot.workflows.facts.traffic import traffic

UNREAD = "PlanetScale could not be read, so nothing could be checked. Try again."

_MOVING = {
    State.SWITCHING_REPLICAS: "switching replica reads",
    State.REVERSING_TRAFFIC_FOR_CANCEL: "reversing traffic before it is cancelled",
}


def subject(action: Action, facts: Facts) -> Workflow | None:
    """The workflow to go by: as read, or for a way back the last known."""
    if facts.workflow is None and action.goes_back:
        return facts.last_known
    return facts.workflow


def read(facts: Facts, workflow: Workflow | None) -> Finding:
    """Whether there is something to check."""
    if workflow is None:
        return block("read", UNREAD)
    if facts.workflow is None:
        at = f" at {stamp(facts.last_known_at)}" if facts.last_known_at else ""
        known = f"last known{at}: {_serves(workflow)}"
        return note("read", f"PlanetScale could not be read; {known}.")
    return passed("read", f"Read at {stamp(facts.read_at or facts.now)}")


def _serves(workflow: Workflow) -> str:
    serving = traffic(workflow)
    if serving.writes is None:
        return quote(workflow.state) or "no state"
    if serving.writes == source(workflow) and serving.replica_reads == target(workflow):
        return f"{serving.replica_reads} serves replica reads"
    return f"{serving.writes} serves writes"


def known_state(facts: Facts, workflow: Workflow) -> Finding:
    """Whether this bot knows what the state means."""
    state = state_of(workflow.state)
    if state is None:
        named = quote(workflow.state) or "none"
        return block(
            "known-state",
            f"{facts.ref} is in a state this bot does not know ({named}). "
            "Look at the dashboard, and act with pscale.",
        )
    return passed("known-state", f"State: {in_words(state)}")


def nothing_under_way(action: Action, facts: Facts, workflow: Workflow) -> Finding:
    """Whether PlanetScale is changing something at this moment."""
    state = state_of(workflow.state)
    if state is None or not is_under_way(action, facts, state):
        return passed("under-way", "Nothing is under way")
    moving = _MOVING.get(state, state.replace("_", " "))
    at = since(facts.state_since)
    is_so = f"has been {moving}{at}" if at else f"is {moving}"
    return block("under-way", f"{facts.ref} {is_so}. Wait for it to end.")


def is_under_way(action: Action, facts: Facts, state: State) -> bool:
    """A verification is in the way of all but what ends it; one that stands still is in none."""
    if state is State.VERIFYING_DATA:
        return not action.ends_verification and facts.verification_stands_since is None
    return state in TRANSITIONAL
