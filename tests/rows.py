"""Tables of like cases: one test for all rows, which says of each row that fails what was wrong with it."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Any

Check = Callable[..., None]
Ids = Sequence[str] | Callable[[Any], str]


def each_row(
    names: str | Sequence[str], rows: Iterable[Any], *, ids: Ids | None = None
) -> Callable[[Check], Check]:
    """In place of `pytest.mark.parametrize` where hundreds of rows need no fixture each: they run in a loop.

    All rows are tried; those that fail are raised together, each with its name. Stacked, the tables are
    multiplied. It is for checks that keep nothing between rows.
    """
    arguments = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    table = list(_named(rows, ids, single=len(arguments) == 1))

    def decorate(check: Check) -> Check:
        @wraps(check)
        def test(**others: Any) -> None:
            wrong = []
            for name, values in table:
                try:
                    check(**others, **dict(zip(arguments, values, strict=True)))
                except Exception as error:  # noqa: BLE001 - raised below, with the others
                    error.add_note(f"row: {name}")
                    wrong.append(error)
            if wrong:
                msg = f"{len(wrong)} of {len(table)} rows"
                raise ExceptionGroup(msg, wrong)

        asked = inspect.signature(check)
        left = [one for one in asked.parameters.values() if one.name not in arguments]
        test.__signature__ = asked.replace(parameters=left)  # type: ignore[attr-defined]
        assert table, "a table without rows proves nothing"
        return test

    return decorate


def _named(rows: Iterable[Any], ids: Ids | None, *, single: bool) -> Iterator[tuple[str, Sequence[Any]]]:
    for number, row in enumerate(rows):
        values = (row,) if single else tuple(row)
        said = ids(row) if callable(ids) else ids[number] if ids else None
        yield said or ", ".join(map(repr, values)), values
