"""The long versions behind a card's buttons, and the tables that a request deletes, in full."""

from collections.abc import Iterator
from datetime import datetime

from bot.operations.model import OPEN, Story
from bot.slack.cards.blocks.rich import MAX_IN_BLOCKS, Card, Line, Message, bold, one_line
from bot.slack.cards.blocks.words import plural
from bot.slack.cards.operation.before import dropped, taken_back
from bot.slack.cards.operation.card import assumed_line, view_of
from bot.slack.cards.operation.consequences import (
    ONLY_PEOPLE_KNOW,
    only_people_know,
    overridden,
    sentence,
    what_happens,
)
from bot.slack.cards.operation.view import View
from bot.subjects.findings import Level
from bot.workflows.facts.deletion import Deletion, What

MOST_LINES, MOST_CHARACTERS = 60, 2_800
NAMED = 5
"""More tables than these are not all named on the card."""
PART = MAX_IN_BLOCKS - 500
"""Characters of names in one reply; its heading comes on top."""

_SIGNS = {
    Level.BLOCK: "⛔",
    Level.WARN_FORCE: "⚠️ Needs --force:",
    Level.WARN: "⚠️",
    Level.INFO: "❓",
    Level.PASS: "✅",
}


def details(story: Story, now: datetime) -> Message:
    """What the card says in few words, in full: what happens, tables, every check, what was taken back."""
    view = view_of(story, now)
    card = Card()
    _what_it_does(card, view)
    card.body += [*assumed_line(view), *taken_back(view), *dropped(view)]
    _checks(card, view)
    if len(view.table_list) > NAMED:
        card.line(bold(view.plain("{n_tables} of {ref}")))
        _bounded(card, [Line((name,)) for name in view.table_list], "table")
    return card.message()


def _what_it_does(card: Card, view: View) -> None:
    """While it is open: at its end a card says what is so now, and what was told before it is past."""
    if view.operation.state not in OPEN:
        return
    card.line(bold(f"{view.title}, {view.ref}"))
    card.body += [*overridden(view), *what_happens(view), *only_people_know(view)]


def _checks(card: Card, view: View) -> None:
    """Every check as it was when the card was drawn, the worst first."""
    report = view.operation.report
    if report is None:
        card.line(view.plain("No checks were made for {ref} yet."))
        return
    card.line(bold(view.plain("Checks of {ref}")), " · read ", view.at(view.operation.checked_at))
    said = ONLY_PEOPLE_KNOW if view.operation.state in OPEN else ()
    found = sorted((one for one in report.findings if one.code not in said), key=lambda one: -one.level)
    signs = ((ONLY_PEOPLE_KNOW.get(one.code) or f"{_SIGNS[one.level]} ", one) for one in found)
    _bounded(card, [Line((sign, *sentence(view.operation, one))) for sign, one in signs], "check")


def all_tables(story: Story, now: datetime) -> Message:
    """All tables, as many as a private answer holds."""
    view = view_of(story, now)
    card = Card()
    card.line(bold(view.plain("{n_tables} of {ref}")))
    _bounded(card, [Line((name,)) for name in view.table_list], "table")
    return card.message()


def tables_parts(story: Story) -> int:
    """How many replies the full list of what is deleted takes; 0 where nothing is."""
    found = _deleted(story)
    return sum(1 for _ in _parts(found.tables)) if found else 0


def tables_reply(story: Story, now: datetime, part: int = 1) -> Message:
    """The full list of what is deleted, in the card's thread: belongs to what is approved.

    A list that is too long for one message has more parts. Raises `ValueError` for a part that there is not.
    """
    found, view = _deleted(story), view_of(story, now)
    parts = list(_parts(found.tables)) if found else []
    if found is None or not 1 <= part <= len(parts):
        msg = "there is no such part"
        raise ValueError(msg)
    place = view.source if found.what is What.SOURCE_TABLES else view.target
    count, be = plural(len(found.tables), "table"), "is" if len(found.tables) == 1 else "are"
    what = f"{count} {be}" if found.what is What.SOURCE_TABLES else f"the copies of {count} are"
    of = f" (part {part} of {len(parts)})" if len(parts) > 1 else ""
    card = Card()
    card.line(bold(f"⛔ {view.ref}: {what} deleted from {place} when this is approved{of}"))
    card.monospaced(parts[part - 1])
    return card.message(f"{view.ref}: {what} deleted from {place} when this is approved.")


def full_text(story: Story, now: datetime) -> Message:
    """PlanetScale's own words, for one person only."""
    view = view_of(story, now)
    outcome = view.operation.outcome
    errors = view.read_back.workflow_errors if view.read_back else None
    said = "\n".join(filter(None, (outcome.said, errors if errors != outcome.said else None)))
    card = Card()
    if not said:
        card.line(view.plain("PlanetScale said nothing about {ref}."))
        return card.message()
    card.line(bold(view.plain("What PlanetScale said about {ref}")))
    card.preformatted(said if len(said) <= MOST_CHARACTERS else f"{said[: MOST_CHARACTERS - 1]}…")
    return card.message(view.plain("What PlanetScale said about {ref}, in full. Only you see it."))


def cutover_needs(story: Story, now: datetime) -> Message:
    """What has to be so before a cutover, and what of it only people know."""
    view = view_of(story, now)
    card = Card()
    if view.is_overtaken:
        since = ("Since then: ", *view.since_then)
        card.line("This card is out of date. ", *since, ". ", *view.fill("Now: `/workflow show {place}`"))
        return card.message()
    card.line(bold(view.plain("Before the cutover of {ref}")))
    for template in (
        "• The application no longer names {source} for {tables}: "
        "it uses @primary, @replica or no database name.",
        "• require_explicit_routing is out of {target}'s VSchema, or queries fail with “table not found”.",
        "• Errors and latency have been looked at for a full day, with its peak.",
        "• There is a recent backup of {branch}: the cutover deletes {the_tables} from {source} for good.",
        "Then: `/workflow cutover {place}` (a second person approves)",
    ):
        card.line(*view.fill(template))
    return card.message()


def _deleted(story: Story) -> Deletion | None:
    view = view_of(story, story.operation.asked_at)
    return view.action.deletion(view.seen, view.table_list) if view.seen else None


def _parts(tables: tuple[str, ...]) -> Iterator[list[str]]:
    part: list[str] = []
    length = 0
    for name in map(one_line, tables):
        if part and length + len(name) + 1 > PART:
            yield part
            part, length = [], 0
        part.append(name)
        length += len(name) + 1
    if part:
        yield part


def _bounded(card: Card, lines: list[Line], noun: str) -> None:
    """As many lines as fit after what is there, and how many do not."""
    length, shown = len(card.plain), 0
    for line in lines[:MOST_LINES]:
        length += len(line.plain) + 1
        if length > MOST_CHARACTERS:
            break
        card.body.append(line)
        shown += 1
    if shown < len(lines):
        card.line(f"and {plural(len(lines) - shown, f'more {noun}')}")
