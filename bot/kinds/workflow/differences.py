"""What has changed about a workflow since people were shown it, and what need not be done again."""

from bot.operations.model import Operation
from bot.planetscale.models import Workflow
from bot.subjects.findings import VERIFIED_CLEAN, Report
from bot.workflows.facts.states import in_words
from bot.workflows.own import workflow_of


def difference(approved: Operation, now: Operation) -> str:
    """What of the workflow is not as it was shown, in words."""
    was, found = workflow_of(approved.seen), workflow_of(now.seen)
    if was is None or found is None:
        return "The workflow is not what was shown any more."
    if _names(was) != _names(found):
        return "PlanetScale lists other tables now than were shown."
    if was.state != found.state:
        then = in_words(was.state)
        return f"{now.ref} is {in_words(found.state)} now; it was {then} when this was asked."
    return "The workflow is not what was shown any more."


def _names(workflow: Workflow) -> set[str]:
    return {table.name for table in workflow.tables or ()}


def done_already(operation: Operation, report: Report) -> str | None:
    """A sentence, where a button would only do once more what takes long and came out clean."""
    clean = [one for one in report.warnings if one.code == VERIFIED_CLEAN]
    if not clean or not operation.by_button:
        return None
    command = f"/workflow verify-data {operation.database} {operation.number}"
    return f"{clean[0].sentence} To verify again: `{command}`"
