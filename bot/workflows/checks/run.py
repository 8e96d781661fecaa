"""Which checks an action has, and running them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.planetscale.calls import NewWorkflow, WorkflowCall
from bot.planetscale.models import Workflow
from bot.subjects.findings import STATE, Finding, Report, block, passed
from bot.workflows.checks import common, cutover, open_requests, others, reasons, switch
from bot.workflows.checks.create import check_create
from bot.workflows.checks.facts import CreateFacts, Facts, Need
from bot.workflows.facts.states import state_of

Check = Callable[[Facts, Workflow], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class _Plan:
    allowed: reasons.Reason
    checks: tuple[Check, ...]
    needs: frozenset[Need]
    """Besides the workflow itself."""


_SWITCH: tuple[Check, ...] = (
    switch.verified,
    switch.streams,
    switch.stopped_streams,
    switch.not_throttled,
    switch.schema_changes,
    switch.no_backup_running,
    switch.look_first,
)

_PLANS = {
    WorkflowCall.SWITCH_REPLICAS: _Plan(reasons.to_switch_replicas, _SWITCH, frozenset({Need.BACKUPS})),
    WorkflowCall.SWITCH_PRIMARIES: _Plan(
        reasons.to_switch,
        (switch.replicas_first, *_SWITCH, switch.sequences, switch.import_statement),
        frozenset({Need.BACKUPS, Need.KEYSPACES}),
    ),
    WorkflowCall.CUTOVER: _Plan(
        reasons.to_cut_over,
        (
            cutover.not_an_import,
            cutover.named,
            cutover.soaked,
            cutover.explicit_routing,
            cutover.backed_up,
            cutover.not_forced,
            cutover.statements,
        ),
        frozenset({Need.KEYSPACES, Need.VSCHEMA, Need.BACKUPS}),
    ),
    WorkflowCall.COMPLETE: _Plan(
        reasons.to_complete, (others.cut_over_long_ago,), frozenset({Need.KEYSPACES})
    ),
    WorkflowCall.CANCEL: _Plan(
        reasons.to_cancel,
        (others.no_traffic, cutover.named, others.no_index_build, others.no_verification),
        frozenset(),
    ),
    WorkflowCall.VERIFY_DATA: _Plan(reasons.to_verify, (others.worth_verifying,), frozenset()),
    WorkflowCall.RETRY: _Plan(
        reasons.to_retry, (others.nothing_copied_twice, others.no_schema_change), frozenset()
    ),
    WorkflowCall.REVERSE_TRAFFIC: _Plan(reasons.to_reverse, (others.replication_back,), frozenset()),
    WorkflowCall.REVERSE_CUTOVER: _Plan(reasons.to_reverse_cutover, (), frozenset()),
}
_CREATE = frozenset({Need.LISTING, Need.BRANCHES, Need.KEYSPACES, Need.SCHEMA, Need.VSCHEMA})


def needs(call: WorkflowCall | NewWorkflow) -> frozenset[Need]:
    """What has to be read before `run_checks`. What could not be read is handed over as `None`."""
    if isinstance(call, NewWorkflow):
        return _CREATE
    return _PLANS[call].needs | {Need.WORKFLOW}


def run_checks(facts: Facts | CreateFacts) -> Report:
    """All checks of an action, exactly its own. Never raises, whatever PlanetScale reports."""
    return Report(tuple(check_create(facts) if isinstance(facts, CreateFacts) else _run(facts)))


def state_allows(facts: Facts, workflow: Workflow) -> bool:
    """Whether the state of `workflow` allows what `facts` are about; its own checks may still refuse it."""
    state = state_of(workflow.state)
    if state is None or common.is_under_way(facts, state):
        return False
    return _PLANS[facts.call].allowed(facts, workflow) is None


def _run(facts: Facts) -> Iterator[Finding]:
    """Once the state does not allow an action, its own checks would only be noise."""
    workflow = common.subject(facts)
    yield common.read(facts, workflow)
    yield from open_requests.unsettled(facts.others, f"of {facts.ref}")
    yield from open_requests.twins(facts.others, facts.call)
    yield from open_requests.waiting(facts.others, facts.call)
    if workflow is None:
        return
    yield from open_requests.in_doubt(facts, workflow)
    yield common.known_state(facts, workflow)
    yield common.nothing_under_way(facts, workflow)
    state = state_of(workflow.state)
    if state is None or common.is_under_way(facts, state):
        return
    plan = _PLANS[facts.call]
    reason = plan.allowed(facts, workflow)
    if reason is not None:
        yield block(STATE, reason)
        return
    yield passed(STATE, "The state allows it")
    for check in plan.checks:
        yield from check(facts, workflow)
