"""What the engine keeps of a numbered workflow without knowing what it is, as what it is.

Each raises `TypeError` for what belongs to another kind of subject.
"""

from typing import TypeVar, overload

from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.subjects.model import Observed, Snapshot
from bot.workflows.actions.model import Action
from bot.workflows.observing.happenings import Happened
from bot.workflows.observing.observed_state import ObservedState

T = TypeVar("T")


@overload
def workflow_of(snapshot: Snapshot) -> Workflow: ...
@overload
def workflow_of(snapshot: Snapshot | None) -> Workflow | None: ...
def workflow_of(snapshot: Snapshot | None) -> Workflow | None:
    """The workflow that a snapshot is; `None` for none."""
    return None if snapshot is None else _own(Workflow, snapshot)


@overload
def observed_of(observed: Observed) -> ObservedState: ...
@overload
def observed_of(observed: Observed | None) -> ObservedState | None: ...
def observed_of(observed: Observed | None) -> ObservedState | None:
    """What is known of a watched workflow; `None` for nothing."""
    return None if observed is None else _own(ObservedState, observed)


def happened_of(happened: object) -> Happened:
    """What happened to a workflow."""
    return _own(Happened, happened)


def action_of(action: object) -> Action:
    """The action on a workflow."""
    return _own(Action, action)


def ref_of(ref: object) -> WorkflowRef:
    """The name of a workflow."""
    return _own(WorkflowRef, ref)


def _own(kind: type[T], value: object) -> T:
    if isinstance(value, kind):
        return value
    msg = f"{type(value).__name__} is no {kind.__name__}"
    raise TypeError(msg)
