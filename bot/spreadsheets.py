"""Cells that no spreadsheet runs, whichever sign it takes for the one between them."""

import csv
import io
import json
import re
from collections.abc import Iterable
from typing import Any, Final

_SIGN: Final = "[=+\\-@＝＋－＠]"
_FORMULA: Final = re.compile(rf"(^|[,;|\t\r\n\v\f])(\s*)(?={_SIGN})")
"""Where a formula could begin: at the start, and behind what may be taken for the end of a cell."""
_QUOTED_WITHIN: Final = "\r\n"
"""A cell that holds either sign is quoted: a lone carriage return would end the row for a reader."""
_JSON_TEXT: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_WITHIN: Final = re.compile(rf"([,;|]\s*)({_SIGN})")


def csv_line(cells: Iterable[Any]) -> str:
    """A line of CSV with its end. `None` is an empty cell; texts are harmless."""
    line = io.StringIO()
    csv.writer(line, lineterminator=_QUOTED_WITHIN).writerow(
        harmless(cell) if isinstance(cell, str) else cell for cell in cells
    )
    return f"{line.getvalue().removesuffix(_QUOTED_WITHIN)}\n"


def harmless(text: str) -> str:
    """The text with an apostrophe before whatever a spreadsheet would run."""
    if text[:1] in {"\t", "\r", "\n"}:
        text = f"'{text}"
    return _FORMULA.sub(r"\1\2'", text)


def json_cell(value: Any) -> str:
    """A value as JSON, which stays JSON: what would be run within it is written as an escape."""
    return _JSON_TEXT.sub(lambda found: _escaped(found[0]), json.dumps(value, ensure_ascii=False))


def _escaped(text: str) -> str:
    return _WITHIN.sub(lambda found: f"{found[1]}\\u{ord(found[2]):04x}", text)
