"""A numbered workflow in rows."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection

from bot.commands.model import ActionName
from bot.kinds.workflow.history import with_history
from bot.operations.model import Story
from bot.operations.storage.kept_forms import CARRIED, FormsOfRow, RowForms
from bot.planetscale.calls import WorkflowCall
from bot.planetscale.models import Workflow
from bot.planetscale.refs import WorkflowRef
from bot.subjects.model import MOVING, WAITING, WORKING, Observed
from bot.workflows.actions.model import Action
from bot.workflows.actions.registry import of_call
from bot.workflows.facts.states import TRANSITIONAL, State, state_of
from bot.workflows.observing.happenings import Happened
from bot.workflows.observing.observed_state import ObservedState
from bot.workflows.own import observed_of

_OBSERVED = TypeAdapter(ObservedState)
_HAPPENED = TypeAdapter(Happened)
_WORKING = frozenset({State.PENDING, State.COPYING, State.VERIFYING_DATA})


class WorkflowForms:
    """`bot.operations.storage.kept_forms.RowForms`. It has no state."""

    def ref(self, row: Mapping[Any, Any]) -> WorkflowRef | None:
        number = row["number"]
        return None if number is None else WorkflowRef(row["organization"], row["database"], number)

    def action(self, row: Mapping[Any, Any]) -> Action:
        found = of_call(WorkflowCall[row["call"]] if row["call"] else None)
        if found.name is not ActionName(row["action"]):
            msg = "an action and a request that do not belong together"
            raise ValueError(msg)
        return found

    def snapshot(self, data: Any) -> Workflow:
        return Workflow.model_validate(data)

    def observed(self, data: Any) -> ObservedState:
        return _OBSERVED.validate_python(data)

    def observed_json(self, observed: Observed) -> Any:
        known = observed_of(observed)
        return _OBSERVED.dump_python(known, mode="json", exclude_none=True, exclude={"read_at"})

    def happened(self, data: Any) -> Happened:
        return _HAPPENED.validate_python(data)

    def with_history(self, connection: Connection, story: Story, *, as_of_now: bool) -> Story:
        return with_history(connection, story, as_of_now=as_of_now)

    def urgency(self, observed: Observed | None) -> int:
        return urgency_of(observed_of(observed))


def urgency_of(observed: ObservedState | None) -> int:
    """How urgent it is to read a workflow of which this is known."""
    if observed is None:
        return WORKING
    state = state_of(observed.workflow.state)
    if state in TRANSITIONAL:
        return MOVING
    return WORKING if state in _WORKING else WAITING


_FORMS: Final[RowForms] = WorkflowForms()


def _forms_of_row(_row: Mapping[Any, Any]) -> RowForms:
    """All rows are about numbered workflows. A second kind needs a column that says which a row is about."""
    return _FORMS


_OF_ROW: FormsOfRow = _forms_of_row
CARRIES: Final[Mapping[str, FormsOfRow]] = {CARRIED: _OF_ROW}
"""What a database whose rows are about numbered workflows is opened with."""
