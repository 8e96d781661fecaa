"""Pre-flight: what is checked before an action is asked for, drawn on a card, or sent.

`needs` says what to read, `run_checks` judges it. Each check is a small function that yields findings; `run`
holds the table of which action has which.
"""

from bot.subjects.findings import Finding, Level, Report
from bot.workflows.checks.backups import last_backup
from bot.workflows.checks.facts import BUILT_IN_SOAK, CreateFacts, Facts, Need, OpenRequest, RequestStage
from bot.workflows.checks.run import needs, run_checks

__all__ = [
    "BUILT_IN_SOAK",
    "CreateFacts",
    "Facts",
    "Finding",
    "Level",
    "Need",
    "OpenRequest",
    "Report",
    "RequestStage",
    "last_backup",
    "needs",
    "run_checks",
]
