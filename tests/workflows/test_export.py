import csv
import io
import json

import pytest

from bot.planetscale.models import Workflow
from bot.workflows.export import list_to_csv, show_to_csv, to_json
from tests.builders import CLEAN, NOW, a_workflow, copying


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_json_has_planetscales_names_and_no_row_samples() -> None:
    """The JSON is what PlanetScale reported, without the rows that a verification sampled."""
    report = {
        "table_name": "orders",
        "shard": "-",
        "mismatched_rows_count": 1,
        "sample_mismatched_query": "id=7",
    }
    workflow = a_workflow(vdiff=CLEAN | {"table_reports": [report]})
    text = to_json(workflow)
    assert "sample" not in text
    assert "id=7" not in text
    assert Workflow.model_validate_json(text) == workflow
    assert json.loads(to_json([workflow]))[0]["name"] == "orders-to-customer"


def test_csv_has_one_row_a_table() -> None:
    """`show --format csv` can be opened in a spreadsheet: one row a table."""
    found = rows(show_to_csv(a_workflow(), NOW))
    assert [(row["number"], row["table"], row["rows_copied"]) for row in found] == [
        ("3", "orders", "620000000"),
        ("3", "line_items", "390000000"),
    ]
    assert {row["verification"] for row in found} == {"clean"}
    assert len(rows(show_to_csv(a_workflow(tables=None), NOW))) == 1


@pytest.mark.parametrize(
    ("done", "percents"), [("2026-11-22T22:04:00Z", ["100", "100", "100"]), (None, ["99", "50", ""])]
)
def test_a_table_is_100_percent_once_the_copy_is_complete(done: str | None, percents: list[str]) -> None:
    """A share in the CSV is 100 when PlanetScale says that the copy is complete, and empty where unknown."""
    tables = [
        {"name": "a", "rows_copied": 11, "rows_total": 10},
        {"name": "b", "rows_copied": 5, "rows_total": 10},
        {"name": "c", "rows_copied": 5},
    ]
    found = rows(show_to_csv(copying(*tables, data_copy_completed_at=done), NOW))
    assert [row["percent"] for row in found] == percents


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x"])
def test_csv_cells_are_no_formulas(name: str) -> None:
    """A name that a spreadsheet would run as a formula arrives as text."""
    assert rows(list_to_csv([a_workflow(name=name)]))[0]["name"] == f"'{name}"
