"""Running the checks of an action: those that every action has, then its own."""

from collections.abc import Iterator

from bot.planetscale.calls import NewWorkflow, WorkflowCall
from bot.planetscale.models import Workflow
from bot.subjects.findings import STATE, Finding, Report, block, passed
from bot.workflows.actions.model import Action
from bot.workflows.actions.registry import as_asked, of_call
from bot.workflows.checks import common, open_requests
from bot.workflows.checks.creation_checks import check_create
from bot.workflows.checks.facts import CreateFacts, Facts, Need
from bot.workflows.facts.states import state_of


def needs(call: WorkflowCall | NewWorkflow) -> frozenset[Need]:
    """What has to be read before `run_checks`. What could not be read is handed over as `None`."""
    if isinstance(call, NewWorkflow):
        return of_call(None).preflight.needs
    return of_call(call).preflight.needs | {Need.WORKFLOW}


def run_checks(facts: Facts | CreateFacts) -> Report:
    """All checks of an action, exactly its own. Never raises, whatever PlanetScale reports."""
    return Report(tuple(check_create(facts) if isinstance(facts, CreateFacts) else _run(facts)))


def state_allows(facts: Facts, workflow: Workflow) -> bool:
    """Whether the state of `workflow` allows what `facts` are about; its own checks may still refuse it."""
    state, action = state_of(workflow.state), _asked(facts, workflow)
    if state is None or common.is_under_way(action, facts, state):
        return False
    return action.preflight.allowed(facts, workflow) is None


def _asked(facts: Facts, workflow: Workflow) -> Action:
    return as_asked(facts.call, workflow, facts.kind(workflow))


def _run(facts: Facts) -> Iterator[Finding]:
    """Once the state does not allow an action, its own checks would only be noise."""
    workflow = common.subject(of_call(facts.call), facts)
    yield common.read(facts, workflow)
    yield from open_requests.unsettled(facts.others, f"of {facts.ref}")
    yield from open_requests.twins(facts.others, facts.call)
    yield from open_requests.waiting(facts.others, facts.call)
    if workflow is None:
        return
    yield from open_requests.in_doubt(facts, workflow)
    yield common.known_state(facts, workflow)
    action = _asked(facts, workflow)
    yield common.nothing_under_way(action, facts, workflow)
    state = state_of(workflow.state)
    if state is None or common.is_under_way(action, facts, state):
        return
    reason = action.preflight.allowed(facts, workflow)
    if reason is not None:
        yield block(STATE, reason)
        return
    yield passed(STATE, "The state allows it")
    for check in action.preflight.checks:
        yield from check(facts, workflow)
