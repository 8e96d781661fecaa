"""The card of an operation, in every stage of its life. Pure: the same story gives the same card."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.approvals.terms import Gate
from bot.operations.model import BEFORE_SENDING, ENDED, Decided, State, Story
from bot.slack.cards.blocks.folding import folded
from bot.slack.cards.blocks.rich import Card, Line, Link, Message, shorten
from bot.slack.cards.blocks.weight import FORCED
from bot.slack.cards.operation import ends, trouble
from bot.slack.cards.operation.before import decided_lately, dropped, taken_back
from bot.slack.cards.operation.buttons import buttons, picker, picker_row
from bot.slack.cards.operation.called import approvers_on_card, called_line
from bot.slack.cards.operation.consequences import (
    checks_passed,
    in_doubt,
    only_people_know,
    what_decides,
)
from bot.slack.cards.operation.notices import notice
from bot.slack.cards.operation.past import overtaken
from bot.slack.cards.operation.phrases import Phrases, people
from bot.slack.cards.operation.reason import as_asked, under_the_title
from bot.slack.cards.operation.serving import writes_now
from bot.slack.cards.operation.status_line import stage_line
from bot.slack.cards.operation.view import Parts, View, joined
from bot.slack.cards.operation.weighing import look_of

TITLE = 60
MOST_OPEN, MOST_ENDED, TITLE_LINES = 9, 5, 1
"""Lines of text, without buttons and the line in small letters: what is longer nobody reads at night."""
_NAME = 4
"""A name that would be cut to less than this is left out."""

_ENDS: Mapping[State, Callable[[View], list[Line]]] = {
    State.UNKNOWN: trouble.unknown,
    State.NEEDS_PERSON: trouble.needs_person,
    State.SUCCEEDED: ends.succeeded,
    State.IN_PLACE: ends.in_place,
    State.REFUSED: trouble.refused,
    State.BROKE_OFF: trouble.broke_off,
    State.NOT_SEEN: trouble.not_seen,
    State.BLOCKED: ends.blocked,
    State.DENIED: ends.not_sent,
    State.WITHDRAWN: ends.not_sent,
    State.EXPIRED: ends.not_sent,
    State.SUPERSEDED: ends.superseded,
    State.TOO_LATE: ends.not_sent,
}
_NOT_SENT = frozenset(
    {State.BLOCKED, State.DENIED, State.WITHDRAWN, State.EXPIRED, State.SUPERSEDED, State.TOO_LATE}
)


def view_of(story: Story, now: datetime) -> View:
    """What the cards of `story` are written from."""
    called = {user: name for one in story.lately for user, name in one.operation.names.items()}
    return Phrases(story, now, {**called, **story.operation.names})


def operation_card(story: Story, now: datetime) -> Message:
    """The operation as it stands. Editing it notifies nobody; a new post mentions those who are mentioned.

    What people decide by, and whoever is mentioned, stand above the coloured edge: clients may fold what
    stands beside it, and mention nobody there.
    """
    view = view_of(story, now)
    card = Card()
    card.header(header(view))
    above, beside = _lines(view)
    card.body += above
    if beside:
        card.divider()
        card.body += beside
    card.actions(*buttons(view), *picker(view), block_id=picker_row(view))
    card.context(_context(view, card))
    return card.message(notice(view), look_of(view).colour)


def _lines(view: View) -> tuple[list[Line], list[Line]]:
    """What stands above the edge, and what beside it."""
    most = (MOST_ENDED if view.operation.state in ENDED else MOST_OPEN) - TITLE_LINES
    if view.operation.state is State.WAITING:
        above = folded(_deciding(view), most)
        return above, folded(_beside(view), most - len(above))
    stage, who = _stage(view), who_line(view)
    assumed = [] if view.operation.state in ENDED else assumed_line(view)
    told = [*assumed, *_of_its_stage(view), *asked_again_line(view)]
    return [*stage, *folded(told, most - len(stage) - len(who)), *who], []


def _deciding(view: View) -> list[Line]:
    """While it waits, the lines that decide: what happens and is lost, the way back, who and until when."""
    return [
        *under_the_title(view),
        *what_decides(view),
        *folded([*who_line(view), *called_line(view), *assumed_line(view)], 1),
    ]


def _beside(view: View) -> list[Line]:
    """While it waits: warnings, what is not known, what only people can know, approvals, checks."""
    return [
        *decided_lately(view),
        *in_doubt(view),
        *only_people_know(view),
        *_approvals(view),
        *checks_passed(view),
        *taken_back(view),
        *dropped(view),
    ]


def _stage(view: View) -> list[Line]:
    """Where it stands; while it is open, also what it is forced over and why it was asked for."""
    first = [] if view.operation.state in ENDED else under_the_title(view)
    return [*first, Line(stage_line(view))]


def _of_its_stage(view: View) -> list[Line]:
    """What of it matters now."""
    state = view.operation.state
    if view.is_overtaken:
        return overtaken(view)
    if state in _ENDS:
        return _ENDS[state](view)
    if state is State.UNDER_WAY and view.operation.outcome.slow:
        return trouble.slow(view)
    if state is State.REQUESTED:
        return []
    return what_decides(view)


def header(view: View) -> str:
    """Sign and word of its weight, then the title."""
    look = look_of(view)
    forced_already = look.word.startswith(FORCED.word)
    return f"{look.sign} {look.word} · {_identity(view) if forced_already else title(view)}"


def title(view: View) -> str:
    """Verb, place, name: at most 60 characters, the same for all of the card's life."""
    return _identity(view, "Forced: " if view.forced_over else "")


def _identity(view: View, before: str = "") -> str:
    operation = view.operation
    verb = f"{before}{view.title}"
    number = "" if view.action.creates or operation.number is None else f" #{operation.number}"
    room = TITLE - len(f"{verb} · {number}")
    database = shorten(view.cut(operation.database), max(_NAME, room))
    left = room - len(database) - 1
    name = f" {shorten(view.name, left)}" if view.name and left >= _NAME else ""
    return f"{verb} · {database}{number}{name}"


def who_may_approve(view: View) -> Parts:
    """`any full member here except Ana may approve`, `1 of @dbas approves`"""
    operation = view.operation
    required = max(1, operation.required)
    if not operation.approvers:
        if required == 1:
            return ("any full member here except ", view.who, " may approve")
        return (f"{required} full members here except ", view.who, " approve")
    verb = " approves" if required == 1 else " approve"
    return (f"{required} of ", *approvers_on_card(view), verb)


def assumed_line(view: View) -> list[Line]:
    """What was taken for meant, where something was left out."""
    return [Line((view.operation.assumed,))] if view.operation.assumed else []


def asked_again_line(view: View) -> list[Line]:
    """Where it goes on."""
    link = view.story.asked_again_link
    return [Line(("Asked again · ", Link(link)))] if link else []


def who_line(view: View) -> list[Line]:
    """Who asked; while it waits, who may approve and until when; once it was sent, who approved."""
    operation = view.operation
    if operation.state is State.REQUESTED:
        return []
    if operation.state in _NOT_SENT and not view.is_overtaken:
        return [Line(as_asked(view))]
    if operation.state not in BEFORE_SENDING:
        return [Line(people(view))]
    force = " with --force" if operation.force else ""
    asked: Parts = ("Asked by ", view.at_who, force)
    if operation.state is not State.WAITING:
        return [Line(asked)]
    if operation.gate is not Gate.PEER:
        return [Line((*asked, *view.fill(" · waits for {who} to confirm, until {expires}")))]
    until = view.fill(", until {expires} · runs at once when approved")
    return [Line((*asked, " · ", *who_may_approve(view), *until))]


def _approvals(view: View) -> list[Line]:
    """Who approved, and who is still needed."""
    given = view.story.approved_by
    if not given or view.operation.gate is not Gate.PEER:
        return []
    left = max(1, view.operation.required - len(given))
    whom: Parts = (" of ", *approvers_on_card(view)) if view.operation.approvers else (" full member",)
    many = "s" if left > 1 and not view.operation.approvers else ""
    return [Line(("✅ ", *_approved(view, given), f" · still needed: {left} more", *whom, many))]


def _approved(view: View, given: tuple[Decided, ...]) -> Parts:
    if len(given) > 3:
        return (*view.approvers_by_name, " approved")
    return joined([(view.called(one.user), " approved at ", view.at(one.at)) for one in given], ", ")


def _context(view: View, card: Card) -> str:
    """Organization, database, branch; who serves writes, where the card does not say it so; and once it has
    ended, what was assumed: until then that stands where people decide by it.
    """
    said = "Writes: " in card.plain or view.latest is None or view.is_overtaken
    where = view.where if said else f"{view.where} · {writes_now(view)}"
    assumed = view.operation.assumed if view.operation.state in ENDED else None
    return f"{where} · {assumed}" if assumed else where
