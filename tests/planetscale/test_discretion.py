import pytest

from bot.planetscale.discretion import without_row_values
from bot.planetscale.models import Workflow


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "Duplicate entry 'ana@example.com' for key 'users.email'",
            "Duplicate entry … for key 'users.email'",
        ),
        ("Duplicate entry 'it''s' for key 'k'", "Duplicate entry … for key 'k'"),
        ("Duplicate entry 'two\nlines' for key 'k'", "Duplicate entry … for key 'k'"),
        (
            "Incorrect datetime value: '2026-13-99' for column 'born' at row 1",
            "Incorrect datetime value: … for column 'born' at row 1",
        ),
        (
            "Truncated incorrect DOUBLE value: 'x' for column 'y'",
            "Truncated incorrect DOUBLE value: … for column 'y'",
        ),
        ("insert into t(id, name) values (7, 'Ana')", "insert into t(id, name) values (…)"),
        ("Table 'shop.orders' doesn't exist", "Table 'shop.orders' doesn't exist"),
        ("replication lag is too high", "replication lag is too high"),
    ],
)
def test_values_of_rows_are_taken_out(text: str, kept: str) -> None:
    """What MySQL quotes of a row is gone; the names that people need to find the trouble stay."""
    assert without_row_values(text) == kept


def test_a_workflow_never_holds_a_value_of_a_row() -> None:
    """Errors of a workflow, its streams and their logs are cleaned as they come in."""
    text = "Duplicate entry 'ana@example.com' for key 'users.email'"
    workflow = Workflow.model_validate(
        {
            "name": "x",
            "number": 1,
            "state": "error",
            "workflow_errors": text,
            "streams": [{"info": text, "logs": [{"message": text}]}],
        }
    )
    assert "ana@example.com" not in workflow.model_dump_json()
