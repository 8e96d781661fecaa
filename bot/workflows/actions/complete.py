"""`complete`: end the workflow, and with it the last way back. An import is completed without a cutover."""

from dataclasses import replace

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.subjects.findings import Level
from bot.workflows.actions.model import Action, Preflight, Touches, Traces
from bot.workflows.checks import others
from bot.workflows.checks.facts import Facts, Need
from bot.workflows.checks.reasons import IN_WORDS, it_is
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.moments import since
from bot.workflows.facts.states import State, state_of
from bot.workflows.facts.traffic import writes_moved
from bot.workflows.observing.happenings import Happening


def _allowed(facts: Facts, workflow: Workflow) -> str | None:
    """After the cutover; of an import once writes are on the target."""
    state = state_of(workflow.state)
    imported = facts.kind(workflow) is WorkflowKind.IMPORT
    if state is State.CUTOVER or (imported and state is State.SWITCHED_PRIMARIES):
        return None
    if state is State.REVERSED_CUTOVER:
        at = since(facts.state_since)
        are = f"have been back{at}" if at else "are back"
        return f"The routing rules {are}: the application still needs them. Cut over again first."
    if (state in IN_WORDS and state is not State.STOPPED) or (imported and writes_moved(workflow)):
        return it_is(facts, workflow)
    if imported:
        return "Writes are still on the external database."
    return f"{facts.ref} is not cut over yet; there is nothing to complete."


def _in_doubt(kind: WorkflowKind) -> Level:
    """The end of an import cannot be taken back and has no `--force`: it waits."""
    return Level.WARN if kind is WorkflowKind.MOVE else Level.BLOCK


def _variant(_: Workflow | None, kind: WorkflowKind) -> Action:
    return COMPLETE_IMPORT if kind is WorkflowKind.IMPORT else COMPLETE


COMPLETE = Action(
    name=ActionName.COMPLETE,
    flags=(),
    call=WorkflowCall.COMPLETE,
    to_do="complete",
    variant=_variant,
    touches=Touches.NOTHING,
    switches=False,
    goes_back=False,
    deletes=None,
    after_deletion=True,
    only_starts=False,
    starts_verification=False,
    ends_verification=False,
    flags_hold=False,
    is_heavy=False,
    heard_by_all=False,
    moves_in=(),
    leads_to=frozenset({State.COMPLETED}),
    causes=frozenset({Happening.COMPLETED}),
    is_done=lambda read: state_of(read.state) is State.COMPLETED,
    preflight=Preflight(
        allowed=_allowed,
        checks=(others.cut_over_long_ago,),
        needs=frozenset({Need.KEYSPACES}),
        in_doubt=_in_doubt,
    ),
    traces=Traces(by="completed_by", at="completed_at"),
)
COMPLETE_IMPORT = replace(COMPLETE, is_heavy=True)
"""It closes the connection to the external database, for good."""
