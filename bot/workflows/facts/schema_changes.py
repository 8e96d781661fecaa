"""Whether a schema change is what stopped a workflow, and of which tables."""

import re
from typing import Final

from bot.planetscale.models import Workflow

_DDL: Final = re.compile(r"\bDDL\b|\bschema change|\balter table\b", re.IGNORECASE)


def schema_change(workflow: Workflow) -> bool:
    """Whether what PlanetScale says of the trouble speaks of a schema change."""
    return any(_DDL.search(text) for text in _said(workflow))


def named_tables(workflow: Workflow) -> tuple[str, ...]:
    """The tables that PlanetScale's words name in quotes, in the order of the workflow."""
    said = "\n".join(_said(workflow))
    names = (table.name for table in workflow.tables or ())
    return tuple(name for name in names if f"'{name}'" in said or f"`{name}`" in said)


def _said(workflow: Workflow) -> list[str]:
    said = [workflow.workflow_errors]
    for stream in workflow.streams or ():
        said += [stream.info, *(log.message for log in stream.logs or ())]
    return [text for text in said if text]
