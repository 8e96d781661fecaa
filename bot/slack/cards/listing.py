"""The answer to `list`: the workflows of one database, those that still matter first."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from bot.planetscale.models import Workflow
from bot.slack.cards.headline import headline
from bot.slack.cards.rich import Card, Message, Part, bold, code
from bot.slack.cards.words import calendar, duration
from bot.workflows.progress import finished_at
from bot.workflows.states import is_active
from bot.workflows.traffic import traffic

ACTIVE_SHOWN = 20
ROWS_SHOWN = 8
"""Ended ones fill the list up to this many rows."""
_WIDEST = {"name": 28, "state": 40, "writes": 20}


def list_card(
    database: str,
    workflows: Sequence[Workflow],
    now: datetime,
    zone: tzinfo,
    notes: tuple[str, ...] = (),
) -> Message:
    """The workflows of `database`, times in the reader's `zone`."""
    card = Card()
    if not workflows:
        card.line(
            f"No workflows in {database} yet. Start one: ", code(f"/workflow create {database} main -i")
        )
    else:
        _table(card, database, workflows, now, zone)
    for note in notes:
        card.line(note)
    active = sum(is_active(workflow.state) for workflow in workflows)
    return card.message(f"Workflows in {database}: {active} active, {len(workflows) - active} ended.")


def in_order(workflows: Sequence[Workflow]) -> list[Workflow]:
    """Active ones first, each group with the highest number first."""
    return sorted(workflows, key=lambda workflow: (not is_active(workflow.state), -workflow.number))


def _table(card: Card, database: str, workflows: Sequence[Workflow], now: datetime, zone: tzinfo) -> None:
    ordered = in_order(workflows)
    active = sum(is_active(workflow.state) for workflow in ordered)
    most = max(min(active, ACTIVE_SHOWN), ROWS_SHOWN)
    shown, hidden = ordered[:most], ordered[most:]
    card.line(bold(f"Workflows in {database}"), f" · {active} active, {len(ordered) - active} ended")
    card.monospaced(_columns([_HEADER, *(_row(workflow, now, zone) for workflow in shown)]))
    if hidden:
        card.line(*_hidden(database, hidden))
    card.line("Next: ", code(f"/workflow show {database} {shown[0].number}"))


def _hidden(database: str, hidden: Sequence[Workflow]) -> tuple[Part, ...]:
    active = sum(is_active(workflow.state) for workflow in hidden)
    which = "older" if not active else f"more ({active} of them active)"
    return (f"and {len(hidden)} {which}: ", code(f"/workflow list {database} --format csv"))


_HEADER = ("#", "Name", "State", "Writes", "Since")


def _row(workflow: Workflow, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    found = traffic(workflow)
    return (
        str(workflow.number),
        _cut(workflow.name, _WIDEST["name"]),
        _cut(headline(workflow, now, brief=True), _WIDEST["state"]),
        _cut("not certain" if found.doubt else found.writes or "not reported", _WIDEST["writes"]),
        _since(workflow, now, zone),
    )


def _since(workflow: Workflow, now: datetime, zone: tzinfo) -> str:
    ended, begun = finished_at(workflow), workflow.created_at
    if ended and not is_active(workflow.state):
        took = f" · took {duration(ended - begun)}" if begun else ""
        return calendar(ended.astimezone(zone), now.astimezone(zone)) + took
    return calendar(begun.astimezone(zone), now.astimezone(zone)) if begun else "not reported"


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if index == 0 else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
