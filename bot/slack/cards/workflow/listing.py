"""The answer to `list`: the workflows of one database, those that still matter first."""

from collections.abc import Callable, Container, Sequence
from datetime import UTC, datetime
from functools import partial

from bot.planetscale.models import Workflow
from bot.slack.cards.blocks.rich import At, Card, Message, Part, bold, code, one_line
from bot.slack.cards.blocks.words import calendar, columns, cut, dated, duration, padded
from bot.slack.cards.workflow.headline import headline
from bot.workflows.facts.progress import finished_at
from bot.workflows.facts.states import COPIED, ENDED, State, is_active, state_of
from bot.workflows.facts.traffic import traffic
from bot.workflows.facts.verification import verification

ACTIVE_SHOWN = 20
ROWS_SHOWN = 8
"""Ended ones fill the list up to this many rows."""
_WIDEST = {"name": 24, "writes": 16, "state": 34}

Row = tuple[str, ...]


def list_card(
    database: str,
    workflows: Sequence[Workflow],
    now: datetime,
    in_detail: Container[int] = frozenset(),
    *,
    stands: bool = False,
) -> Message:
    """The workflows of `database`. `now` is in the reader's zone, and so are all times.

    `in_detail` are the numbers of those that were read one by one: of the others less is known.
    `stands`: it is read by many and for days, so times are UTC, with their date, and say so.
    """
    now = now.astimezone(UTC) if stands else now
    card = Card()
    if not workflows:
        card.line(
            f"No workflows in {database} yet. Start one: ", code(f"/workflow create {database} main -i")
        )
    else:
        row = partial(_row, now=now, in_detail=in_detail, stands=stands)
        _table(card, database, in_order(workflows), row, now if stands else None)
    active = sum(is_active(workflow.state) for workflow in workflows)
    return card.message(f"Workflows in {database}: {active} active, {len(workflows) - active} ended.")


def in_order(workflows: Sequence[Workflow]) -> list[Workflow]:
    """Active ones first, each group with the highest number first."""
    return sorted(workflows, key=lambda workflow: (not is_active(workflow.state), -workflow.number))


def _table(
    card: Card,
    database: str,
    ordered: Sequence[Workflow],
    row: Callable[[Workflow], Row],
    read_at: datetime | None,
) -> None:
    active = sum(is_active(workflow.state) for workflow in ordered)
    most = max(min(active, ACTIVE_SHOWN), ROWS_SHOWN)
    shown, hidden = ordered[:most], ordered[most:]
    read: tuple[Part, ...] = (" · read ", At(read_at)) if read_at else ()
    card.line(bold(f"Workflows in {database}"), f" · {active} active, {len(ordered) - active} ended", *read)
    since = "Since (UTC)" if read_at else "Since"
    card.monospaced(_columns([(*_HEADER, since), *map(row, shown)]))
    if hidden:
        card.line(*_hidden(database, hidden))
    card.line("Next: ", code(f"/workflow show {database} {shown[0].number}"))


def _hidden(database: str, hidden: Sequence[Workflow]) -> tuple[Part, ...]:
    active = sum(is_active(workflow.state) for workflow in hidden)
    which = "older" if not active else f"more ({active} of them active)"
    return (f"and {len(hidden)} {which}: ", code(f"/workflow list {database} --format csv"))


_HEADER = ("#", "Name", "Writes", "State")
"""The most important first: a phone shows about forty columns."""


def _row(workflow: Workflow, now: datetime, in_detail: Container[int], *, stands: bool) -> Row:
    found = traffic(workflow)
    state = headline(workflow, now, brief=True, in_detail=workflow.number in in_detail)
    return (
        str(workflow.number),
        cut(one_line(workflow.name), _WIDEST["name"]),
        cut(one_line("not certain" if found.doubt else found.writes or "not reported"), _WIDEST["writes"]),
        cut(one_line(state), _WIDEST["state"]),
        _since(workflow, now, dated if stands else calendar),
    )


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


def _columns(rows: Sequence[Row]) -> list[str]:
    widths = [max(columns(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            padded(cell, width, right=index == 0)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
