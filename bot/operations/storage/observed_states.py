"""What watching knows of a workflow, for those who only read it: its row holds it as JSON."""

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from bot.planetscale.refs import WorkflowRef
from bot.store.schema import watches
from bot.workflows.observing.observed_state import ObservedState

_FORM = TypeAdapter(ObservedState)


def sight_of(connection: Connection, ref: WorkflowRef) -> ObservedState | None:
    """The last sight of a workflow that is watched; `None` where there is none that can be understood."""
    here = (
        watches.c.organization == ref.organization,
        watches.c.database == ref.database,
        watches.c.number == ref.number,
        watches.c.over.is_(None),
    )
    row = connection.execute(select(watches.c.sight, watches.c.read_at).where(*here)).first()
    if row is None or not row.sight:
        return None
    try:
        return _FORM.validate_python(row.sight | {"read_at": row.read_at})
    except ValidationError:
        return None
