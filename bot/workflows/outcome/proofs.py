"""The table of what a state, read after an action was sent, proves about it.

Rows are actions, with the state that the workflow was in before; columns are the states read afterwards.
PlanetScale answers a change as soon as it is *taken*; it is *done* later, and a lost answer may hide either.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.planetscale.calls import WorkflowCall
from bot.workflows.facts.states import State


class Cell(StrEnum):
    """What one state proves, as long as the evidence fields do not say more (see `outcomes`)."""

    H = "H"
    """It happened."""
    U = "U"
    """It is under way."""
    U_THEN_X = "U>X"
    """It is under way; if it stays like that, it is half done."""
    N = "N"
    """Not seen to happen."""
    N_OR_H = "N/H"
    """Not seen to happen if that was the state before, else it happened."""
    N_OR_X = "N/X"
    """Not seen to happen if that was the state before, else conflicting."""
    N_OR_E = "N/E"
    """Not seen to happen if that was the state before, else failed."""
    X = "X"
    """Conflicting: nothing that this action leads to."""
    E = "E"
    """Failed, where the evidence shows that it was taken; else conflicting."""
    E_TABLES = "E!"
    """The same, and source tables may be gone."""


@dataclass(frozen=True, slots=True)
class ProofRow:
    """One action, from one or several states."""

    call: WorkflowCall
    before: tuple[State, ...]
    cells: dict[State, Cell]


COLUMNS: tuple[tuple[State, ...], ...] = (
    (State.PENDING, State.COPYING),
    (State.RUNNING,),
    (State.VERIFYING_DATA,),
    (State.VERIFIED_DATA,),
    (State.STOPPED,),
    (State.SWITCHING_REPLICAS,),
    (State.SWITCHED_REPLICAS,),
    (State.SWITCHING_PRIMARIES,),
    (State.SWITCHED_PRIMARIES,),
    (State.REVERSING_TRAFFIC,),
    (State.REVERSING_TRAFFIC_FOR_CANCEL, State.CANCELLING),
    (State.CUTTING_OVER,),
    (State.CUTOVER,),
    (State.REVERSED_CUTOVER,),
    (State.COMPLETED,),
    (State.CANCELLED,),
    (State.ERROR,),
)


_COPIED = (State.RUNNING, State.VERIFIED_DATA)
_BEFORE = {
    "copied": _COPIED,
    "replicas": (State.SWITCHED_REPLICAS,),
    "primaries": (State.SWITCHED_PRIMARIES,),
    "cutover": (State.CUTOVER,),
    "restored": (State.REVERSED_CUTOVER,),
    "either": (State.CUTOVER, State.REVERSED_CUTOVER),
    "trouble": (State.ERROR, State.STOPPED),
    "earlier": (
        *(State.PENDING, State.COPYING, State.VERIFYING_DATA, *_COPIED),
        *(State.SWITCHED_REPLICAS, State.SWITCHED_PRIMARIES, State.STOPPED, State.ERROR),
    ),
}
"""The second column of the table below. `restored`: the routing rules, by `reverse-cutover`."""

_TABLE = """\
action           before    wait run  vfng vfed stop >rep rep  >pri pri  rev  canc >cut cut  rest comp cncd err
verify_data      copied    X    N    H    N/H  X    X    X    X    X    X    X    X    X    X    X    X    E
switch_replicas  copied    X    N    N    N    X    U    H    H    H    X    X    H    H    H    H    X    E
switch_primaries copied    X    N    N    N    X    U    U>X  U    H    X    X    H    H    H    H    X    E
switch_primaries replicas  X    X    X    X    X    X    N    U    H    X    X    H    H    H    H    X    E
reverse_traffic  replicas  X    H    H    H    X    X    N    X    X    U    X    X    X    X    X    X    E
reverse_traffic  primaries X    H    H    H    X    X    U>X  X    N    U    X    X    X    X    X    X    E
cutover          primaries X    X    X    X    X    X    X    X    N    X    X    U    H    H    H    X    E!
reverse_cutover  cutover   X    X    X    X    X    X    X    X    X    X    X    X    N    H    X    X    E
complete         either    X    X    X    X    X    X    X    X    X    X    X    X    N/X  N/X  H    X    E
retry            trouble   H    H    H    H    N/X  H    X    H    X    H    X    H    X    X    X    X    N/E
cancel           earlier   N/X  N/X  N/X  N/X  N/X  X    N/X  X    N/X  X    U    X    X    X    X    H    N/E
verify_data      replicas  X    X    H    X    X    X    N    X    X    X    X    X    X    X    X    X    E
cutover          restored  X    X    X    X    X    X    X    X    X    X    X    U    H    N    X    X    E
complete         primaries X    X    X    X    X    X    X    X    N    X    X    X    X    X    H    X    E
"""
"""The last three are seldom: verified with replica reads switched already; cut over again once the routing
rules were restored, which deletes nothing more; an import, which is completed without a cutover."""


def _row(line: str) -> ProofRow:
    call, before, *cells = line.split()
    found = {state: Cell(cell) for column, cell in zip(COLUMNS, cells, strict=True) for state in column}
    return ProofRow(WorkflowCall[call.upper()], _BEFORE[before], found)


_ROWS = {(row.call, before): row for row in map(_row, _TABLE.splitlines()[1:]) for before in row.before}
_COLUMN_OF = {state: number for number, column in enumerate(COLUMNS) for state in column}


def cell(call: WorkflowCall, before: State | None, state: State) -> Cell:
    """The cell for `state`, read after `call` was sent from `before`.

    From a state that no row is about, only "as it was" can be told from "conflicting".
    """
    row = _ROWS.get((call, before)) if before else None
    if row:
        return row.cells[state]
    return Cell.N_OR_E if state is State.ERROR else Cell.N_OR_X


def same_column(before: State | None, state: State) -> bool:
    """Whether the two are one column of the table: nothing moved."""
    return before is not None and _COLUMN_OF[before] == _COLUMN_OF[state]
