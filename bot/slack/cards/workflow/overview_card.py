"""The answer to `list` without a database: what is active in all of them, what needs somebody first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.slack.cards.blocks.rich import Card, Message, bold, code, one_line, shorten
from bot.slack.cards.blocks.words import calendar, cut, names, plural
from bot.slack.cards.workflow.list_rows import Row, cells
from bot.slack.cards.workflow.listing import Only, is_wanted, needs_attention, since_heading
from bot.workflows.attention import Attention
from bot.workflows.entries import Entry, foremost

SHOWN: Final = 30
REASONS_SHOWN: Final = 4
_HEADER: Final = ("Workflow", "State", "Writes")
"""A phone shows about two columns of a table: which one it is, and what is wrong with it."""
_WIDEST: Final = (44, 50, 16, 0)
_NAMED: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """What is active in an organization, and what is not known of it."""

    organization: str
    entries: Sequence[Entry]
    read: int
    """How many databases were read."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Why a database could not be read: a sentence."""
    not_read: Sequence[str] = ()
    """For which there was no time."""
    unlisted: str | None = None
    """Why there may be databases that are not even named."""


def overview_card(everything: Everything, now: datetime, only: Only = Only.ALL) -> Message:
    """All active workflows. `now` is in the reader's zone, and so are all times."""
    card = Card()
    found = foremost(everything.entries, now)
    needy = sum(why is not None for _, why in found)
    wanted = [one for one in found if is_wanted(one, only)]
    counts = _counts(everything, needy)
    card.line(bold(_title(everything, only, none=not wanted)), f" · {counts}")
    for line in gaps(everything):  # ahead of the rows: they are the last that may be cut off
        card.line(line)
    if wanted:
        rows = [_row(everything, *one, now) for one in wanted[:SHOWN]]
        card.table([(*_HEADER, since_heading(now)), *rows], _WIDEST)
    if len(wanted) > SHOWN:
        flag = f" {only.value}" if only is Only.NEEDY else ""
        card.line(f"and {len(wanted) - SHOWN} more: ", code(f"/workflow list{flag} --format csv"))
    if wanted:
        first = wanted[0][0]
        card.line("Next: ", code(f"/workflow show {first.database} {first.workflow.number}"))
    return card.message(f"{_title(everything, only, none=not wanted)}: {counts.replace(' · ', ', ')}.")


def gaps(everything: Everything) -> list[str]:
    """What is not known, in sentences: nothing that was not read may look as if it were not there."""
    lines = []
    if everything.unlisted:
        lines.append(
            f"Which databases there are is not known: {everything.unlisted} "
            "Only those are shown that this bot knows by itself."
        )
    reasons: dict[str, list[str]] = {}
    for database, why in everything.failed.items():
        reasons.setdefault(why, []).append(database)
    lines += [f"Not read: {names(them)}. {why}" for why, them in list(reasons.items())[:REASONS_SHOWN]]
    more = sum(len(databases) for databases in list(reasons.values())[REASONS_SHOWN:])
    if more:
        lines.append(f"Not read: {plural(more, 'more database')}, for other reasons.")
    if everything.not_read:
        number = plural(len(everything.not_read), "database")
        example = f"/workflow list {everything.not_read[0]}"
        lines.append(
            f"Not read, for lack of time: {number} ({names(everything.not_read)}). One alone: {example}"
        )
    return lines


def _title(everything: Everything, only: Only, *, none: bool) -> str:
    where = shorten(one_line(everything.organization), _NAMED)
    if none:
        what = "needs attention" if only is Only.NEEDY else "is active"
        return f"Nothing in {where} {what}" if everything.read else f"Nothing of {where} could be read"
    return f"What needs attention in {where}" if only is Only.NEEDY else f"Active workflows in {where}"


def _counts(everything: Everything, needy: int) -> str:
    active = f"{len(everything.entries)} active"
    read = f"{plural(everything.read, 'database')} read"
    return " · ".join((active, *([needs_attention(needy)] if needy else []), read))


def _row(everything: Everything, entry: Entry, why: Attention | None, now: datetime) -> Row:
    number, name, writes, state, since = cells(entry, why, now)
    if entry.database in everything.failed or entry.database in everything.not_read:
        state += f" · read {calendar(entry.read_at.astimezone(now.tzinfo), now)}"
    return f"{cut(entry.database, _NAMED)} #{number} {name}", state, writes, since
