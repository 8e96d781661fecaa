"""Rows that an older version wrote, when it took less out of PlanetScale's texts."""

from bot.kinds.workflow.workflow_forms import WorkflowForms
from tests.builders import a_workflow

VALUE = "ana@example.com"
TEXT = f"Duplicate entry '{VALUE}' for key 'users.email'"


def test_a_value_in_a_row_reaches_nobody() -> None:
    """A value of a row that was kept once is in nothing that is read from the bot's own rows."""
    kept = a_workflow().model_dump(mode="json") | {
        "workflow_errors": TEXT,
        "streams": [{"info": TEXT, "logs": [{"message": TEXT}]}],
    }
    read = WorkflowForms().snapshot(kept)
    assert VALUE not in read.model_dump_json()
    assert "users.email" in (read.workflow_errors or "")
