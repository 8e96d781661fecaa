"""The card of an operation, in every stage of its life. Pure: the same story gives the same card."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.approvals.terms import Gate
from bot.operations.model import BEFORE_SENDING, ENDED, Decided, State, Story
from bot.slack.cards.blocks.rich import Card, Line, Link, Message, shorten
from bot.slack.cards.operation import ends, trouble
from bot.slack.cards.operation.before import decided_lately, dropped, taken_back
from bot.slack.cards.operation.buttons import buttons, picker, picker_row
from bot.slack.cards.operation.called import approvers_on_card, called_line
from bot.slack.cards.operation.consequences import checks_passed, in_doubt, what_happens
from bot.slack.cards.operation.notices import notice
from bot.slack.cards.operation.past import overtaken
from bot.slack.cards.operation.phrases import Phrases, people
from bot.slack.cards.operation.reason import under_the_title
from bot.slack.cards.operation.serving import writes_now
from bot.slack.cards.operation.status_line import stage_line
from bot.slack.cards.operation.view import Parts, View, joined

TITLE = 60
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


def view_of(story: Story, now: datetime) -> View:
    """What the cards of `story` are written from."""
    called = {user: name for one in story.lately for user, name in one.operation.names.items()}
    return Phrases(story, now, {**called, **story.operation.names})


def operation_card(story: Story, now: datetime) -> Message:
    """The operation as it stands. Editing it notifies nobody; a new post mentions those who are mentioned."""
    view = view_of(story, now)
    state = story.operation.state
    card = Card()
    card.header(title(view))
    if state not in ENDED:
        card.body += under_the_title(view)
    card.line(*stage_line(view))
    if story.operation.assumed:
        card.line(story.operation.assumed)
    if view.is_overtaken:
        card.body += overtaken(view)
    elif state in _ENDS:
        card.body += _ENDS[state](view)
    elif state is State.UNDER_WAY and story.operation.outcome.slow:
        card.body += trouble.slow(view)
    elif state is not State.REQUESTED:
        card.divider()
        _request(card, view)
    card.body += [] if view.is_overtaken else [*taken_back(view), *dropped(view)]
    if story.asked_again_link:
        card.line("Asked again · ", Link(story.asked_again_link))
    card.actions(*buttons(view), *picker(view), block_id=picker_row(view))
    card.context(_context(view, card))
    return card.message(notice(view))


def title(view: View) -> str:
    """Verb, place, name: at most 60 characters, the same for all of the card's life."""
    operation = view.operation
    verb = f"{'Forced: ' if view.forced_over else ''}{view.title}"
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


def _request(card: Card, view: View) -> None:
    """What was asked, until its end."""
    operation = view.operation
    card.body += what_happens(view)
    if operation.state is State.WAITING:
        card.body += decided_lately(view)
        card.body += in_doubt(view)
        card.body += [line for line in (checks_passed(view),) if line]
        card.line(*_asked(view))
        card.body += called_line(view)
        card.body += _approvals(view)
    elif operation.state in BEFORE_SENDING:
        card.line(*_asked(view))
    else:
        card.line(*people(view))


def _asked(view: View) -> Parts:
    operation = view.operation
    force = " with --force" if operation.force else ""
    by: Parts = ("Asked by ", view.at_who, force)
    if operation.gate is not Gate.PEER or operation.state is not State.WAITING:
        return by
    return (*by, " · ", *who_may_approve(view), " · runs at once when approved")


def _approvals(view: View) -> list[Line]:
    """Who approved, and who is still needed."""
    given = view.story.approved_by
    if not given or view.operation.gate is not Gate.PEER:
        return []
    left = max(1, view.operation.required - len(given))
    whom: Parts = (" of ", *approvers_on_card(view)) if view.operation.approvers else (" full member",)
    more = f"{left} more"
    needed = Line(("Still needed: ", more, *whom, "s" if left > 1 and not view.operation.approvers else ""))
    return [Line(("✅ ", *_approved(view, given))), needed]


def _approved(view: View, given: tuple[Decided, ...]) -> Parts:
    if len(given) > 3:
        return (*view.approvers_by_name, " approved")
    return joined([(view.called(one.user), " approved at ", view.at(one.at)) for one in given], ", ")


def _context(view: View, card: Card) -> str:
    """Organization, database, branch; and who serves writes, where the card does not say it so."""
    said = "Writes: " in card.plain or view.latest is None or view.is_overtaken
    return view.where if said else f"{view.where} · {writes_now(view)}"
