"""Operations as rows, and rows as operations. What has no column of its own stands in `facts`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any, get_type_hints

import structlog
from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from bot.approvals.terms import Gate
from bot.commands.model import ActionName
from bot.operations.model import Decided, DecisionKind, Operation, Outcome, State
from bot.planetscale.calls import WorkflowCall
from bot.store.errors import RowNotUnderstoodError, understanding
from bot.store.schema import operations
from bot.subjects.findings import Report

log = structlog.stdlib.get_logger(__name__)

_OUTCOME = TypeAdapter(Outcome)
_REPORT = TypeAdapter(Report)
_COLUMNS = set(operations.columns.keys())
_CODED = {"action", "call", "state", "gate", "approvers", "arguments", "report", "outcome"}
_PLAIN = tuple(one.name for one in fields(Operation) if one.name in _COLUMNS - _CODED)
_FACTS = {name: TypeAdapter(hint) for name, hint in get_type_hints(Operation).items() if name not in _COLUMNS}


def to_row(operation: Operation) -> dict[str, Any]:
    """All columns that an operation fills."""
    row = {name: getattr(operation, name) for name in _PLAIN}
    return row | {
        "arguments": dict(operation.arguments),
        "action": operation.action.value,
        "call": operation.call.name if operation.call else None,
        "state": operation.state.value,
        "gate": operation.gate.value,
        "approvers": list(operation.approvers),
        "report": _REPORT.dump_python(operation.report, mode="json") if operation.report else None,
        "outcome": _OUTCOME.dump_python(operation.outcome, mode="json"),
        "facts": {
            name: form.dump_python(getattr(operation, name), mode="json") for name, form in _FACTS.items()
        },
    }


def from_row(row: RowMapping | Mapping[str, Any]) -> Operation:
    """The operation that a row holds. Raises `RowNotUnderstoodError` where a newer version wrote it."""
    with understanding("operation", row["id"]):
        return _from_row(row)


def understood(rows: Iterable[RowMapping]) -> Iterator[Operation]:
    """The operations of many rows, for what can do without those that this version does not know."""
    for row in rows:
        try:
            yield from_row(row)
        except RowNotUnderstoodError as error:
            log.error("left_out", reason=str(error))


def _from_row(row: RowMapping | Mapping[str, Any]) -> Operation:
    facts = {
        name: form.validate_python(row["facts"][name])
        for name, form in _FACTS.items()
        if name in row["facts"]
    }
    return Operation(
        **{name: row[name] for name in _PLAIN},
        **facts,
        arguments=row["arguments"],
        action=ActionName(row["action"]),
        call=WorkflowCall[row["call"]] if row["call"] else None,
        state=State(row["state"]),
        gate=Gate(row["gate"]),
        approvers=tuple(row["approvers"] or ()),
        report=_REPORT.validate_python(row["report"]) if row["report"] else None,
        outcome=_OUTCOME.validate_python(row["outcome"] or {}),
    )


def decided(row: RowMapping) -> Decided:
    """The press that counted which a row of `decisions` holds."""
    with understanding("decision", row["id"]):
        return Decided(row["user_id"], DecisionKind(row["kind"]), row["at"], row["reason"])
