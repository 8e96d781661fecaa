"""What watching knows of a subject, for those who only read it: its row holds it as JSON."""

from sqlalchemy import Connection, select

from bot.operations.storage.kept_forms import forms_of
from bot.operations.storage.naming import is_about
from bot.store.schema import watches
from bot.subjects.model import Observed, Ref


def observed_state_of(connection: Connection, ref: Ref) -> Observed | None:
    """The last observed state of what is watched; `None` where there is none that can be understood."""
    here = (*is_about(watches, ref), watches.c.over.is_(None))
    row = connection.execute(select(watches).where(*here)).mappings().first()
    if row is None or not row["sight"]:
        return None
    try:
        return forms_of(connection, row).observed(row["sight"] | {"read_at": row["read_at"]})
    except ValueError:
        return None
