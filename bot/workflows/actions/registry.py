"""All actions, and how one is found: by its request, by its sub-command, or as it was asked for."""

from collections.abc import Callable, Mapping

from bot.commands.model import ActionName
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.workflows.actions.cancel import CANCEL
from bot.workflows.actions.complete import COMPLETE
from bot.workflows.actions.create import CREATE
from bot.workflows.actions.cutover import CUTOVER
from bot.workflows.actions.model import REPLICAS_ONLY, Action
from bot.workflows.actions.retry import RETRY
from bot.workflows.actions.reverse_cutover import REVERSE_CUTOVER
from bot.workflows.actions.reverse_traffic import REVERSE_REPLICAS, REVERSE_TRAFFIC
from bot.workflows.actions.switch_traffic import PRIMARIES, REPLICAS
from bot.workflows.actions.verify_data import VERIFY_DATA
from bot.workflows.facts.kind import WorkflowKind
from bot.workflows.facts.states import State
from bot.workflows.observing.happenings import Happening

ACTIONS = (
    CREATE,
    VERIFY_DATA,
    REPLICAS,
    PRIMARIES,
    REVERSE_TRAFFIC,
    CUTOVER,
    REVERSE_CUTOVER,
    COMPLETE,
    CANCEL,
    RETRY,
)
"""One for each request to PlanetScale, without variants, as a move goes."""

_BY_CALL = {one.call: one for one in ACTIONS}


def of_call(call: WorkflowCall | None) -> Action:
    """The action that makes this request, whatever the variant. `None`: a new workflow."""
    return _BY_CALL[call]


def as_asked(call: WorkflowCall | None, seen: Workflow | None, kind: WorkflowKind) -> Action:
    """The action, or the variant that it is for the workflow as people were shown it."""
    action = of_call(call)
    return action.variant(seen, kind) if action.variant else action


def named(name: ActionName, *, replicas_only: bool = False) -> Action:
    """The action that a sub-command asks for."""
    fitting = (one for one in ACTIONS if one.name is name and (REPLICAS_ONLY in one.flags) is replicas_only)
    return next(fitting)


def calls(having: Callable[[Action], bool]) -> frozenset[WorkflowCall]:
    """The requests on a workflow of all actions that have something in common."""
    return frozenset(one.call for one in ACTIONS if one.call and having(one))


def brought_by(state: State) -> Action | None:
    """The action that brings a workflow into that state; of several the one that is carried out in it."""
    leading = [one for one in ACTIONS if state in one.leads_to]
    return next((one for one in leading if state in one.moves_in), leading[0] if leading else None)


def moving_in(state: State, *, only_replicas: bool) -> Action | None:
    """What PlanetScale carries out in that state. `only_replicas`: writes certainly stay where they are."""
    moving = (one for one in (REVERSE_REPLICAS, *ACTIONS) if state in one.moves_in)
    return next((one for one in moving if only_replicas or one is not REVERSE_REPLICAS), None)


SWITCHES = calls(lambda one: one.switches)


def _causing(what: Happening) -> frozenset[WorkflowCall]:
    return calls(lambda one: what in one.causes)


TOLD_AS = {one.told_as: one for one in ACTIONS if one.told_as}
"""By the news of their being done."""

CAUSED_BY: Mapping[Happening, frozenset[WorkflowCall]] = {
    what: _causing(what) for what in Happening if _causing(what)
}
"""Which of the bot's requests can have caused it. What nobody asks for is not in it."""
