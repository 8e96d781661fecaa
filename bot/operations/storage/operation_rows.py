"""Operations as rows, and rows as operations. What has no column of its own stands in `facts`."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_type_hints

import structlog
from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, Select

from bot.approvals.terms import Gate
from bot.operations.model import Decided, DecisionKind, Operation, Outcome, State
from bot.operations.storage.kept_forms import forms_of
from bot.store.errors import RowNotUnderstoodError, understanding
from bot.store.schema import operations
from bot.subjects.findings import Report
from bot.subjects.row_forms import FORMS, Forms

log = structlog.stdlib.get_logger(__name__)

_OUTCOME = TypeAdapter(Outcome)
_REPORT = TypeAdapter(Report)
_COLUMNS = set(operations.columns.keys())
_CODED = {"ref", "action", "call", "state", "gate", "approvers", "arguments", "report", "outcome"}
_PLAIN = tuple(one.name for one in fields(Operation) if one.name in _COLUMNS - _CODED)
_FACTS = {
    name: TypeAdapter(hint)
    for name, hint in get_type_hints(Operation, include_extras=True).items()
    if name not in _COLUMNS | _CODED
}


def to_row(operation: Operation) -> dict[str, Any]:
    """All columns that an operation fills."""
    row = {name: getattr(operation, name) for name in _PLAIN}
    named = operation.ref.columns if operation.ref else {}
    return (
        row
        | {**named}
        | {
            "arguments": dict(operation.arguments),
            "action": operation.action.name,
            "call": operation.action.code,
            "state": operation.state.value,
            "gate": operation.gate.value,
            "wake_at": operation.wake_at,
            "approvers": list(operation.approvers),
            "report": _REPORT.dump_python(operation.report, mode="json") if operation.report else None,
            "outcome": _OUTCOME.dump_python(operation.outcome, mode="json"),
            "facts": {
                name: form.dump_python(getattr(operation, name), mode="json") for name, form in _FACTS.items()
            },
        }
    )


def from_row(connection: Connection, row: RowMapping) -> Operation:
    """The operation that a row holds. Raises `RowNotUnderstoodError` where a newer version wrote it."""
    with understanding("operation", row["id"]):
        return _from_row(row, forms_of(connection, row))


def understood(connection: Connection, query: Select[Any]) -> Iterator[Operation]:
    """The operations that a query finds, for what can do without those that this version does not know."""
    for row in connection.execute(query).mappings():
        try:
            yield from_row(connection, row)
        except RowNotUnderstoodError as error:
            log.error("left_out", operation=row["id"], reason=str(error))


def _from_row(row: RowMapping, forms: Forms) -> Operation:
    context = {FORMS: forms}
    facts = {
        name: form.validate_python(row["facts"][name], context=context)
        for name, form in _FACTS.items()
        if name in row["facts"]
    }
    return Operation(
        **{name: row[name] for name in _PLAIN},
        **facts,
        ref=forms.ref(row),
        arguments=row["arguments"],
        action=forms.action(row),
        state=State(row["state"]),
        gate=Gate(row["gate"]),
        approvers=tuple(row["approvers"] or ()),
        report=_REPORT.validate_python(row["report"]) if row["report"] else None,
        outcome=_OUTCOME.validate_python(row["outcome"] or {}, context=context),
    )


def decided(row: RowMapping) -> Decided:
    """The press that counted which a row of `decisions` holds."""
    with understanding("decision", row["id"]):
        return Decided(row["user_id"], DecisionKind(row["kind"]), row["at"], row["reason"])
