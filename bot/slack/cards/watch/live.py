"""The live message of one watched workflow, as it stands. Pure: the same view gives the same message.

Line 1: the state in words, then the name. Line 2: the stages. Line 3: who serves what. Then what that means,
the next step, and what waits for people. Once the workflow has ended, the record of the move.
"""

from bot.slack.cards.blocks.bars import TABLES_SHOWN
from bot.slack.cards.blocks.rich import MAX_NOTICE, Card, Divider, Line, Link, Message, Part, Piece, bold
from bot.slack.cards.blocks.templates import Parts
from bot.slack.cards.move.record import record
from bot.slack.cards.move.stage_words import stage_line
from bot.slack.cards.watch.live_buttons import live_buttons
from bot.slack.cards.watch.live_requests import waiting_lines
from bot.slack.cards.watch.live_stages import told_of
from bot.slack.cards.watch.live_told import THEN, serving, writes
from bot.slack.cards.watch.live_view import ROOMS, LiveView
from bot.slack.cards.watch.weighing import edge_of_live
from bot.watch.model import Over
from bot.workflows.facts.move_stages import move_stages

ABOVE = 3
"""Lines that stand above a coloured edge: the state, the stages, and who serves what."""
FEW, MANY = (10, 680), (12, 880)
"""Lines and characters, the line of the stages too: with up to five tables, and with more. The record of its
end comes on top."""
RECORDED = 40
"""Lines of the record."""


def live_card(view: LiveView) -> Message:
    """The message. Editing it notifies nobody."""
    card = Card()
    for room in ROOMS:
        card = _card(view.within(room))
        if _fits(view, card):
            break
    card.body += _record(view)
    beside, edge = card.body[ABOVE:], edge_of_live(view)
    if edge and beside:
        card.body[ABOVE:] = [Divider(), *beside]
    card.actions(*live_buttons(view))
    return card.message(_notice(view), edge)


def _fits(view: LiveView, card: Card) -> bool:
    """Whether it is short enough for a phone."""
    lines, observed = card.plain.split("\n"), view.watch.observed
    most, characters = MANY if observed and len(view.table_list) > TABLES_SHOWN else FEW
    return len(lines) <= most and sum(map(len, lines)) <= characters


def _card(view: LiveView) -> Card:
    if view.moved_to is not None:
        return _moved(view, view.moved_to)
    if view.watch.over in {Over.STOPPED, Over.GONE}:
        return _over(view)
    if view.watch.observed is None:
        card = _first_reading(view)
    else:
        card = _last_known(view) if view.silent else _stage(view)
    card.body += waiting_lines(view)
    if view.moved_from is not None:
        card.line("What was told before: ", Link(view.moved_from))
    return card


def _stage(view: LiveView) -> Card:
    stage = told_of(view)
    card = Card()
    card.line(*heading((*stage.head, f" · {view.title}", *stage.after)))
    verifies = view.observed.verifying_since is not None
    card.line(*stage_line(move_stages(view.workflow, view.kind, view.now, verifies=verifies)))
    if stage.serves is None:
        card.line(*serving(view), *stage.tail)
    elif stage.serves:
        card.line(*stage.serves)
    card.body += stage.body
    return card


def _record(view: LiveView) -> list[Piece]:
    """The record of a move that has ended; what finds no room is in the report."""
    if view.move is None:
        return []
    lines = [
        Line(parts) for section in record(view.move) for parts in ((bold(section.title),), *section.lines)
    ]
    kept = lines[: RECORDED - 1] if len(lines) > RECORDED else lines
    rest = view.fill(
        "The rest: `/workflow report {place}`"
        if len(lines) > RECORDED
        else "To keep: `/workflow report {place} --format markdown`"
    )
    return [*kept, Line(rest)]


def _last_known(view: LiveView) -> Card:
    card = Card()
    card.line(*heading((*_last_head(view), f" · {view.title}")))
    card.line(*_why_last_known(view), " What is shown is from then.")
    card.line(*serving(view, THEN))
    return card


def _last_head(view: LiveView) -> Parts:
    """`Last known: copying, about 41 %`"""
    first, *rest = told_of(view).head
    parts = (_lower(first), *rest)
    return ("Last known: ", *(part.replace(" · ", ", ") if isinstance(part, str) else part for part in parts))


def _lower(part: Part) -> Part:
    return part[:1].lower() + part[1:] if isinstance(part, str) else part


def _why_last_known(view: LiveView) -> Parts:
    watch = view.watch
    if watch.missing_since:
        return (
            "❓ PlanetScale has said since ",
            view.at(watch.missing_since),
            " that there is no such workflow.",
        )
    return ("❓ PlanetScale could not be read since ", view.at(watch.silent_since), ".")


def _first_reading(view: LiveView) -> Card:
    card = Card()
    card.line(bold(f"Watching {view.ref}: first reading …"))
    if view.silent:
        card.line(*_why_last_known(view))
    card.line("Writes: not read yet")
    return card


def _moved(view: LiveView, link: str) -> Card:
    card = Card()
    card.line(f"The live message of {_name(view)} goes on below · ", Link(link))
    return card


def _over(view: LiveView) -> Card:
    """Not watched any more: what was known last, and where to look now."""
    watch = view.watch
    card = Card()
    if watch.over is Over.GONE:
        card.line(*heading((f"PlanetScale does not know {view.ref} any more",)))
        card.line("It has not been watched since ", view.at(watch.over_at), ".")
        command = "`/workflow list {database}`"
    else:
        by: Parts = (" (", view.called(watch.stopped_by), ")") if watch.stopped_by else ()
        since = ("Not watched any more since ", view.at(watch.over_at), *by, f" · {_name(view)}")
        card.line(*heading(since))
        command = "`/workflow show {place}` or `/workflow watch {place}`"
    if watch.observed:
        card.line(*_last_head(view), ", read ", view.read_at)
        card.line(*serving(view, THEN))
    card.line(*view.fill(f"Now: {command}"))
    return card


def _name(view: LiveView) -> str:
    return view.title if view.watch.observed else view.ref


def heading(parts: Parts) -> Parts:
    """The parts in bold; moments and people stay what they are."""
    return tuple(bold(part) if isinstance(part, str) else part for part in parts)


def _notice(view: LiveView) -> str:
    """What a notification says: it stands alone, and names are shortened before anything else is."""
    texts = [_brief(view.within(room)) for room in ROOMS]
    return next((text for text in texts if len(text) <= MAX_NOTICE), texts[-1])


def _brief(view: LiveView) -> str:
    watch = view.watch
    if view.moved_to is not None:
        return f"{_name(view)}: the live message goes on below."
    if watch.over is Over.GONE:
        return f"PlanetScale does not know {view.ref} any more. It is not watched any more."
    if watch.over is Over.STOPPED:
        return f"{_name(view)} is not watched any more."
    if watch.observed is None:
        return f"Watching {view.ref}: first reading. Writes: not read yet."
    stage = Line(_last_head(view) if view.silent else told_of(view).head).plain
    return f"{view.title}: {_lower_line(stage)}. {writes(view, THEN if view.silent else '')}."


def _lower_line(text: str) -> str:
    return (text[:1].lower() + text[1:]).replace(" · ", ", ")
