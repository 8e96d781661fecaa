"""What a trouble makes of a workflow that is answered otherwise well."""

import json
from collections.abc import Callable

from bot.demo.planetscale.troubles import Trouble, Troubles
from bot.demo.planetscale.views import Json

UNKNOWN_STATE = "resharding"


def _unknown_state(shown: Json, trouble: Trouble) -> None:
    shown["state"] = trouble.text or UNKNOWN_STATE


def _missing_parts(shown: Json, _: Trouble) -> None:
    for part in ("streams", "tables", "vdiff"):
        shown.pop(part, None)


def _wrong_totals(shown: Json, _: Trouble) -> None:
    """What the statistics would say if they knew half of the rows."""
    for table in _tables(shown):
        copied, total = table.get("rows_copied"), table.get("rows_total")
        if isinstance(copied, int) and isinstance(total, int):
            half = total // 2
            table |= {"rows_total": half, "rows_percentage": min(100, 100 * copied // max(1, half))}


def _wrong_types(shown: Json, trouble: Trouble) -> None:
    """Words where numbers and flags belong; or, where the trouble's text is `tables.rows_copied=-1`, that."""
    if trouble.text:
        path, _, value = trouble.text.partition("=")
        _set(shown, path.split("."), json.loads(value))
        return
    shown["replicas_switched"] = "perhaps"
    for table in _tables(shown):
        table["rows_copied"] = "many"


def _set(shown: object, path: list[str], value: object) -> None:
    """Put a value at a path, into each item of a list on the way."""
    if isinstance(shown, list):
        for item in shown:
            _set(item, path, value)
    elif isinstance(shown, dict) and len(path) > 1:
        _set(shown.get(path[0]), path[1:], value)
    elif isinstance(shown, dict):
        shown[path[0]] = value


def _tables(shown: Json) -> list[Json]:
    tables = shown.get("tables")
    return [table for table in tables if isinstance(table, dict)] if isinstance(tables, list) else []


DISTORTIONS: dict[str, Callable[[Json, Trouble], None]] = {
    "unknown-state": _unknown_state,
    "missing-parts": _missing_parts,
    "wrong-totals": _wrong_totals,
    "wrong-types": _wrong_types,
}


def distort(troubles: Troubles, shown: Json, operation: str, database: str, number: int) -> None:
    """Change `shown` as the troubles that strike it want."""
    for kind, change in DISTORTIONS.items():
        trouble = troubles.strike({kind}, operation, database, number)
        if trouble:
            change(shown, trouble)
