"""Cells of what is exported: nothing in them is run."""

import csv
import io
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from bot.spreadsheets import csv_line, harmless, json_cell
from tests.rows import each_row

RUN = re.compile(r"(^|[,;|\t\r\n])\s*[=+\-@＝＋－＠]")
FORMULA = "=HYPERLINK(A1)"
texts = st.text(st.sampled_from("=+-@＝＠,;|\t\r\n '\"\\{}[]:ab1"), max_size=30)


@each_row(
    ("text", "cell"),
    [
        ("", ""),
        ("the sale is over", "the sale is over"),
        ("a-b=c, d+e @home", "a-b=c, d+e @home"),
        (FORMULA, f"'{FORMULA}"),
        (f"  {FORMULA}", f"  '{FORMULA}"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        (f"ok;{FORMULA}", f"ok;'{FORMULA}"),
        (f"ok, {FORMULA}", f"ok, '{FORMULA}"),
        (f"ok\n{FORMULA}", f"ok\n'{FORMULA}"),
        (f"ok\t{FORMULA};-2", f"ok\t'{FORMULA};'-2"),
    ],
)
def test_a_cell_is_no_formula(text: str, cell: str) -> None:
    """What a spreadsheet would run is marked, at the start and behind what may end a cell."""
    assert harmless(text) == cell


@given(st.lists(texts, min_size=1, max_size=4))
def test_whatever_is_exported_is_no_formula(cells: list[str]) -> None:
    """No text makes a cell that is run, read with commas, semicolons, tabs or line by line."""
    line = csv_line(cells)
    assert not any(RUN.search(cell) for cell in next(csv.reader(io.StringIO(line, newline=""))))


@given(st.dictionaries(texts, texts | st.integers() | st.lists(texts, max_size=3), max_size=3))
def test_json_in_a_cell_stays_json(value: object) -> None:
    """A cell of JSON says the same as before, and nothing within it begins a formula."""
    cell = json_cell(value)
    assert json.loads(cell) == value
    within = re.findall(r'"(?:[^"\\\\]|\\\\.)*"', cell)
    assert not any(re.search(r"[,;|]\s*[=+\-@]", text) for text in within)
