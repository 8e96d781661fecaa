"""The rows of attempts, a request as it was sent, and of readings, the looks at the workflow since.

Plain functions of a connection, for `Database.write` and `Database.read`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, func, insert, select, update

from bot.operations.model import Operation
from bot.store.schema import attempts, readings
from bot.subjects.reading_plan import Acceptance, Reading
from bot.subjects.verdicts import Verdict

NOT_TAKEN = "certainly not taken"
"""In the place of an answer: the request had no effect, and its operation is ready again."""
_VERDICT = TypeAdapter(Verdict)
_LAST: Final = (
    select(attempts)
    .where(attempts.c.operation_id == bindparam("operation"))
    .order_by(attempts.c.id.desc())
    .limit(1)
)
_LAST_ID: Final = select(func.max(attempts.c.id)).where(attempts.c.operation_id == bindparam("operation"))
_SERIES: Final = (
    select(readings)
    .where(readings.c.attempt_id == bindparam("attempt"))
    .order_by(readings.c.at, readings.c.id)
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request, as it was committed before it left."""

    id: int
    operation: Operation
    before: Any
    """What its kind of subject has kept of just before, as JSON."""
    answer: Acceptance = Acceptance.NONE
    answered_at: datetime | None = None
    said: str | None = None
    """PlanetScale's words in its answer."""
    cause: str | None = None
    """What may be the reason of a refusal, where its words do not tell."""
    readings_known: int = 0
    """How often the workflow had been looked at since, when this was loaded."""


def answered(connection: Connection, attempt: Attempt) -> None:
    """Write down how PlanetScale answered, and its words."""
    answer = {"kind": attempt.answer.value, "said": attempt.said, "cause": attempt.cause}
    values = {"answered_at": attempt.answered_at, "answer": answer}
    connection.execute(update(attempts).where(attempts.c.id == attempt.id).values(values))


def last_attempt(connection: Connection, operation: Operation) -> Attempt | None:
    """The request of this operation that was sent last."""
    row = connection.execute(_LAST, {"operation": operation.id}).mappings().first()
    if row is None:
        return None
    answer = row["answer"] or {}
    kind = answer.get("kind")
    return Attempt(
        id=row["id"],
        operation=operation,
        before=row["before"],
        answer=Acceptance(kind) if kind and kind != NOT_TAKEN else Acceptance.NONE,
        answered_at=row["answered_at"],
        said=answer.get("said"),
        cause=answer.get("cause"),
        readings_known=connection.scalar(select(func.count()).where(readings.c.attempt_id == row["id"])) or 0,
    )


def is_last(connection: Connection, attempt: Attempt) -> bool:
    """Whether its operation was not sent again since."""
    return bool(connection.scalar(_LAST_ID, {"operation": attempt.operation.id}) == attempt.id)


def store(connection: Connection, attempt: Attempt, reading: Reading) -> None:
    """Keep a look at the workflow after it was sent."""
    values = {
        "attempt_id": attempt.id,
        "at": reading.at,
        "state": reading.state,
        "verdict": reading.verdict.proof.value,
        "evidence": _VERDICT.dump_python(reading.verdict, mode="json"),
    }
    connection.execute(insert(readings), values)


def series(connection: Connection, attempt: Attempt) -> list[Reading]:
    """All looks since it was sent, the oldest first."""
    return [
        Reading(row["at"], _VERDICT.validate_python(row["evidence"]), row["state"])
        for row in connection.execute(_SERIES, {"attempt": attempt.id}).mappings()
    ]
