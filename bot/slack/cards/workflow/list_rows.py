"""A row of a list: number, name, who serves writes, state, since when."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.planetscale.models import Workflow
from bot.slack.cards.blocks.words import calendar, cut, dated, duration
from bot.slack.cards.workflow.headline import headline
from bot.workflows.attention import Attention
from bot.workflows.entries import Entry
from bot.workflows.facts.progress import finished_at
from bot.workflows.facts.states import COPIED, ENDED, State, state_of
from bot.workflows.facts.traffic import traffic
from bot.workflows.facts.verification import verification

WIDEST: Final = (0, 24, 16, 50, 0)
"""Of the columns below, where they are of equal width."""
_LONGEST: Final = 70
"""Of a cell in a table of Slack's."""

Row = tuple[str, ...]


def cells(
    entry: Entry, why: Attention | None, now: datetime, *, stands: bool = False
) -> tuple[str, str, str, str, str]:
    """Number, name, who serves writes, state and since when.

    `now` is in the reader's zone; `stands`: times carry their date.
    """
    workflow = entry.workflow
    found = traffic(workflow)
    writes = "not certain" if found.doubt else found.writes or "not reported"
    state = state_cell(entry, why, now)
    since = _since(workflow, now, dated if stands else calendar)
    name, writes, state, since = (cut(text, _LONGEST) for text in (workflow.name, writes, state, since))
    return str(workflow.number), name, writes, state, since


def state_cell(entry: Entry, why: Attention | None, now: datetime) -> str:
    """The state in a few words, with a sign and the reason before it where somebody should look."""
    said = headline(entry.workflow, now, brief=True, in_detail=entry.in_detail)
    if why is None:
        return said
    return f"{why.sign} {said}" + (f" · {why.said}" if why.said else "")


def _since(workflow: Workflow, now: datetime, written: Callable[[datetime, datetime], str]) -> str:
    """Since when it is in the state that it is in; where that is not known, when it was created."""
    begun, entered = workflow.created_at, _entered(workflow, now)
    if entered:
        ended = state_of(workflow.state) in ENDED
        took = f" · took {duration(entered - begun)}" if ended and begun else ""
        return written(entered.astimezone(now.tzinfo), now) + took
    return f"created {written(begun.astimezone(now.tzinfo), now)}" if begun else "not reported"


def _entered(workflow: Workflow, now: datetime) -> datetime | None:
    """When it came into its state, where PlanetScale gives a time for that."""
    state = state_of(workflow.state)
    if state in ENDED:
        return finished_at(workflow)
    if state in COPIED:
        checked = verification(workflow, now).at if state is not State.RUNNING else None
        times = (workflow.data_copy_completed_at, workflow.reversed_at, checked)
        return max((time for time in times if time), default=None)
    return {
        State.PENDING: workflow.created_at,
        State.COPYING: workflow.created_at,
        State.SWITCHED_REPLICAS: workflow.switch_replicas_at,
        State.SWITCHED_PRIMARIES: workflow.switch_primaries_at,
        State.CUTOVER: workflow.cutover_at,
    }.get(state or State.ERROR)
